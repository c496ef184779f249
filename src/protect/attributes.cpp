// Attributes of households pass the wall as sums do: proven again, by other means than they were made.

#include "meterveil/model/attribute_proof.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/protect/run.hpp"
#include "protect/mint.hpp"

namespace meterveil::protect {
namespace {

Error refused(const std::string& why) { return {Code::privacy, "the attributes are refused: " + why, "", "nothing was published; please report this"}; }

Result<> prove(const model::ReleasedAttributes& table, const model::AttributeEvidence& evidence) {
    if (table.claims.criteria.empty()) return refused("they claim no criterion");
    model::AttributeProof proof(table.attributes);
    std::vector<std::string> row(table.attributes.size());
    for (std::size_t r = 0; r < table.num_rows(); ++r) {
        for (std::size_t a = 0; a < row.size(); ++a) row[a] = table.label(r, a);
        proof.add(row, table.customers[r]);
    }
    if (proof.num_rows() == 0 || proof.num_rows() + evidence.suppressed != evidence.customers) return refused("customers were lost or counted twice");
    if (const auto failure = proof.first_failure(table.claims)) return refused(*failure);
    return {};
}

}  // namespace

Result<> add_attributes(par::Comm& comm, Certified& certified, model::ReleasedAttributes attributes, model::AttributeEvidence evidence) {
    TRY_DO(par::agree_on(comm, [&] { return prove(attributes, evidence); }));
    Mint::add(certified.release, std::move(attributes));
    certified.evidence.attributes = std::move(evidence);
    return {};
}

}  // namespace meterveil::protect
