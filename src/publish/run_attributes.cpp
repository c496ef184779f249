#include <fmt/format.h>

#include "meterveil/par/agree.hpp"
#include "publish/rows.hpp"
#include "publish/run_tables.hpp"

namespace meterveil::publish {
namespace {

/// A line for each customer: equal rows stand together, in the order of their text.
std::string lines_of(const model::ReleasedAttributes& table, IndexRange rows) {
    std::string text;
    for (std::uint64_t r = rows.first; r < rows.last; ++r) {
        std::string line;
        for (std::size_t a = 0; a < table.attributes.size(); ++a) line += (a == 0 ? "" : ",") + quoted(table.label(r, a));
        line += '\n';
        for (std::uint64_t i = 0; i < table.customers[r]; ++i) text += line;
    }
    return text;
}

}  // namespace

std::string attributes_header(const std::vector<model::Attribute>& attributes) {
    std::string header;
    for (const auto& attribute : attributes) header += (header.empty() ? "" : ",") + quoted(attribute.name);
    return header + "\n";
}

Result<> write_attributes(par::Comm& comm, const model::ReleasedAttributes& table, const io::Path& folder) {
    TRY(const std::string text, par::agree_on(comm, [&]() -> Result<std::string> {
            const IndexRange rows = block_of(table.num_rows(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
            return (comm.rank() == 0 ? attributes_header(table.attributes) : "") + lines_of(table, rows);
        }));
    return write_in_order(comm, folder / "attributes.csv", text);
}

}  // namespace meterveil::publish
