// p_percent = p: what is left of a cell without its two largest is at least p percent of the largest.

#include <fmt/format.h>

#include <cmath>

#include "meterveil/core/contract.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

/// p is held in millionths of the largest contribution, so that the comparison is exact.
class PPercent final : public model::Rule {
public:
    explicit PPercent(double p) : p_(p), millionths_(static_cast<std::uint64_t>(std::llround(p * 1e4))) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override {
        EXPECTS(cell.num_top >= 2);
        const std::int64_t rest = cell.total - cell.top[0] - cell.top[1];
        return rest >= 0 && static_cast<model::uint128>(rest) * 1000000U >= static_cast<model::uint128>(cell.top[0]) * millionths_;
    }
    [[nodiscard]] std::uint32_t num_top() const override { return 2; }
    [[nodiscard]] std::string statement() const override { return fmt::format("p_percent = {}", p_); }

private:
    std::string name_ = "p_percent";
    double p_;
    std::uint64_t millionths_;
};

Result<std::shared_ptr<const model::Rule>> make(std::span<const double> parameters) {
    const bool fits = parameters.size() == 1 && parameters[0] >= 1 && parameters[0] <= 1000;
    if (!fits) return Error{Code::usage, "p_percent takes one number from 1 to 1000, in percent", "rules.p_percent", "e.g. p_percent = 10"};
    return std::shared_ptr<const model::Rule>(new PPercent(parameters[0]));
}

bool is_as_strict(std::span<const double> one, std::span<const double> other) { return one[0] >= other[0]; }

}  // namespace

extern const RuleKind p_percent_kind;
const RuleKind p_percent_kind = {"p_percent", "all but the two largest subjects have at least p percent of the largest",
                                 "p% rule; Hundepool et al., Statistical Disclosure Control (2012), section 4.2",
                                 "a subject that subtracts its own energy from a published sum overestimates every other by p percent or more", make, is_as_strict};

}  // namespace meterveil::protect
