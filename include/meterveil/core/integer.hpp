#pragma once
// Exact integer arithmetic that the rooms share.

#include <cstdint>

namespace meterveil {

/// Quotient rounded to nearest, ties to even. Pure.
/// @param denominator > 0
/// Example: divide_half_even(5, 2) == 2, divide_half_even(7, 2) == 4, divide_half_even(-5, 2) == -2.
constexpr std::int64_t divide_half_even(std::int64_t numerator, std::int64_t denominator) {
    std::int64_t quotient = numerator / denominator;
    std::int64_t rest = numerator % denominator;
    if (rest < 0) { rest += denominator; --quotient; }
    const std::int64_t twice = rest * 2;
    if (twice > denominator || (twice == denominator && (quotient & 1) != 0)) ++quotient;
    return quotient;
}

/// Half-open range of indices.
struct IndexRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    [[nodiscard]] constexpr std::uint64_t size() const { return last - first; }
    bool operator==(const IndexRange&) const = default;
};

/// The contiguous block of `count` items that part `part` of `parts` owns; sizes differ by one at most.
constexpr IndexRange block_of(std::uint64_t count, std::uint64_t parts, std::uint64_t part) {
    const std::uint64_t base = count / parts, extra = count % parts;
    const std::uint64_t first = part * base + (part < extra ? part : extra);
    return {first, first + base + (part < extra ? 1 : 0)};
}

/// The part that owns item `index` under block_of.
constexpr std::uint64_t part_of(std::uint64_t count, std::uint64_t parts, std::uint64_t index) {
    const std::uint64_t base = count / parts, extra = count % parts;
    const std::uint64_t wide = extra * (base + 1);
    return index < wide ? index / (base + 1) : extra + (index - wide) / base;
}

}  // namespace meterveil
