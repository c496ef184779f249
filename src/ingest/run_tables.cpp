// Topology and customers: each rank reads its part of the lines.

#include "ingest/run_table.hpp"
#include "meterveil/ingest/run.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::ingest {
namespace {

Result<> read_places(const TableOptions& options, const par::Comm& comm, model::RawTables& tables) {
    TRY(const Table table, Table::open(options.topology_path));
    std::vector<std::size_t> columns(1);
    TRY(columns[0], table.column("meter_id"));
    for (const std::string& level : options.levels) {
        TRY(const std::size_t column, table.column(level));
        columns.push_back(column);
    }
    return table.for_each_row(static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()), columns, [&](const Fields& fields) {
        auto& place = tables.places.emplace_back();
        place.meter = fields[columns[0]];
        for (std::size_t i = 1; i < columns.size(); ++i) place.path.push_back(fields[columns[i]]);
    });
}

Result<> read_holders(const TableOptions& options, const par::Comm& comm, model::RawTables& tables) {
    TRY(const Table table, Table::open(options.customers_path));
    std::vector<std::size_t> columns(2);
    TRY(columns[0], table.column(options.customers_meter_column));
    TRY(columns[1], table.column(options.subject_column));
    return table.for_each_row(static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()), columns,
                              [&](const Fields& fields) { tables.holders.push_back({fields[columns[0]], fields[columns[1]]}); });
}

}  // namespace

Result<model::RawTables> read_tables(par::Comm& comm, const TableOptions& options) {
    return par::agree_on(comm, [&]() -> Result<model::RawTables> {
        model::RawTables tables;
        tables.levels = options.levels;
        tables.has_subjects = !options.customers_path.empty() && !options.subject_column.empty();
        TRY_DO(read_places(options, comm, tables));
        if (tables.has_subjects) TRY_DO(read_holders(options, comm, tables));
        return tables;
    });
}

}  // namespace meterveil::ingest
