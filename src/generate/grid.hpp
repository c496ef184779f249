#pragma once
// An uneven network: premises are numbered along its leaves.

#include <cstdint>
#include <string>
#include <vector>

namespace meterveil::generate {

/// A leaf of the network (a feeder): premises [first, first + count).
struct Leaf {
    std::uint32_t first = 0, count = 0;
    std::vector<std::uint32_t> path;  ///< [level] number within its parent, from 1
};

struct Grid {
    std::vector<std::string> levels;
    std::vector<Leaf> leaves;  ///< ascending by first; no leaf is empty
    /// "feeder-2-1-7": the level's word and the numbers down to it.
    [[nodiscard]] std::string name(const Leaf& leaf, std::size_t level) const;
    [[nodiscard]] const Leaf& leaf_of(std::uint32_t premise) const;
};

/// Pure. Regions differ in size up to three times; of the feeders about one in twelve has fewer than ten
/// premises and one in twelve over 80; inner nodes have 2 to 9 children.
/// @param regions >= 1; fewer are made where there are not that many premises
Grid make_grid(std::vector<std::string> levels, std::uint32_t premises, std::uint32_t regions, std::uint64_t seed);

}  // namespace meterveil::generate
