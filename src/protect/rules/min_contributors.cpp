// min_contributors = k: a cell has at least k subjects that contribute to it. A contribution is not zero (CellFacts).

#include <fmt/format.h>

#include <cmath>

#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

class MinContributors final : public model::Rule {
public:
    explicit MinContributors(std::uint64_t k) : k_(k) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return cell.contributors >= k_; }
    [[nodiscard]] std::uint32_t num_top() const override { return 0; }
    [[nodiscard]] std::string statement() const override { return fmt::format("min_contributors = {}", k_); }

private:
    std::string name_ = "min_contributors";
    std::uint64_t k_;
};

Result<std::shared_ptr<const model::Rule>> make(std::span<const double> parameters) {
    const bool fits = parameters.size() == 1 && parameters[0] >= 2 && parameters[0] <= 1e6 && parameters[0] == std::floor(parameters[0]);
    if (!fits) return Error{Code::usage, "min_contributors takes one whole number from 2 to 1,000,000", "rules.min_contributors", "e.g. min_contributors = 10"};
    return std::shared_ptr<const model::Rule>(new MinContributors(static_cast<std::uint64_t>(parameters[0])));
}

bool is_as_strict(std::span<const double> one, std::span<const double> other) { return one[0] >= other[0]; }

}  // namespace

extern const RuleKind min_contributors_kind;
const RuleKind min_contributors_kind = {
    "min_contributors", "at least k subjects contribute", "threshold rule; Hundepool et al., Statistical Disclosure Control (2012), section 4.2",
    "no published sum is over fewer than k subjects", make, is_as_strict};

}  // namespace meterveil::protect
