// diversity = d: the largest contribution is at least (1 + d) times the smallest.

#include <fmt/format.h>

#include <cmath>

#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

/// d is held in millionths, so that the comparison is exact.
class Diversity final : public model::Rule {
public:
    explicit Diversity(double d) : d_(d), millionths_(static_cast<std::uint64_t>(std::llround(d * 1e6))) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    /// A cell of which nobody lies wholly in the set has no smallest that would stay the smallest in a union: it fails.
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override {
        if (cell.contributors == 0) return true;
        return cell.least > 0 && static_cast<model::uint128>(cell.top[0]) * 1000000U >= static_cast<model::uint128>(cell.least) * (1000000U + millionths_);
    }
    [[nodiscard]] std::uint32_t num_top() const override { return 1; }
    [[nodiscard]] std::string statement() const override { return fmt::format("diversity = {}", d_); }

private:
    std::string name_ = "diversity";
    double d_;
    std::uint64_t millionths_;
};

Result<std::shared_ptr<const model::Rule>> make(std::span<const double> parameters) {
    const bool fits = parameters.size() == 1 && parameters[0] >= 0.01 && parameters[0] <= 100;
    if (!fits) return Error{Code::usage, "diversity takes one number from 0.01 to 100", "rules.diversity", "e.g. diversity = 0.5"};
    return std::shared_ptr<const model::Rule>(new Diversity(parameters[0]));
}

bool is_as_strict(std::span<const double> one, std::span<const double> other) { return one[0] >= other[0]; }

}  // namespace

extern const RuleKind diversity_kind;
const RuleKind diversity_kind = {"diversity", "the largest subject has at least 1 + d times the smallest",
                                 "after the homogeneity attack; Machanavajjhala et al., l-Diversity (2007), section 2; the form is this project's own",
                                 "some member of a published sum is at least d / (2 + d) of the mean away from the mean", make, is_as_strict};

}  // namespace meterveil::protect
