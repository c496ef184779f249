#include "generate/series.hpp"

#include <algorithm>

#include "generate/random.hpp"

namespace meterveil::generate {
namespace {

constexpr std::int64_t vehicle_w = 7000;
constexpr std::int64_t kettle_w = 2800;  // on for three minutes

/// Skewed, mean 1000: what people switch on in one interval, per mille.
std::int64_t appliances_mille(std::uint64_t bits) {
    const auto a = static_cast<std::int64_t>(bits & 0xffff), b = static_cast<std::int64_t>(bits >> 16 & 0xffff);
    return 400 + 2400 * (a * b / 65536) / 65536;  // the mean of a * b is a quarter
}

}  // namespace

Series::Series(const Premise& premise, std::uint64_t seed, std::int32_t interval_s)
    : premise_(premise), interval_s_(interval_s), noise_(stream(seed, Purpose::noise, premise.number)),
      activity_(stream(seed, Purpose::activity, premise.number)), charging_(stream(seed, Purpose::charging, premise.number)) {}

Energy Series::at(const Moment& moment, std::uint32_t interval) const {
    if (premise_.is_vacant) return {};
    const std::int64_t load_wh = load_w(moment, interval) * interval_s_ / 3600;
    const std::int64_t made_wh = std::int64_t{premise_.solar_peak_w} * moment.sun_mille / 1000 * interval_s_ / 3600;
    return {static_cast<std::int32_t>(std::max<std::int64_t>(load_wh - made_wh, 0)),
            static_cast<std::int32_t>(std::max<std::int64_t>(made_wh - load_wh, 0))};
}

std::int64_t Series::load_w(const Moment& moment, std::uint32_t interval) const {
    const std::uint64_t bits = draw(noise_, interval);
    const bool is_home = premise_.kind <= Kind::large_house;
    const std::int64_t shape = is_home ? home_shape(moment.day_type, moment.half_hour) : business_shape(moment.day_type, moment.half_hour);
    const std::int64_t busy = between(draw(activity_, moment.day), 700, 1300);  // a lively or a quiet day
    const std::int64_t spread = is_home ? appliances_mille(bits) : 900 + static_cast<std::int64_t>(bits & 0xffff) * 200 / 65536;
    std::int64_t watt = premise_.base_w * shape / 1000 * busy / 1000 * spread / 1000;
    if (is_home && (bits >> 32 & 0xff) < static_cast<std::uint64_t>(shape / 20)) watt += kettle_w * 180 / interval_s_;
    watt += premise_.heat_w_per_k * std::max<std::int64_t>(1550 - moment.temperature_centi, 0) / 100;
    return premise_.has_vehicle && is_charging(moment) ? watt + vehicle_w : watt;
}

/// A session belongs to the evening on which it starts, and may end after midnight.
bool Series::is_charging(const Moment& moment) const {
    return charges_at(moment.day, moment.half_hour) || (moment.day > 0 && charges_at(moment.day - 1, moment.half_hour + 48));
}

bool Series::charges_at(std::int64_t day, std::int64_t half_hours_after_midnight) const {
    const std::uint64_t bits = draw(charging_, static_cast<std::uint64_t>(day));
    if ((bits & 0xff) >= 115) return false;  // four or five evenings of ten
    const std::int64_t start = 36 + static_cast<std::int64_t>(bits >> 8 & 0xff) * 12 / 256;   // 18:00 .. 23:30
    const std::int64_t length = 2 + static_cast<std::int64_t>(bits >> 16 & 0xff) * 7 / 256;   // 1 h .. 4 h
    return start <= half_hours_after_midnight && half_hours_after_midnight < start + length;
}

}  // namespace meterveil::generate
