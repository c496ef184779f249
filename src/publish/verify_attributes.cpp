// attributes.csv against what the manifest says of it. The criteria are proven from its rows, by code that no search uses.

#include "meterveil/io/text_source.hpp"
#include "meterveil/model/attribute_proof.hpp"
#include "publish/rows.hpp"
#include "publish/run_tables.hpp"
#include "publish/verify_parts.hpp"

namespace meterveil::publish {
namespace {

/// Every row of the file to row(fields), with its end cut off; the first line is the header.
template <class Row>
Result<> for_each_line(const io::Path& path, Row&& row) {
    TRY(const auto source, io::TextSource::open(path));
    for (io::TextBlock block;;) {
        TRY(const bool more, source->next(block));
        if (!more) return {};
        for (std::size_t begin = 0; begin < block.text.size();) {
            const std::size_t end = std::min(block.text.find('\n', begin), block.text.size());
            row(block.text.substr(begin, end - begin), block.offset + begin == 0);
            begin = end + 1;
        }
    }
}

}  // namespace

Check check_attributes(const io::Path& folder, const AttributeTerms& terms) {
    Probe probe("attributes");
    model::AttributeProof proof(terms.attributes);
    std::vector<std::string> before;
    const auto read = for_each_line(folder / "attributes.csv", [&](std::string_view line, bool is_header) {
        if (is_header) return probe.require(std::string(line) + "\n" == attributes_header(terms.attributes), "attributes.csv has other columns than the manifest says");
        auto fields = fields_of(line);
        if (fields.size() != terms.attributes.size()) return probe.fail("attributes.csv has a row with more or fewer fields than columns");
        probe.require(before <= fields, "the rows of attributes.csv are not sorted: their order could tell something");
        proof.add(fields);
        before = std::move(fields);
    });
    probe.require(read);
    probe.require(proof.num_rows() > 0, "attributes.csv has no row");
    if (const auto failure = proof.first_failure(terms.claims)) probe.fail("attributes.csv: " + *failure);
    std::size_t proven = 0;
    for (const auto& claim : terms.claims.criteria) proven += model::AttributeProof::can_be_proven(claim) ? 1 : 0;
    probe.covered(proven);
    const bool all = proven == terms.claims.criteria.size();
    return probe.done(all ? "criteria proven of every class of customers" : "criteria proven of every class of customers; those of a population cannot be, without it");
}

}  // namespace meterveil::publish
