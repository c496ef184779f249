#pragma once
// A series as local days: a rectangle of days x slots, whatever the clock did.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::forecast {

/// Where a step stands in the rectangle.
struct DaySlot {
    std::uint32_t day = 0, slot = 0;
};

/// Maps steps of equal length to (local day, slot). A day of 23 hours lacks slots, one of 25 has two steps in some.
class DayGrid {
public:
    /// @param steps starts at a local midnight
    DayGrid(const model::Calendar& calendar, const model::Axis& steps);
    [[nodiscard]] std::uint32_t num_days() const { return num_days_; }
    [[nodiscard]] std::uint32_t slots() const { return slots_; }
    [[nodiscard]] const std::vector<DaySlot>& of_step() const { return of_step_; }
    [[nodiscard]] model::Date first_date() const { return first_date_; }
    /// [num_days x slots] true: the clock skipped the slot.
    [[nodiscard]] std::vector<bool> skipped() const;
    /// [num_days x slots]: mean of the steps in a slot; a slot without a step takes the one before it, or the first there is.
    [[nodiscard]] std::vector<double> rectangle(std::span<const std::int64_t> row) const;

private:
    std::uint32_t num_days_ = 0, slots_ = 0;
    model::Date first_date_{};
    std::vector<DaySlot> of_step_;
};

}  // namespace meterveil::forecast
