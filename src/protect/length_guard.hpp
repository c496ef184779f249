#pragma once
// How long an exact series may be before somebody who holds the raw curves of all candidates can tell who is in it.

#include <cstdint>

namespace meterveil::protect {

/// Bits that it takes to name `chosen` of `candidates`: log2 C(candidates, chosen). Pure; the same on every rank.
/// @param chosen at most `candidates`
/// Example: log2_choices(400, 100) == 320.07: 27 values of 12 bit name the choice.
double log2_choices(std::uint64_t candidates, std::uint64_t chosen);

/// Values of a series over `meters` of `candidates` meters that carry less than names the choice, rounded down to a power of two.
/// More than half of the candidates count as half of them. Pure. @source docs/methods/length-guard.md
/// Example: longest_series(10000, 100) == 64, longest_series(10000, 10) == 8, longest_series(20, 10) == 1
std::uint64_t longest_series(std::uint64_t candidates, std::uint64_t meters);

}  // namespace meterveil::protect
