#pragma once
// Forecasts that add up over the tree. Pure. docs/methods/reconciliation.md

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::forecast {

/// The units as a forest, a parent before its children.
struct Tree {
    std::vector<std::uint32_t> parent;  ///< model::no_id: none
    std::vector<double> variance;       ///< of a unit's own forecast, relative
    [[nodiscard]] std::size_t size() const { return parent.size(); }
};

/// Weighted least squares: the values nearest to `forecasts` that add up, in O(units). Negative leaves are held at
/// zero and the rest solved again; then rounded: leaves half to even, parents as the sum of their children.
/// @param forecasts [unit] @return [unit], whole
std::vector<std::int64_t> reconcile(const Tree& tree, std::span<const double> forecasts);

/// The first part alone, before rounding and without the bound at zero. @param fixed [unit] true: a leaf held at zero
std::vector<double> weighted_least_squares(const Tree& tree, std::span<const double> forecasts, const std::vector<bool>& fixed);

}  // namespace meterveil::forecast
