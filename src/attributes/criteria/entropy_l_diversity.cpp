// entropy_l: the entropy of each sensitive attribute is at least log(l). docs/methods/attributes.md

#include <algorithm>
#include <cmath>

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

constexpr double rounding = 1e-12;  // l values of one frequency have an entropy of log(l)

class EntropyLDiversity final : public Criterion {
public:
    explicit EntropyLDiversity(double l) : l_(l) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        const auto n = static_cast<double>(facts.customers);
        return std::all_of(facts.sensitive.begin(), facts.sensitive.end(), [&](const Histogram& h) {
            double sum = 0;  // n times the entropy is n log n less the sum of c log c
            for (const std::uint32_t value : h.present) sum += static_cast<double>(h.counts[value]) * std::log(static_cast<double>(h.counts[value]));
            return n * std::log(n) - sum >= n * (std::log(l_) - rounding);
        });
    }
    [[nodiscard]] bool survives_any_union() const override { return false; }

private:
    double l_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && parameters[0] > 1 && parameters[0] <= 1e9)) return Error{Code::usage, "entropy_l is one number above 1", "attributes", "e.g. entropy_l = 2.5"};
    return std::shared_ptr<const Criterion>(new EntropyLDiversity(parameters[0]));
}

}  // namespace

extern const CriterionKind entropy_l_diversity_kind;
const CriterionKind entropy_l_diversity_kind = {"entropy_l_diversity", "the entropy of each sensitive attribute is that of l equally frequent values at least",
    "Machanavajjhala et al., l-Diversity (2007), definition 4.1",
    "the sensitive values of a class are as uncertain as l equally frequent ones", false, true, "entropy_l = {}", make};

}  // namespace meterveil::attributes
