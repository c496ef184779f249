#pragma once
// The series of one level on this rank, as local days.

#include <cstdint>
#include <string>
#include <vector>

#include "forecast/model.hpp"

namespace meterveil::forecast {

/// Its rectangles are the rows of the level once more: 8 bytes a value.
struct Panel {
    std::string level;
    std::uint64_t units_of_level = 0;             ///< over all ranks
    std::vector<std::uint32_t> units;             ///< those of this rank, as indices in the channel
    std::vector<std::vector<double>> rectangles;  ///< [unit] days x slots
    std::uint32_t slots = 48, num_days = 0;
    model::Date first_date{};
    std::vector<bool> is_skipped;                 ///< [days x slots] true: the clock had no such step
    /// The first `days` days of unit `i` of `units`.
    [[nodiscard]] History history(std::size_t i, std::uint32_t days) const { return History{rectangles[i], slots, first_date}.until(days); }
};

/// Standard deviation of the last week of a history; 1 if it is constant. The unit of standardised errors.
double week_deviation(const History& history);

}  // namespace meterveil::forecast
