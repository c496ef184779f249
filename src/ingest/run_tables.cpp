// Topology and customers: each rank reads its part of the lines.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ingest/fields.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/ingest/run.hpp"
#include "meterveil/io/text_source.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::ingest {
namespace {

using Fields = std::vector<std::string>;

/// Not empty, and nothing that is not text: names of places are joined by control characters on the wire.
bool is_plain(const std::string& field) {
    return !field.empty() && std::none_of(field.begin(), field.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

/// The rows of a table whose lines start in this rank's part of the file.
class Table {
public:
    static Result<Table> open(const std::string& path) {
        TRY(const std::string head, io::head_of(path));
        if (head.find('\0') != std::string::npos) return Error{Code::input, "the file is binary, not text", path, "a CSV with a header is wanted"};
        Table table;
        table.path_ = path;
        table.delimiter_ = delimiter_of(first_line(head));
        split(first_line(head), table.delimiter_, table.names_);
        return table;
    }

    Result<std::size_t> column(const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
        return Error{Code::input, fmt::format("no column '{}'{}", name, did_you_mean(name, names_)), path_, "name the columns as the header does"};
    }

    /// Calls row(fields) -> Result<> for the rows of part `part` of `parts`; every field of `wanted` is there and plain.
    template <class Row>
    Result<> for_each_row(std::uint64_t parts, std::uint64_t part, const std::vector<std::size_t>& wanted, Row&& row) const {
        TRY(const io::Compression compression, io::compression_of(path_));
        if (compression != io::Compression::none && part != 0) return {};
        TRY(const io::File file, io::File::open(path_, io::File::Mode::read));
        TRY(const std::uint64_t size, file.size());
        const IndexRange range = compression == io::Compression::none ? block_of(size, parts, part) : IndexRange{0, UINT64_MAX};
        TRY(const auto source, io::TextSource::open(path_, range, {}));
        Fields fields;
        for (io::TextBlock block;;) {
            TRY(const bool more, source->next(block));
            if (!more) return {};
            Result<> outcome;
            bool header = block.is_first;
            for_each_line(block.text, [&](std::string_view line, std::size_t offset) {
                if (std::exchange(header, false) || !outcome.ok()) return;
                const bool whole = split(line, delimiter_, fields) && std::all_of(wanted.begin(), wanted.end(), [&](std::size_t c) { return c < fields.size() && is_plain(fields[c]); });
                if (whole) row(fields);
                else outcome = Error{Code::input, "a row lacks a field, or has an empty one or one with a control character", fmt::format("{}, byte {}", path_, block.offset + offset), "complete the row, or take it out"};
            });
            TRY_DO(std::move(outcome));
        }
    }

private:
    std::string path_;
    char delimiter_ = ',';
    Fields names_;
};

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

/// Reads subject and class of each meter, as far as the job names their columns.
Result<> read_holders(const TableOptions& options, const par::Comm& comm, model::RawTables& tables) {
    TRY(const Table table, Table::open(options.customers_path));
    std::vector<std::size_t> wanted(1);
    TRY(wanted[0], table.column(options.customers_meter_column));
    std::optional<std::size_t> class_column;
    if (tables.has_subjects) {
        TRY(const std::size_t column, table.column(options.subject_column));
        wanted.push_back(column);
    }
    if (!options.classes.empty()) {
        TRY(class_column, table.column(options.class_column));
    }
    const auto class_of = [&](const Fields& fields) {  // an empty field is no class that a rule names
        if (!class_column || *class_column >= fields.size()) return tables.other_class;
        return static_cast<std::uint32_t>(std::find(options.classes.begin(), options.classes.end(), fields[*class_column]) - options.classes.begin());
    };
    return table.for_each_row(static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()), wanted, [&](const Fields& fields) {
        tables.holders.push_back({fields[wanted[0]], tables.has_subjects ? fields[wanted[1]] : "", class_of(fields)});
    });
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
            if (tables.has_subjects || !options.classes.empty()) TRY_DO(read_holders(options, comm, tables));
            return tables;
        }));
    TRY_DO(check_classes(comm, options, read));
    return read;
}

}  // namespace meterveil::ingest
