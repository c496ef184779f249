// l: a class has as many different values of each sensitive attribute at least. docs/methods/attributes.md

#include <algorithm>

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class DistinctLDiversity final : public Criterion {
public:
    explicit DistinctLDiversity(std::uint64_t l) : l_(l) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return std::all_of(facts.sensitive.begin(), facts.sensitive.end(), [&](const Histogram& h) { return h.present.size() >= l_; });
    }
    [[nodiscard]] bool survives_any_union() const override { return true; }

private:
    std::uint64_t l_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && is_count(parameters[0], 2))) return Error{Code::usage, "l is one whole number from 2", "attributes", "e.g. l = 2"};
    return std::shared_ptr<const Criterion>(new DistinctLDiversity(static_cast<std::uint64_t>(parameters[0])));
}

}  // namespace

extern const CriterionKind distinct_l_diversity_kind;
const CriterionKind distinct_l_diversity_kind = {"distinct_l_diversity", "l different values at least of each sensitive attribute",
    "Machanavajjhala et al., l-Diversity (2007), section 4.1",
    "the quasi-identifiers of a customer leave l values possible at least", false, true, "l = {}", make};

}  // namespace meterveil::attributes
