#pragma once
// Readings that a meter cannot have meant. Pure kernels: integers only, each series by itself.

#include <cstdint>
#include <span>
#include <vector>

#include "store/days.hpp"
#include "store/marks.hpp"

namespace meterveil::store {

/// Intervals [first, last) of a series.
struct Stretch {
    std::uint32_t first = 0, last = 0;
    bool operator==(const Stretch&) const = default;
};

/// Runs of one and the same reading, not zero, of more than `longest` intervals without a gap. Longest possible runs, ascending.
/// Compares one reading in (longest + 1) / 2 with the next such, and looks closer where they are equal.
/// @param longest at least 1
/// Example: {5, 7, 7, 7, 0, 0, 0, 0}, longest 2 -> {[1, 4)}.
std::vector<Stretch> stuck_runs(std::span<const std::int32_t> series, std::uint32_t longest);

/// The same without intervals whose value is a share of a longer reading: shares of one reading are equal by nature.
std::vector<Stretch> stuck_runs(std::span<const std::int32_t> series, const SeriesMarks& marks, std::uint32_t longest);

/// Fewer readings than this at the same slot say nothing of it.
inline constexpr std::size_t least_neighbours = 7;
/// Days before and after a reading in which its neighbours lie.
inline constexpr std::uint32_t neighbour_days = 21;

/// Readings above factor x max(level, bound). `level` is the upper quartile of the meter's readings that are not zero; `bound` the
/// 90th percentile of its readings at the same local slot at most 3 weeks away, the reading itself left out. Percentiles by nearest
/// rank. A reading with fewer than 7 such neighbours is none. Ascending.
/// Example: a level of 300 Wh, a bound of 900 Wh at 18:00, factor 20: more than 18,000 Wh at 18:00 is a spike.
std::vector<std::uint32_t> spikes(std::span<const std::int32_t> series, const Days& days, std::int32_t factor);

/// What to look for; 0: not at all.
struct Suspicion {
    std::uint32_t longest_run = 0;  ///< intervals of the series
    std::int32_t spike_factor = 0;
};

struct SetAside {
    std::vector<Stretch> stuck;
    std::vector<std::uint32_t> spikes;
};

/// Makes stuck readings missing, then the spikes among what is left, all at once.
SetAside set_aside(std::span<std::int32_t> series, const SeriesMarks& marks, const Days& days, const Suspicion& suspicion);

}  // namespace meterveil::store
