#pragma once
// A CSV with a header, read by ranks: each takes the lines that start in its part of the file.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ingest/fields.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::ingest {

using Fields = std::vector<std::string>;

/// Nothing that is not text: names of places are joined by control characters on the wire.
inline bool is_plain(const std::string& field) {
    return std::none_of(field.begin(), field.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
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

    /// Calls row(fields) for the rows of part `part` of `parts`; every field of `wanted` is there, plain and not empty, those of `others`
    /// are there and plain.
    template <class Row>
    Result<> for_each_row(std::uint64_t parts, std::uint64_t part, const std::vector<std::size_t>& wanted, Row&& row, const std::vector<std::size_t>& others = {}) const {
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
                const auto is_there = [&](std::size_t c) { return c < fields.size() && is_plain(fields[c]); };
                const bool whole = split(line, delimiter_, fields) && std::all_of(wanted.begin(), wanted.end(), [&](std::size_t c) { return is_there(c) && !fields[c].empty(); }) &&
                                   std::all_of(others.begin(), others.end(), is_there);
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

}  // namespace meterveil::ingest
