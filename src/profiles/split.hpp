#pragma once
// A stratum that is too large for exact groups, cut in halves at medians. What a cut is decided from adds up over parts of the rows.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "profiles/shapes.hpp"

namespace meterveil::profiles {

/// Sums of rows, enough to tell along which value they spread most. Parts add up to the whole, in any order.
struct Moments {
    explicit Moments(std::size_t num_values) : sums(num_values, 0), squares(num_values, 0) {}
    void add(std::span<const std::int16_t> row);
    void merge(const Moments& other);
    /// The value of largest variance, the first of equal ones. Exact.
    [[nodiscard]] std::size_t widest() const;

    std::uint64_t count = 0;
    std::vector<std::uint64_t> sums, squares;  ///< [value]
};

/// How often each number is there, of one value of the rows.
using Histogram = std::array<std::uint64_t, max_shape_value + 1>;

/// Which rows are the lower half: those below `at`, and the first `num_low_at` of those that are `at`, in the order of rows.
struct Cut {
    std::int16_t at = 0;
    std::uint64_t num_low_at = 0;
    bool operator==(const Cut&) const = default;
};
/// The lower half has half of the rows, rounded down.
Cut median_cut(const Histogram& histogram);

/// Leaves of at most `max_rows` and, if there are so many rows, at least max_rows / 2 rows each. Pure, local.
/// Where rows are equal in the value that is cut, the lower rows are in the lower half.
/// @return rows of each leaf, ascending; every row is in one leaf
std::vector<std::vector<std::uint32_t>> split(const Shapes& shapes, std::size_t max_rows);

}  // namespace meterveil::profiles
