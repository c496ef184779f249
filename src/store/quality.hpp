#pragma once
// What a series is like, counted for the evidence of a release. Pure.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/store/run.hpp"
#include "store/clean.hpp"
#include "store/marks.hpp"
#include "store/set_aside.hpp"

namespace meterveil::store {

/// Intervals of the shards' axis that have a reading in all their parts, by the least of these parts.
struct Kinds {
    std::uint32_t measured = 0, estimated = 0, substituted = 0;
    [[nodiscard]] std::uint32_t total() const { return measured + estimated + substituted; }
    bool operator==(const Kinds&) const = default;
};

/// @param series on the axis of the readings, before gaps are closed
/// @param bins bounds on the shards' axis, each interval of which has `parts` values of the series
/// @return [bins.size() - 1]
std::vector<Kinds> count_kinds(std::span<const std::int32_t> series, const SeriesMarks& marks, std::uint32_t parts, std::span<const std::uint32_t> bins);

/// A home without energy for so long at the beginning of the period moved in, at its end moved out.
inline constexpr std::int64_t absence_s = std::int64_t{28} * 86400;
inline constexpr std::uint32_t never = 0xffffffffU;

/// When a meter that is there for a part of the period begins and ends.
struct Presence {
    std::uint32_t moved_in = never;   ///< interval of its first energy, at least `absence` behind the beginning; or never
    std::uint32_t moved_out = never;  ///< interval of its last energy, at least `absence` before the end; or never
    bool operator==(const Presence&) const = default;
};

/// Missing and zero are no energy. A series without any is never there: it did not move.
/// Example: {0, missing, 5, 0, 7, 0}, absence 2 -> moved in at 2, moved out never (one interval of absence at the end).
Presence presence(std::span<const std::int32_t> series, std::uint32_t absence);

/// All that is counted of one series of one meter.
struct SeriesQuality {
    bool is_there = false;            ///< has a reading
    Cleaned cleaned;
    Presence presence;
    SetAside gone;
    std::vector<Kinds> kinds;         ///< [month]; of a series that is there
};

/// Every counter of a region, in one order.
std::vector<std::uint64_t*> counts(RegionQuality& region);

/// Adds a series to its region, which has its months already.
/// @param parts intervals of presence and gone that make one of `bins`
void add_series(RegionQuality& region, const SeriesQuality& series, std::uint32_t parts, std::span<const std::uint32_t> bins);

}  // namespace meterveil::store
