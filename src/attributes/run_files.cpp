// The files that a release of attributes may name: hierarchies and a population.

#include <fmt/format.h>

#include <algorithm>

#include "attributes/csv.hpp"
#include "attributes/run_parts.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/text_source.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::attributes {
namespace {

std::string_view header_of(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    text = text.substr(0, text.find('\n'));
    return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

/// Where the columns of the attributes stand.
Result<std::vector<std::size_t>> columns_of(const std::string& file, const std::string& head, const std::vector<model::Attribute>& attributes) {
    std::vector<std::string> names;
    split(header_of(head), delimiter_of(head), names);
    std::vector<std::size_t> columns;
    for (const model::Attribute& attribute : attributes) {
        const auto found = std::find(names.begin(), names.end(), attribute.name);
        if (found == names.end())
            return Error{Code::input, fmt::format("no column '{}'{}", attribute.name, did_you_mean(attribute.name, names)), file, "a population has the quasi-identifiers of the customers"};
        columns.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    return columns;
}

Result<model::AttributeRows> read_rows(const std::string& file, const std::vector<model::Attribute>& attributes, std::uint64_t parts, std::uint64_t part) {
    TRY(const std::string head, io::head_of(file));
    TRY(const auto columns, columns_of(file, head, attributes));
    TRY(const io::Compression compression, io::compression_of(file));
    model::AttributeEncoder encoder(attributes);
    if (compression != io::Compression::none && part != 0) return encoder.take();
    TRY(const io::File plain, io::File::open(file, io::File::Mode::read));
    TRY(const std::uint64_t size, plain.size());
    TRY(const auto source, io::TextSource::open(file, compression == io::Compression::none ? block_of(size, parts, part) : IndexRange{0, UINT64_MAX}, {}));
    std::vector<std::string> fields;
    for (io::TextBlock block;;) {
        TRY(const bool more, source->next(block));
        if (!more) return encoder.take();
        bool header = block.is_first;
        for (std::size_t begin = 0; begin < block.text.size();) {
            const std::size_t end = std::min(block.text.find('\n', begin), block.text.size());
            const std::string_view line = header_of(block.text.substr(begin, end - begin));
            const std::size_t offset = std::exchange(begin, end + 1);
            if (std::exchange(header, false) || line.empty()) continue;
            const auto is_there = [&](std::size_t c) { return c < fields.size() && is_plain(fields[c]); };
            if (!split(line, delimiter_of(head), fields) || !std::all_of(columns.begin(), columns.end(), is_there))
                return Error{Code::input, "a row lacks a field, or has one with a control character", fmt::format("{}, byte {}", file, block.offset + offset),
                             "complete the row, or take it out"};
            for (const std::size_t c : columns) encoder.add(fields[c]);
        }
    }
}

}  // namespace

Result<Paths> read_paths(par::Comm& comm, const std::string& file) {
    TRY(const std::string text, par::agree_on(comm, [&]() -> Result<std::string> {
            if (comm.rank() == 0) return io::read_text(file, PathLimits{}.max_bytes);
            return std::string();
        }));
    const std::string shared = par::broadcast(comm, text);
    return par::agree_on(comm, [&]() -> Result<Paths> {
        auto paths = parse_paths(shared);
        if (!paths.ok()) paths.error().where = fmt::format("{}, {}", file, paths.error().where);
        return paths;
    });
}

Result<model::AttributeRows> read_population(par::Comm& comm, const std::string& file, const std::vector<model::Attribute>& attributes) {
    return par::agree_on(comm, [&] { return read_rows(file, attributes, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank())); });
}

}  // namespace meterveil::attributes
