#include "generate/cycles.hpp"

#include <algorithm>
#include <array>

namespace meterveil::generate {
namespace {

using Shape = std::array<std::int16_t, 24>;  // by local hour, per mille of the mean

constexpr Shape home_working = {630, 530, 480, 460, 470, 550, 830, 1200, 1140, 950, 870, 870,
                                940, 900, 850, 910, 1160, 1560, 1790, 1750, 1630, 1460, 1200, 870};
constexpr Shape home_free = {660, 540, 490, 460, 450, 480, 560, 800, 1050, 1200, 1220, 1190,
                             1240, 1210, 1100, 1060, 1180, 1440, 1540, 1520, 1400, 1260, 1090, 860};
constexpr Shape business_open = {430, 420, 420, 420, 440, 520, 820, 1230, 1620, 1800, 1840, 1830,
                                 1780, 1790, 1760, 1700, 1540, 1180, 820, 620, 520, 470, 450, 440};
constexpr Shape business_closed = {420, 410, 410, 410, 410, 420, 430, 450, 470, 480, 480, 480,
                                   480, 480, 470, 470, 460, 460, 450, 440, 440, 430, 430, 420};

/// Straight between the middles of two hours.
std::int64_t at_half_hour(const Shape& shape, std::int32_t half_hour) {
    const auto hour = static_cast<std::size_t>(half_hour / 2);
    const auto other = (half_hour % 2 == 0 ? hour + 23 : hour + 1) % 24;
    return (std::int64_t{3} * shape[hour] + shape[other]) / 4;
}

/// Easter Sunday of a year. @source anonymous Gregorian algorithm, Meeus, Astronomical Algorithms (1991)
model::Date easter(int year) {
    const int a = year % 19, b = year / 100, c = year % 100, d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7, f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
    return std::chrono::sys_days(std::chrono::year(year) / (f / 31) / (f % 31 + 1));
}

std::vector<model::Date> holidays_of(int number) {
    using namespace std::chrono;
    const year y(number);
    return {sys_days(y / January / 1), easter(number) - days(2), easter(number) + days(1), sys_days(y / May / Monday[1]),
            sys_days(y / May / Monday[last]), sys_days(y / August / Monday[last]), sys_days(y / December / 25),
            sys_days(y / December / 26)};
}

}  // namespace

std::int64_t home_shape(DayType day, std::int32_t half_hour) {
    return at_half_hour(day == DayType::working ? home_working : home_free, half_hour);
}

std::int64_t business_shape(DayType day, std::int32_t half_hour) {
    return at_half_hour(day == DayType::working ? business_open : business_closed, half_hour);
}

std::vector<model::Date> holidays_between(model::Date from, model::Date until) {
    std::vector<model::Date> found;
    const int first = static_cast<int>(std::chrono::year_month_day(from).year());
    const int last = static_cast<int>(std::chrono::year_month_day(until).year());
    for (int number = first; number <= last; ++number)
        for (const model::Date date : holidays_of(number))
            if (from <= date && date < until) found.push_back(date);
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace meterveil::generate
