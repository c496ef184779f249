#pragma once
// Facts of leaves as numbers on the wire. Pure.

#include <cstdint>
#include <span>
#include <vector>

#include "cohort/pool.hpp"

namespace meterveil::cohort {

/// Appends one leaf's facts: leaf, spanning subjects, contributors, totals, tops, least, then each spanning subject.
void pack(std::uint32_t leaf, const model::SetFacts& facts, std::vector<std::int64_t>& numbers);

/// Merges packed facts into `facts`, which all have `slots` and `num_top`.
void unpack(std::span<const std::int64_t> numbers, std::uint32_t slots, std::uint32_t num_top, LeafFacts& facts);

}  // namespace meterveil::cohort
