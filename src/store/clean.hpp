#pragma once
// Closing the gaps of one series. Pure kernels.

#include <cstdint>
#include <span>

#include "meterveil/store/run.hpp"
#include "store/days.hpp"

namespace meterveil::store {

/// What cleaning found and did.
struct Cleaned {
    std::uint32_t measured = 0;  ///< intervals with a reading
    std::uint32_t filled = 0;    ///< gaps that were closed
    bool has_coverage = false;
    bool takes_part = false;     ///< coverage reached, and no gap left
};

/// Longest gap that Fill::linear closes.
inline constexpr std::int64_t max_linear_gap_s = 3 * 3600;

/// Closes the gaps of a series that reaches the coverage; leaves any other as it is.
/// `typical`: the median of the meter's own readings at the same local slot on days of the same kind
/// (weekday or weekend) within 3 weeks, then 6, 12, 24, 48 weeks; then on any day. Readings only: a
/// filled value never feeds another. Of an even number of values the mean of the middle two, half to even.
/// `linear`: straight between the readings on both sides, for gaps of at most 3 hours.
/// @param quanta [days.day.size()], model::missing_quanta where there is no reading
Cleaned clean(std::span<std::int32_t> quanta, const Days& days, Fill fill, double min_coverage);

}  // namespace meterveil::store
