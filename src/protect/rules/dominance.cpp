// dominance = [n, q]: the n largest contributions are at most the share q of the cell.

#include <fmt/format.h>

#include <cmath>

#include "meterveil/core/contract.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

/// The share is held as millionths, so that the comparison is exact.
class Dominance final : public model::Rule {
public:
    Dominance(std::uint32_t n, double q) : n_(n), q_(q), millionths_(static_cast<std::int64_t>(std::llround(q * 1e6))) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override {
        EXPECTS(cell.num_top >= n_);
        model::uint128 largest = 0;
        for (std::uint32_t i = 0; i < n_; ++i) largest += static_cast<model::uint128>(cell.top[i]);
        return largest * 1000000U <= static_cast<model::uint128>(cell.total) * static_cast<model::uint128>(millionths_);
    }
    [[nodiscard]] std::uint32_t num_top() const override { return n_; }
    [[nodiscard]] std::string statement() const override { return fmt::format("dominance = [{}, {}]", n_, q_); }

private:
    std::string name_ = "dominance";
    std::uint32_t n_;
    double q_;
    std::int64_t millionths_;
};

Result<std::shared_ptr<const model::Rule>> make(std::span<const double> parameters) {
    const bool fits = parameters.size() == 2 && parameters[0] >= 1 && parameters[0] <= 16 && parameters[0] == std::floor(parameters[0]) &&
                      parameters[1] > 0 && parameters[1] < 1;
    if (!fits)
        return Error{Code::usage, "dominance takes [n, q]: n from 1 to 16 subjects, and a share q between 0 and 1", "rules.dominance", "e.g. dominance = [1, 0.25]"};
    return std::shared_ptr<const model::Rule>(new Dominance(static_cast<std::uint32_t>(parameters[0]), parameters[1]));
}

/// More subjects may together have no more.
bool is_as_strict(std::span<const double> one, std::span<const double> other) { return one[0] >= other[0] && one[1] <= other[1]; }

}  // namespace

extern const RuleKind dominance_kind;
const RuleKind dominance_kind = {"dominance", "the n largest subjects have at most the share q",
                                 "(n, k) dominance rule; Hundepool et al., Statistical Disclosure Control (2012), section 4.2",
                                 "no n subjects make up more than the share q of a published sum", make, is_as_strict};

}  // namespace meterveil::protect
