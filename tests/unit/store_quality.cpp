#include "store/quality.hpp"

#include <gtest/gtest.h>

namespace meterveil::store {
namespace {

using model::missing_quanta;
using Series = std::vector<std::int32_t>;

TEST(Presence, ALongAbsenceAtTheBeginningIsAMoveIn) {
    Series series(100, 4);
    std::fill(series.begin(), series.begin() + 20, missing_quanta);
    std::fill(series.begin() + 20, series.begin() + 28, 0);
    EXPECT_EQ(presence(series, 28), (Presence{28, never}));
    EXPECT_EQ(presence(series, 29), (Presence{}));
}

TEST(Presence, ALongAbsenceAtTheEndIsAMoveOut) {
    Series series(100, 4);
    std::fill(series.begin() + 70, series.end(), 0);
    EXPECT_EQ(presence(series, 30), (Presence{never, 69}));
    EXPECT_EQ(presence(series, 31), (Presence{}));
}

TEST(Presence, AnAbsenceInBetweenIsNone) {
    Series series(100, 4);
    std::fill(series.begin() + 1, series.end() - 1, 0);
    EXPECT_EQ(presence(series, 30), (Presence{}));
}

TEST(Presence, WhoWasNeverThereDidNotMove) {
    EXPECT_EQ(presence(Series(100, 0), 30), (Presence{}));
    EXPECT_EQ(presence(Series(100, missing_quanta), 30), (Presence{}));
}

SeriesQuality quality_of(bool takes_part, std::vector<Kinds> kinds) {
    SeriesQuality quality;
    quality.is_there = true;
    quality.cleaned = {10, 0, takes_part, takes_part};
    quality.kinds = std::move(kinds);
    return quality;
}

TEST(AddSeries, EveryMeterAndIntervalIsCountedOnce) {
    const std::vector<std::uint32_t> bins = {0, 10, 30};
    RegionQuality region;
    region.months.resize(2);
    add_series(region, quality_of(true, {{7, 1, 0}, {20, 0, 0}}), 1, bins);
    add_series(region, quality_of(false, {{3, 0, 0}, {0, 0, 0}}), 1, bins);
    add_series(region, {}, 1, bins);  // silent
    EXPECT_TRUE(region.adds_up(bins));
    EXPECT_EQ(region.meters, 3U);
    EXPECT_EQ(region.takes_part, 1U);
    EXPECT_EQ(region.low_coverage, 1U);
    EXPECT_EQ(region.silent, 1U);
    EXPECT_EQ(region.months[0].filled, 2U);
    EXPECT_EQ(region.months[0].estimated, 1U);
    EXPECT_EQ(region.months[1].measured, 20U);
    EXPECT_EQ(region.months[1].all, 60U);
    ++region.months[1].filled;
    EXPECT_FALSE(region.adds_up(bins));
}

TEST(AddSeries, IntervalsOfTheJobAreCountedOnceHoweverManyOfTheirPartsAreSetAside) {
    const std::vector<std::uint32_t> bins = {0, 10, 30};  // of six parts each
    RegionQuality region;
    region.months.resize(2);
    SeriesQuality quality = quality_of(true, {{9, 0, 0}, {20, 0, 0}});
    quality.gone.stuck = {{50, 56}, {56, 62}};  // intervals 8, 9 and 10
    quality.gone.spikes = {0, 5, 6};            // intervals 0 and 1
    quality.presence = {55, 70};
    add_series(region, quality, 6, bins);
    EXPECT_EQ(region.months[0].stuck, 2U);
    EXPECT_EQ(region.months[1].stuck, 1U);
    EXPECT_EQ(region.months[0].spikes, 2U);
    EXPECT_EQ(region.months[0].moved_in, 1U);
    EXPECT_EQ(region.months[1].moved_out, 1U);
}

TEST(RegionQuality, SumsAddUpAgain) {
    const std::vector<std::uint32_t> bins = {0, 4};
    RegionQuality one, sum;
    one.months.resize(1);
    add_series(one, quality_of(true, {{3, 1, 0}}), 1, bins);
    sum += one;
    sum += one;
    EXPECT_TRUE(sum.adds_up(bins));
    EXPECT_EQ(sum.meters, 2U);
    EXPECT_EQ(sum.months[0].estimated, 2U);
}

}  // namespace
}  // namespace meterveil::store
