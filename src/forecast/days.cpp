#include "forecast/days.hpp"

#include <algorithm>

namespace meterveil::forecast {

DayGrid::DayGrid(const model::Calendar& calendar, const model::Axis& steps)
    : slots_(static_cast<std::uint32_t>(86400 / steps.length.count())), first_date_(calendar.to_local(steps.start).date) {
    for (std::uint32_t t = 0; t < steps.count; ++t) {
        const model::LocalTime local = calendar.to_local(steps.at(t));
        const auto day = static_cast<std::uint32_t>((local.date - first_date_).count());
        of_step_.push_back({day, static_cast<std::uint32_t>(local.second_of_day / steps.length.count())});
        num_days_ = std::max(num_days_, day + 1);
    }
}

std::vector<bool> DayGrid::skipped() const {
    std::vector<bool> skipped(std::size_t{num_days_} * slots_, true);
    for (const DaySlot at : of_step_) skipped[std::size_t{at.day} * slots_ + at.slot] = false;
    return skipped;
}

std::vector<double> DayGrid::rectangle(std::span<const std::int64_t> row) const {
    std::vector<double> sums(std::size_t{num_days_} * slots_, 0), counts(sums.size(), 0);
    for (std::size_t t = 0; t < row.size(); ++t) {
        const std::size_t at = std::size_t{of_step_[t].day} * slots_ + of_step_[t].slot;
        sums[at] += static_cast<double>(row[t]);
        counts[at] += 1;
    }
    double before = row.empty() ? 0 : static_cast<double>(row[0]);
    for (std::size_t i = 0; i < sums.size(); ++i) before = sums[i] = counts[i] > 0 ? sums[i] / counts[i] : before;
    return sums;
}

}  // namespace meterveil::forecast
