#pragma once
// Noisy sums that add up over the tree: least squares with known variances, in O(nodes) a cell. Pure. docs/methods/consistent-tree.md

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::protect {

/// A forest and the variances of its measurements, ready to fit one cell after another.
class ConsistentTree {
public:
    static constexpr std::int64_t most_measured = std::int64_t{1} << 40;
    /// @param parent [node] model::no_id: none; a parent is before its children
    /// @param variance [node] of its measurement, > 0; infinite: it was not measured
    ConsistentTree(std::vector<std::uint32_t> parent, std::span<const double> variance);

    /// The best linear unbiased estimates that add up. @param measured [node], of a size of at most most_measured; of nodes without a measurement
    /// anything @return [node], whole: childless nodes are rounded half to even, parents are the sum of their children
    [[nodiscard]] std::vector<std::int64_t> fit(std::span<const std::int64_t> measured) const;
    /// The same before rounding.
    [[nodiscard]] std::vector<double> estimates(std::span<const std::int64_t> measured) const;
    /// [node] of the estimates; infinite where no measurement tells. The same in every cell.
    [[nodiscard]] const std::vector<double>& variance() const { return fitted_variance_; }
    [[nodiscard]] std::size_t size() const { return parent_.size(); }

private:
    [[nodiscard]] std::vector<std::int64_t> solve(std::span<const std::int64_t> measured) const;

    std::vector<std::uint32_t> parent_;
    std::vector<bool> is_childless_, is_measured_;
    std::vector<double> own_share_;       ///< [node] how far a parent's estimate from below moves to its own measurement
    std::vector<double> surprise_share_;  ///< [node] of what a parent's estimate differs from the sum of its children's
    std::vector<double> fitted_variance_;
};

}  // namespace meterveil::protect
