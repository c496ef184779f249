#include <gtest/gtest.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <random>
#include <tuple>

#include "profiles/embedding.hpp"
#include "profiles/shapes.hpp"

namespace meterveil::profiles {
namespace {

using testing::Each;

struct Period {
    Period(const char* zone, const char* from, const char* until, std::chrono::seconds interval) : calendar(model::Calendar::make(zone).value()) {
        axis = model::make_axis(calendar, model::parse_date(from).value(), model::parse_date(until).value(), interval).value();
    }
    model::Calendar calendar;
    model::Axis axis;
};

Period year() { return {"Europe/London", "2013-01-01", "2014-01-01", std::chrono::minutes(30)}; }

std::vector<std::int16_t> shape_of(const Embedding& embedding, const std::vector<std::int32_t>& quanta) {
    std::vector<std::int16_t> shape(embedding.num_values(), -1);
    embedding.embed(quanta, shape);
    return shape;
}

std::vector<std::int32_t> any_series(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::int32_t> quanta(count);
    for (auto& q : quanta) q = static_cast<std::int32_t>(random() % 3 == 0 ? random() % 3000 : random() % 200);
    return quanta;
}

/// The same by other means: sums and counts by the words of the local date, ratios in floating point.
std::vector<double> plain_shape(const Period& period, std::uint32_t slots, bool is_short, const std::vector<std::int32_t>& quanta) {
    std::map<std::tuple<int, int, int, int>, std::pair<double, double>> parts;  // months last
    double all = 0;
    for (std::uint32_t i = 0; i < period.axis.count; ++i) {
        const auto local = period.calendar.to_local(period.axis.at(i));
        const int month = std::stoi(model::format_date(local.date).substr(5, 2));
        const int season = is_short ? month : month == 12 ? 0 : month / 3;
        const auto days = local.date.time_since_epoch().count();  // day 0 was a Thursday
        const int weekend = (days + 3) % 7 >= 5 ? 1 : 0;
        for (auto& part : {std::tuple(0, season, weekend, static_cast<int>(local.second_of_day * static_cast<std::int64_t>(slots) / 86400)), std::tuple(1, month, 0, 0)}) {
            parts[part].first += quanta[i];
            parts[part].second += 1;
        }
        all += quanta[i];
    }
    std::vector<double> shape;
    for (const auto& [part, sum] : parts) shape.push_back(std::min<double>(max_shape_value, shape_unit * (sum.first / sum.second) / (all / period.axis.count)));
    return shape;
}

void expect_plain(const Period& period, std::size_t max_values, bool is_short) {
    const Embedding embedding(period.calendar, period.axis, max_values);
    EXPECT_LE(embedding.num_values(), max_values);
    for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        const auto quanta = any_series(period.axis.count, seed);
        const auto shape = shape_of(embedding, quanta);
        const auto expected = plain_shape(period, embedding.slots_per_day(), is_short, quanta);
        ASSERT_EQ(shape.size(), expected.size());
        for (std::size_t v = 0; v < shape.size(); ++v) EXPECT_NEAR(shape[v], expected[v], 0.5 + 1e-6) << "value " << v << ", seed " << seed;
    }
}

TEST(Embedding, OfAYearHasSeasonsDayTypesSlotsAndMonths) {
    const Period period = year();
    const Embedding embedding(period.calendar, period.axis, 128);
    EXPECT_EQ(embedding.slots_per_day(), 12U);
    EXPECT_EQ(embedding.num_values(), 4U * 2 * 12 + 12);
    EXPECT_EQ(Embedding(period.calendar, period.axis, 48).num_values(), 4U * 2 * 4 + 12);
    EXPECT_EQ(Embedding(period.calendar, period.axis, 192).slots_per_day(), 16U);
}

TEST(Embedding, IsThePlainOne) {
    expect_plain(year(), 128, false);
    expect_plain(year(), 48, false);
    expect_plain({"Europe/London", "2013-03-01", "2013-04-01", std::chrono::minutes(30)}, 192, true);     // a day of 46 half-hours
    expect_plain({"Australia/Adelaide", "2012-11-05", "2015-02-03", std::chrono::hours(1)}, 128, false);  // half an hour off, several years
    expect_plain({"UTC", "2013-12-01", "2014-03-02", std::chrono::minutes(15)}, 100, true);
    expect_plain({"UTC", "2013-01-01", "2013-07-01", std::chrono::hours(24)}, 128, false);
}

TEST(Embedding, WhatTheAxisLacksIsNotThere) {
    const Period winter("UTC", "2013-06-01", "2013-06-03", std::chrono::minutes(30));  // a weekend
    const Embedding embedding(winter.calendar, winter.axis, 64);
    EXPECT_EQ(embedding.slots_per_day(), 48U);
    EXPECT_EQ(embedding.num_values(), 49U);
    const Period days("UTC", "2013-01-01", "2014-01-01", std::chrono::hours(24));
    EXPECT_EQ(Embedding(days.calendar, days.axis, 128).num_values(), 4U * 2 + 12);
}

TEST(Embedding, AFlatSeriesIsTheUnitThroughout) {
    const Period period = year();
    EXPECT_THAT(shape_of({period.calendar, period.axis, 128}, std::vector<std::int32_t>(period.axis.count, 7)), Each(shape_unit));
}

TEST(Embedding, ASeriesOfZerosIsZero) {
    const Period period = year();
    EXPECT_THAT(shape_of({period.calendar, period.axis, 128}, std::vector<std::int32_t>(period.axis.count, 0)), Each(0));
}

TEST(Embedding, ScaleDoesNotMatter) {
    const Period period = year();
    const Embedding embedding(period.calendar, period.axis, 128);
    auto quanta = any_series(period.axis.count, 4);
    const auto once = shape_of(embedding, quanta);
    for (auto& q : quanta) q *= 70001;
    EXPECT_EQ(shape_of(embedding, quanta), once);
}

TEST(Embedding, WhatIsFarAboveTheMeanIsBounded) {
    const Period period("UTC", "2013-07-01", "2013-08-01", std::chrono::minutes(30));
    const Embedding embedding(period.calendar, period.axis, 128);
    std::vector<std::int32_t> quanta(period.axis.count, 0);
    quanta[20] = INT32_MAX;  // the only energy: 10:00 of a Monday, 48 times 31 times the mean over 23 weekdays
    const auto shape = shape_of(embedding, quanta);
    EXPECT_EQ(shape[20], max_shape_value);
    EXPECT_EQ(shape[19], 0);
    EXPECT_EQ(shape.back(), shape_unit);
}

TEST(Embedding, HalvesAreRoundedToEven) {
    // Two days of one interval each, Friday and Saturday: 511 and 513 of a mean of 512 are 255.5 and 256.5.
    const Period period("UTC", "2013-06-07", "2013-06-09", std::chrono::hours(24));
    EXPECT_EQ(shape_of({period.calendar, period.axis, 48}, {511, 513}), (std::vector<std::int16_t>{256, 256, 256}));
    EXPECT_EQ(shape_of({period.calendar, period.axis, 48}, {509, 515}), (std::vector<std::int16_t>{254, 258, 256}));
}

}  // namespace
}  // namespace meterveil::profiles
