// Attributes of customers: each rank reads its part of the lines.

#include "ingest/run_table.hpp"
#include "meterveil/ingest/run.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::ingest {
namespace {

Result<model::RawCustomers> read_rows(const CustomerOptions& options, std::uint64_t parts, std::uint64_t part) {
    TRY(const Table table, Table::open(options.path));
    model::RawCustomers customers;
    customers.are_meters = options.subject_column.empty();
    TRY(const std::size_t subject, table.column(customers.are_meters ? options.meter_column : options.subject_column));
    std::vector<std::size_t> columns;
    for (const model::Attribute& attribute : options.attributes) {
        TRY(const std::size_t column, table.column(attribute.name));
        columns.push_back(column);
    }
    model::AttributeEncoder encoder(options.attributes);
    TRY_DO(table.for_each_row(parts, part, {subject}, [&](const Fields& fields) {
        customers.subjects.push_back(fields[subject]);
        for (const std::size_t c : columns) encoder.add(fields[c]);
    }, columns));
    customers.rows = encoder.take();
    return customers;
}

}  // namespace

Result<model::RawCustomers> read_customers(par::Comm& comm, const CustomerOptions& options) {
    return par::agree_on(comm, [&] { return read_rows(options, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank())); });
}

}  // namespace meterveil::ingest
