// k_map: as many persons of the population at least share all quasi-identifiers. docs/methods/attributes.md

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class KMap final : public Criterion {
public:
    explicit KMap(std::uint64_t k) : k_(k) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return facts.population >= k_;
    }
    [[nodiscard]] bool survives_any_union() const override { return true; }

private:
    std::uint64_t k_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && is_count(parameters[0], 2))) return Error{Code::usage, "k_map is one whole number from 2", "attributes", "e.g. k_map = 20"};
    return std::shared_ptr<const Criterion>(new KMap(static_cast<std::uint64_t>(parameters[0])));
}

}  // namespace

extern const CriterionKind k_map_kind;
const CriterionKind k_map_kind = {"k_map", "k persons of the population at least share all quasi-identifiers",
    "Sweeney, Computational Disclosure Control (2001), section 4.3",
    "a row may be of any of k persons of the population at least", true, false, "k_map = {}", make};

}  // namespace meterveil::attributes
