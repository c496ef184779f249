#include "generate/weather.hpp"

#include <algorithm>

#include "generate/random.hpp"

namespace meterveil::generate {
namespace {

/// Roughly normal, sd about 577 per 1000: three uniform draws of +-1000, divided by the root of 3.
std::int64_t noise_mille(std::uint64_t bits) {
    std::int64_t sum = 0;
    for (int i = 0; i < 3; ++i) sum += static_cast<std::int64_t>(bits >> (16 * i) & 0xffff) * 2000 / 65535 - 1000;
    return sum * 1000 / 1732;
}

/// Shared weather noise, one step an hour.
class Air {
public:
    explicit Air(std::uint64_t seed) : heat_(stream(seed, Purpose::temperature, 0)), sky_(stream(seed, Purpose::cloud, 0)) {}
    void step(std::uint64_t hour) {
        warmth_ = warmth_ * 98 / 100 + noise_mille(draw(heat_, hour)) * 110 / 1000;  // 0.01 K; sd about 3.2 K
        cover_ = cover_ * 95 / 100 + noise_mille(draw(sky_, hour)) * 220 / 1000;
    }
    [[nodiscard]] std::int64_t warmth_centi() const { return warmth_; }
    [[nodiscard]] std::int64_t cloud_mille() const { return std::clamp<std::int64_t>(550 + cover_, 0, 1000); }

private:
    std::uint64_t heat_, sky_;
    std::int64_t warmth_ = 0, cover_ = 0;
};

std::int64_t day_of_year(model::Date date) {
    const std::chrono::year_month_day ymd(date);
    return (date - model::Date(ymd.year() / 1 / 1)).count();
}

/// 10.5 degrees on average, coldest in late January and at five in the morning.
std::int64_t climate_centi(std::int64_t day, std::int64_t minute) {
    return 1050 + 7 * sine_mille((day - 116) * 360 / 365) / 10 + 35 * sine_mille((minute - 660) * 360 / 1440) / 100;
}

/// Clear-sky output: the sun is up 12 h +- 4.5 h around 12:30, weaker in winter.
std::int64_t clear_sky_mille(std::int64_t day, std::int64_t minute) {
    const std::int64_t season = sine_mille((day - 80) * 360 / 365);
    const std::int64_t half_day = 360 + 135 * season / 1000, after_rise = minute - (750 - half_day);
    if (after_rise <= 0 || after_rise >= 2 * half_day) return 0;
    return sine_mille(after_rise * 180 / (2 * half_day)) * (600 + 280 * season / 1000) / 1000;
}

DayType day_type_of(model::Date date, const std::vector<model::Date>& holidays) {
    const std::chrono::weekday weekday(date);
    if (weekday == std::chrono::Sunday || std::binary_search(holidays.begin(), holidays.end(), date)) return DayType::sunday;
    return weekday == std::chrono::Saturday ? DayType::saturday : DayType::working;
}

Moment moment_of(const model::LocalTime& local, model::Date first, DayType day_type, const Air& air) {
    const std::int64_t day = day_of_year(local.date), minute = local.second_of_day / 60, cloud = air.cloud_mille();
    Moment moment;
    moment.temperature_centi = static_cast<std::int32_t>(climate_centi(day, minute) + air.warmth_centi());
    moment.day = static_cast<std::uint16_t>((local.date - first).count());
    moment.cloud_mille = static_cast<std::uint16_t>(cloud);
    moment.sun_mille = static_cast<std::uint16_t>(clear_sky_mille(day, minute) * (1000 - 3 * cloud / 4) / 1000);
    moment.half_hour = static_cast<std::uint8_t>(local.second_of_day / 1800);
    moment.day_type = day_type;
    return moment;
}

}  // namespace

std::vector<Moment> make_moments(const model::Calendar& calendar, const model::Axis& axis,
                                 const std::vector<model::Date>& holidays, std::uint64_t seed) {
    std::vector<Moment> moments;
    moments.reserve(axis.count);
    Air air(seed);
    const model::Date first = calendar.to_local(axis.start).date;
    std::uint64_t hours_done = 0;
    for (std::uint32_t i = 0; i < axis.count; ++i) {
        const auto hour = static_cast<std::uint64_t>((axis.at(i) - axis.start).count() / 3600);
        for (; hours_done <= hour; ++hours_done) air.step(hours_done);
        const model::LocalTime local = calendar.to_local(axis.at(i));
        moments.push_back(moment_of(local, first, day_type_of(local.date, holidays), air));
    }
    return moments;
}

}  // namespace meterveil::generate
