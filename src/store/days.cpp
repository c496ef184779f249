#include "store/days.hpp"

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

}  // namespace meterveil::store
