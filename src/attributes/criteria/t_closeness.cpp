// t: the sensitive values of a class are distributed like those of all, up to the distance t. docs/methods/attributes.md

#include <algorithm>

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class TCloseness final : public Criterion {
public:
    explicit TCloseness(double t) : t_(t) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return std::all_of(facts.sensitive.begin(), facts.sensitive.end(), [&](const Histogram& h) {
            const Work distance = distance_from(h, facts.customers);
            return distance.work <= t_ * distance.scale;
        });
    }
    [[nodiscard]] bool survives_any_union() const override { return false; }

private:
    double t_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 1 && parameters[0] > 0 && parameters[0] < 1)) return Error{Code::usage, "t is one number between 0 and 1", "attributes", "e.g. t = 0.3"};
    return std::shared_ptr<const Criterion>(new TCloseness(parameters[0]));
}

}  // namespace

extern const CriterionKind t_closeness_kind;
const CriterionKind t_closeness_kind = {"t_closeness", "each sensitive attribute is distributed as over all customers, up to the distance t",
    "Li, Li, Venkatasubramanian, t-Closeness (2007)",
    "the quasi-identifiers of a customer move what is known of the sensitive value by t at most", false, true, "t = {}", make};

}  // namespace meterveil::attributes
