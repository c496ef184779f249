// beta: no sensitive value is more frequent in a class than 1 + beta times its share of all. docs/methods/attributes.md

#include <algorithm>

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class BetaLikeness final : public Criterion {
public:
    explicit BetaLikeness(double beta) : beta_(beta) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return std::all_of(facts.sensitive.begin(), facts.sensitive.end(), [&](const Histogram& h) {
            return std::all_of(h.present.begin(), h.present.end(), [&](std::uint32_t value) {  // (p - q) / q <= beta, times q n N
                const auto p = static_cast<double>(h.counts[value] * h.reference->total), q = static_cast<double>(h.reference->counts[value] * facts.customers);
                return p - q <= beta_ * q;
            });
        });
    }
    [[nodiscard]] bool survives_any_union() const override { return false; }

private:
    double beta_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && parameters[0] > 0 && parameters[0] <= 1e9)) return Error{Code::usage, "beta is one number above 0", "attributes", "e.g. beta = 1.5"};
    return std::shared_ptr<const Criterion>(new BetaLikeness(parameters[0]));
}

}  // namespace

extern const CriterionKind beta_likeness_kind;
const CriterionKind beta_likeness_kind = {"beta_likeness", "no sensitive value gains more than beta on its share of all customers",
    "Cao, Karras, Publishing Microdata with a Robust Privacy Guarantee (VLDB 2012), definition 2 (basic)",
    "the quasi-identifiers of a customer make no sensitive value more than 1 + beta times as likely", false, true, "beta = {}", make};

}  // namespace meterveil::attributes
