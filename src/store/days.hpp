#pragma once
// The axis seen as local days: which slot of which day an interval is.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::store {

/// Made once for a job; read by all threads.
struct Days {
    std::uint32_t slots_per_day = 48;      ///< local slots of a day without a clock change
    std::vector<std::uint32_t> day;        ///< [interval] index of its local day, from 0
    std::vector<std::uint32_t> slot;       ///< [interval] local slot of the day
    std::vector<bool> is_weekend;          ///< [day]
    std::vector<std::uint32_t> interval;   ///< [day * slots_per_day + slot] first such interval, or no_interval

    static constexpr std::uint32_t no_interval = 0xffffffffU;
    [[nodiscard]] std::uint32_t num_days() const { return static_cast<std::uint32_t>(is_weekend.size()); }
    /// The interval that stands for the slot of interval `t`: t itself, but in the second of two doubled hours.
    [[nodiscard]] std::uint32_t first_of_slot(std::uint32_t t) const { return interval[std::size_t{day[t]} * slots_per_day + slot[t]]; }
};

/// @param axis of intervals that divide a day
Days make_days(const model::Calendar& calendar, const model::Axis& axis);

enum class DayKind { same, any };  ///< weekday or weekend, as the day itself; or both

/// Replaces `values` by the readings at the slot of interval `t` on days at most `reach` away, its own day included.
void collect(std::span<const std::int32_t> readings, const Days& days, std::uint32_t t, std::uint32_t reach, DayKind kind,
             std::vector<std::int32_t>& values);

}  // namespace meterveil::store
