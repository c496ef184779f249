#pragma once
// From the series of a meter to its shape: mean days and months, as parts of the meter's own mean. docs/methods/load-profiles.md

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::profiles {

/// Where the intervals of an axis go in a shape: mean days first (season, then weekday and weekend, then slot), then months.
/// Made once for a period; the same for every meter of it.
class Embedding {
public:
    /// Pure, local. Slots are of local time; a day has as many (48, 24, 16, 12, 8, 6, 4, 3, 2 or 1) as the shape has room for and the interval is fine enough for.
    /// Seasons are December to February and so on, of all years; of a period of up to four months, the months. What the axis has no interval of is not there.
    /// @param max_values 48 to max_shape_values
    /// Example: a year of half-hours and 128 values: 4 seasons x 2 day types x 12 slots of two hours, and 12 months: 108.
    Embedding(const model::Calendar& calendar, const model::Axis& axis, std::size_t max_values);

    [[nodiscard]] std::size_t num_values() const { return intervals_in_.size(); }
    [[nodiscard]] std::uint32_t slots_per_day() const { return slots_per_day_; }

    /// Pure, local. Each value is mean of the part / mean of all * shape_unit, rounded to nearest, ties to even; at most max_shape_value.
    /// A series that is zero throughout gives zeros.
    /// @param quanta [interval] >= 0, none missing  @param shape [num_values]
    void embed(std::span<const std::int32_t> quanta, std::span<std::int16_t> shape) const;

private:
    /// A clock cell is an interval of the day on weekdays or weekends of a month. Consecutive intervals in consecutive cells: most days are one stretch.
    struct Stretch {
        std::uint32_t first, last;  ///< intervals, [first, last)
        std::uint32_t cell;         ///< of the first
    };
    /// The two values of the shape that have a clock cell.
    struct Values {
        std::uint16_t day_part = 0, month = 0;
    };
    std::uint32_t slots_per_day_ = 1;
    std::vector<Stretch> stretches_;
    std::vector<Values> values_of_cell_;
    std::vector<std::uint32_t> intervals_in_;  ///< [value]
};

}  // namespace meterveil::profiles
