#include "protect/private/budget.hpp"

#include "meterveil/core/contract.hpp"

namespace meterveil::protect {
namespace {

Result<> check_positive(const Fraction& number, const char* name) {
    if (number > 0) return {};
    return Error{Code::usage, std::string(name) + " is " + number.str() + ", which is not above 0", "",
                 "noise of no budget would drown everything: leave the level out"};
}

}  // namespace

Fraction composed(std::span<const Fraction> budgets) {
    Fraction sum = 0;
    for (const Fraction& budget : budgets) sum += budget;
    return sum;
}

Result<std::vector<Fraction>> share_budget(const Fraction& rho, std::span<const Fraction> weights) {
    TRY_DO(check_positive(rho, "rho"));
    if (weights.empty()) return Error{Code::usage, "there is no level to spend rho on", "", "name a level"};
    for (const Fraction& weight : weights) TRY_DO(check_positive(weight, "the weight of a level"));
    const Fraction total = composed(weights);
    std::vector<Fraction> budgets;
    for (const Fraction& weight : weights) budgets.emplace_back(rho * weight / total);
    return budgets;
}

Result<> check_shares(const Fraction& rho, std::span<const Fraction> budgets) {
    TRY_DO(check_positive(rho, "rho"));
    for (const Fraction& budget : budgets) TRY_DO(check_positive(budget, "the budget of a level"));
    const Fraction sum = composed(budgets);
    if (sum == rho) return {};
    return Error{Code::usage, "the budgets of the levels add up to " + sum.str() + ", not to rho = " + rho.str(), "",
                 "give budgets that add up to rho"};
}

Fraction noise_variance(std::int64_t norm, const Fraction& budget) {
    EXPECTS(norm > 0 && budget > 0);
    return Fraction(Integer(norm) * norm) / (2 * budget);
}

}  // namespace meterveil::protect
