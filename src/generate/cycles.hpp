#pragma once
// Integer tables of the day, the week and the year: no libm, so the same Wh on every build.

#include <cstdint>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::generate {

/// 1000 * sin(degrees), within 2. @param degrees any
/// @source Bhaskara I, Mahabhaskariya (7th century): sin x = 4x(180 - x) / (40500 - x(180 - x))
constexpr std::int64_t sine_mille(std::int64_t degrees) {
    degrees %= 360;
    if (degrees < 0) degrees += 360;
    const std::int64_t x = degrees % 180, product = x * (180 - x);
    return (degrees < 180 ? 1 : -1) * (4000 * product / (40500 - product));
}

enum class DayType : std::uint8_t { working, saturday, sunday };  // a holiday is a sunday

/// Load of a home at a local half hour, per mille of its mean; the mean over a day is 1000 (rounding apart).
std::int64_t home_shape(DayType day, std::int32_t half_hour);
/// The same of a business: working hours.
std::int64_t business_shape(DayType day, std::int32_t half_hour);

/// Public holidays of England from `from` to `until`, ascending, without substitute days.
std::vector<model::Date> holidays_between(model::Date from, model::Date until);

}  // namespace meterveil::generate
