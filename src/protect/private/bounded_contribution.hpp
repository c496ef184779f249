#pragma once
// What one unit of privacy can add to a level: bounded per value and as a whole. Integers. Pure. docs/methods/bounded-contribution.md

#include <cstdint>
#include <span>

#include "meterveil/model/ids.hpp"

namespace meterveil::protect {

/// Public figures of the job, never the data's maximum. In the unit of the values.
struct ContributionBounds {
    static constexpr std::int64_t most_clip = std::int64_t{1} << 47, most_norm = std::int64_t{1} << 62;
    std::int64_t clip = 0;  ///< of a value's size, 0 to most_clip
    std::int64_t norm = 0;  ///< of the square root of the sum of squares, 0 to most_norm
};

/// Clamps each value to [-clip, clip]; then, if the norm is above `norm`, multiplies each by norm / (norm as it is, rounded up), toward zero.
/// The order of the values does not matter, and within the bounds nothing changes.
/// @param values of one unit in one level, at most 2^32
/// Example: 3, -4 with a norm of 2: the norm is 5, so they become 1, -1.
void bound_contribution(std::span<std::int64_t> values, const ContributionBounds& bounds);

/// Sum of squares. @param values of a size of at most most_clip
model::uint128 squared_norm(std::span<const std::int64_t> values);

/// The least r with r * r >= square. @param square at most 2^126
std::uint64_t square_root_up(model::uint128 square);

}  // namespace meterveil::protect
