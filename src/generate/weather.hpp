#pragma once
// What all premises share at an instant: the local clock, the temperature, the sun.

#include <cstdint>
#include <vector>

#include "generate/cycles.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::generate {

/// One interval of the axis. 12 bytes.
struct Moment {
    std::int32_t temperature_centi = 0;  ///< 0.01 degrees Celsius
    std::uint16_t day = 0;               ///< local days since the first one of the span
    std::uint16_t sun_mille = 0;         ///< output of a panel, per mille of its peak, clouds included
    std::uint16_t cloud_mille = 0;       ///< 0 clear .. 1000 overcast
    std::uint8_t half_hour = 0;          ///< 0 .. 47, local
    DayType day_type = DayType::working;
};

/// Every interval of the axis. Pure. Temperature: year + day + hourly AR(1) noise (phi = 0.98).
/// @param holidays ascending
std::vector<Moment> make_moments(const model::Calendar& calendar, const model::Axis& axis,
                                 const std::vector<model::Date>& holidays, std::uint64_t seed);

}  // namespace meterveil::generate
