#include "store/days.hpp"

#include <algorithm>

#include "meterveil/model/shards.hpp"

namespace meterveil::store {

Days make_days(const model::Calendar& calendar, const model::Axis& axis) {
    Days days;
    days.slots_per_day = static_cast<std::uint32_t>(86400 / axis.length.count());
    const model::Date first = calendar.to_local(axis.start).date;
    for (std::uint32_t t = 0; t < axis.count; ++t) {
        const model::LocalTime local = calendar.to_local(axis.at(t));
        const auto day = static_cast<std::uint32_t>((local.date - first).count());
        const auto slot = static_cast<std::uint32_t>(local.second_of_day / axis.length.count());
        days.day.push_back(day);
        days.slot.push_back(slot);
        if (day >= days.num_days()) {
            days.is_weekend.resize(day + 1, std::chrono::weekday(local.date).iso_encoding() >= 6);
            days.interval.resize(std::size_t{day + 1} * days.slots_per_day, Days::no_interval);
        }
        auto& place = days.interval[std::size_t{day} * days.slots_per_day + slot];
        if (place == Days::no_interval) place = t;  // of a doubled hour the first
    }
    return days;
}

void collect(std::span<const std::int32_t> readings, const Days& days, std::uint32_t t, std::uint32_t reach, DayKind kind,
             std::vector<std::int32_t>& values) {
    values.clear();
    const std::uint32_t day = days.day[t], first = day > reach ? day - reach : 0, last = std::min(days.num_days() - 1, day + reach);
    for (std::uint32_t d = first; d <= last; ++d) {
        if (kind == DayKind::same && days.is_weekend[d] != days.is_weekend[day]) continue;
        const std::uint32_t at = days.interval[std::size_t{d} * days.slots_per_day + days.slot[t]];
        if (at != Days::no_interval && readings[at] != model::missing_quanta) values.push_back(readings[at]);
    }
}

}  // namespace meterveil::store
