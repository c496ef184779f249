// k: as many customers at least share all quasi-identifiers. docs/methods/attributes.md

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class KAnonymity final : public Criterion {
public:
    explicit KAnonymity(std::uint64_t k) : k_(k) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return facts.customers >= k_;
    }
    [[nodiscard]] bool survives_any_union() const override { return true; }

private:
    std::uint64_t k_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && is_count(parameters[0], 2))) return Error{Code::usage, "k is one whole number from 2", "attributes", "e.g. k = 10"};
    return std::shared_ptr<const Criterion>(new KAnonymity(static_cast<std::uint64_t>(parameters[0])));
}

}  // namespace

extern const CriterionKind k_anonymity_kind;
const CriterionKind k_anonymity_kind = {"k_anonymity", "k customers at least share all quasi-identifiers",
    "Samarati, Sweeney, Protecting privacy when disclosing information (1998)",
    "a customer whose quasi-identifiers are known is one of k rows at least", false, false, "k = {}", make};

}  // namespace meterveil::attributes
