#pragma once
// Rows laid out for passes over all of them: blocks of 32 rows, value by value, so that a cache line has one value of a block.

#include <cstdint>
#include <span>
#include <vector>

#include "profiles/shapes.hpp"

namespace meterveil::profiles {

inline constexpr std::size_t block_rows = 32;  ///< of two bytes each: a cache line

/// A row and how far it is. Ordered by distance, then by row.
class Near {
public:
    Near() = default;
    Near(std::uint32_t distance, std::uint32_t row) : key_(std::uint64_t{distance} << 32 | row) {}
    [[nodiscard]] std::uint32_t distance() const { return static_cast<std::uint32_t>(key_ >> 32); }
    [[nodiscard]] std::uint32_t row() const { return static_cast<std::uint32_t>(key_); }
    auto operator<=>(const Near&) const = default;

private:
    std::uint64_t key_ = 0;
};

/// What a pass around a point finds.
struct Reach {
    std::vector<Near> nearest;  ///< in order
    Near farthest;              ///< of equal ones the lowest row
};

/// Rows that can be taken out, one by one; what is left is kept dense.
class Blocks {
public:
    /// @param lanes parts that a pass is cut into, for threads
    Blocks(const Shapes& shapes, std::size_t lanes);
    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    /// Those left, in no order.
    [[nodiscard]] std::span<const std::uint32_t> rows() const { return rows_; }
    [[nodiscard]] std::uint32_t lowest_row() const;
    [[nodiscard]] Near farthest_from(std::span<const std::int16_t> point) const { return reach_of(point, 0).farthest; }
    /// @param count how many of the nearest  @return fewer if fewer are left
    [[nodiscard]] Reach reach_of(std::span<const std::int16_t> point, std::size_t count) const;
    void remove(std::uint32_t row);

private:
    [[nodiscard]] std::size_t num_blocks() const { return (rows_.size() + block_rows - 1) / block_rows; }
    [[nodiscard]] std::size_t place(std::size_t position) const { return position / block_rows * num_values_ * block_rows + position % block_rows; }
    [[nodiscard]] Reach reach_within(std::size_t first_block, std::size_t last_block, std::span<const std::int16_t> point, std::size_t count) const;

    std::size_t num_values_;
    std::size_t lanes_;
    std::vector<std::int16_t> values_;         // [block x value x row of the block]
    std::vector<std::uint32_t> rows_;          // [position]
    std::vector<std::uint32_t> position_of_;   // [row]
};

}  // namespace meterveil::profiles
