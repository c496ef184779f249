#pragma once
// The axis seen as local days: which slot of which day an interval is.

#include <cstdint>
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
};

Days make_days(const model::Calendar& calendar, const model::Axis& axis);

}  // namespace meterveil::store
