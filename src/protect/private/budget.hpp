#pragma once
// How much privacy loss a release may spend, and how levels share it: exact fractions, so that shares add up to the whole.
// Pure. docs/methods/privacy-accounting.md

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/core/result.hpp"
#include "protect/private/exact.hpp"

namespace meterveil::protect {

/// rho in proportion to the weights; equal weights share it equally.
/// @param rho of zero-concentrated differential privacy, > 0 @param weights [level], each > 0
/// @return [level] budgets that add up to rho exactly
/// @errors usage: no level; a weight or rho that is not above 0
/// Example: rho 1 and weights 1, 1, 4 give 1/6, 1/6, 2/3.
Result<std::vector<Fraction>> share_budget(const Fraction& rho, std::span<const Fraction> weights);

/// Whether given budgets are a sharing of rho. @errors usage: a budget that is not above 0; another sum, which it tells
Result<> check_shares(const Fraction& rho, std::span<const Fraction> budgets);

/// The variance of the noise that spends `budget` on sums to which a unit adds a vector of at most this norm: norm^2 / (2 budget).
/// @param norm > 0 @param budget > 0
/// Example: norm 10,000 Wh and budget 1/4: 200,000,000 Wh^2, a standard deviation of 14.1 kWh.
Fraction noise_variance(std::int64_t norm, const Fraction& budget);

/// What several releases of the same units spend together: the sum. They may depend on each other.
Fraction composed(std::span<const Fraction> budgets);

}  // namespace meterveil::protect
