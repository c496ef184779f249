// Topology and customers: each rank reads its part of the lines.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ingest/run_table.hpp"
#include "meterveil/core/nearest.hpp"
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

/// Reads subject, class and crossing of each meter, as far as the job names their columns.
Result<> read_holders(const TableOptions& options, const par::Comm& comm, model::RawTables& tables) {
    TRY(const Table table, Table::open(options.customers_path));
    std::vector<std::size_t> wanted(1);
    TRY(wanted[0], table.column(options.customers_meter_column));
    std::optional<std::size_t> class_column, crossing_column;
    std::vector<std::size_t> others;  // that may be empty
    if (tables.has_subjects) {
        TRY(const std::size_t column, table.column(options.subject_column));
        wanted.push_back(column);
    }
    if (!options.classes.empty()) {
        TRY(class_column, table.column(options.class_column));
        others.push_back(*class_column);
    }
    if (!options.crossing_column.empty()) {
        TRY(crossing_column, table.column(options.crossing_column));
        others.push_back(*crossing_column);
    }
    const auto class_of = [&](const Fields& fields) {  // an empty field is no class that a rule names
        if (!class_column) return tables.other_class;
        return static_cast<std::uint32_t>(std::find(options.classes.begin(), options.classes.end(), fields[*class_column]) - options.classes.begin());
    };
    return table.for_each_row(static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()), wanted, [&](const Fields& fields) {
        tables.holders.push_back({fields[wanted[0]], tables.has_subjects ? fields[wanted[1]] : "", class_of(fields), crossing_column ? fields[*crossing_column] : ""});
    }, others);
}

/// Collective. A class that is misspelled would leave its subjects to the rules of all others.
Result<> check_classes(par::Comm& comm, const TableOptions& options, const model::RawTables& tables) {
    std::vector<std::int64_t> rows(options.classes.size() + 1, 0);
    for (const auto& holder : tables.holders) ++rows[holder.subject_class];
    comm.sum(rows);
    for (std::size_t c = 0; c < options.classes.size(); ++c)
        if (rows[c] == 0)
            return Error{Code::input, fmt::format("no row has '{}' in the column '{}', and the rules name that class", options.classes[c], options.class_column), options.customers_path,
                         "name the classes of [[release]] rules as the table does"};
    return {};
}

}  // namespace

Result<model::RawTables> read_tables(par::Comm& comm, const TableOptions& options) {
    TRY(auto read, par::agree_on(comm, [&]() -> Result<model::RawTables> {
            model::RawTables tables;
            tables.levels = options.levels;
            tables.has_subjects = !options.customers_path.empty() && !options.subject_column.empty();
            tables.other_class = static_cast<std::uint32_t>(options.classes.size());
            TRY_DO(read_places(options, comm, tables));
            tables.crossing = options.crossing_column;
            if (tables.has_subjects || !options.classes.empty() || !options.crossing_column.empty()) TRY_DO(read_holders(options, comm, tables));
            return tables;
        }));
    TRY_DO(check_classes(comm, options, read));
    return read;
}

}  // namespace meterveil::ingest
