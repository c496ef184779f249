// delta = [least, most]: what share of the population of a class is in the table. docs/methods/attributes.md

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class DeltaPresence final : public Criterion {
public:
    DeltaPresence(double least, double most) : least_(least), most_(most) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        const auto in = static_cast<double>(facts.customers), of = static_cast<double>(facts.population);
        return in >= least_ * of && in <= most_ * of;
    }
    [[nodiscard]] bool survives_any_union() const override { return false; }
    [[nodiscard]] bool needs_every_class() const override { return least_ > 0; }

private:
    double least_, most_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 2 && parameters[0] >= 0 && parameters[0] < parameters[1] && parameters[1] <= 1)) return Error{Code::usage, "delta is [least, most]: two rising shares from 0 to 1", "attributes", "e.g. delta = [0, 0.5]"};
    return std::shared_ptr<const Criterion>(new DeltaPresence(parameters[0], parameters[1]));
}

}  // namespace

extern const CriterionKind delta_presence_kind;
const CriterionKind delta_presence_kind = {"delta_presence", "the share of a class's population that is in the table lies between two bounds",
    "Nergiz, Atzori, Clifton, Hiding the Presence of Individuals from Shared Databases (SIGMOD 2007)",
    "that somebody is in the table is known with a probability between the bounds only", true, false, "delta = [{}, {}]", make};

}  // namespace meterveil::attributes
