#include "store/set_aside.hpp"

#include <gtest/gtest.h>

#include "meterveil/model/shards.hpp"

namespace meterveil::store {
namespace {

using model::missing_quanta;
using Series = std::vector<std::int32_t>;

struct Weeks {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis axis = model::make_axis(calendar, model::parse_date("2013-06-01").value(), model::parse_date("2013-08-01").value(), std::chrono::minutes(30)).value();
    Days days = make_days(calendar, axis);
};

TEST(StuckRuns, BeginBehindTheLongestThatIsAllowed) {
    Series series(200, 0);
    for (std::size_t t = 50; t < 98; ++t) series[t] = 7;
    EXPECT_TRUE(stuck_runs(series, 48).empty());
    series[98] = 7;
    EXPECT_EQ(stuck_runs(series, 48), (std::vector<Stretch>{{50, 99}}));
}

TEST(StuckRuns, ZerosAndGapsAreNone) {
    EXPECT_TRUE(stuck_runs(Series(500, 0), 48).empty());
    EXPECT_TRUE(stuck_runs(Series(500, missing_quanta), 48).empty());
}

TEST(StuckRuns, ReachBothEndsAndTouchOneAnother) {
    Series series(30, 5);
    std::fill(series.begin() + 12, series.end(), 6);
    EXPECT_EQ(stuck_runs(series, 10), (std::vector<Stretch>{{0, 12}, {12, 30}}));
}

TEST(StuckRuns, AGapEndsARun) {
    Series series(21, 5);
    series[10] = missing_quanta;
    EXPECT_TRUE(stuck_runs(series, 10).empty());
}

TEST(StuckRuns, SharesOfOneReadingAreNone) {
    const Series series(100, 5);
    Marks marks;
    for (std::size_t t = 1; t < 100; ++t) marks.set(t, model::Quality::measured, t != 60, 100);  // two readings: 60 and 40 intervals
    EXPECT_EQ(stuck_runs(series, 48).size(), 1U);
    EXPECT_TRUE(stuck_runs(series, {marks, 0, 100}, 48).empty());
}

/// 300 Wh at all times, 900 Wh at 18:00 UTC: level 300, bound of that slot 900.
Series quiet_home(const Weeks& weeks) {
    Series series(weeks.axis.count, 300);
    for (std::size_t t = 36; t < series.size(); t += 48) series[t] = 900;
    return series;
}

TEST(Spikes, AreAboveTheFactorTimesTheSlotsBound) {
    const Weeks weeks;
    Series series = quiet_home(weeks);
    series[20 * 48 + 36] = 18000;
    EXPECT_TRUE(spikes(series, weeks.days, 20).empty());
    series[20 * 48 + 36] = 18001;
    EXPECT_EQ(spikes(series, weeks.days, 20), (std::vector<std::uint32_t>{20 * 48 + 36}));
}

TEST(Spikes, InAQuietSlotAreMeasuredByTheLevelOfTheHome) {
    const Weeks weeks;
    Series series = quiet_home(weeks);
    for (std::size_t t = 6; t < series.size(); t += 48) series[t] = 0;  // nothing at 03:00
    series[20 * 48 + 6] = 6000;  // a shower in one night
    EXPECT_TRUE(spikes(series, weeks.days, 20).empty());
    series[20 * 48 + 6] = 6001;
    EXPECT_EQ(spikes(series, weeks.days, 20).size(), 1U);
}

TEST(Spikes, AHabitIsNone) {
    const Weeks weeks;
    Series series = quiet_home(weeks);
    for (std::size_t t = 30; t < series.size(); t += 48 * 7) series[t] = 30000;  // every Saturday: 6 or 7 of 43 days
    EXPECT_TRUE(spikes(series, weeks.days, 20).empty());
}

TEST(Spikes, ALonelyReadingIsNone) {
    const Weeks weeks;
    Series series(weeks.axis.count, missing_quanta);
    for (std::size_t t = 0; t < 7 * 48; ++t) series[t] = 10;
    series[100] = 30000;  // six neighbours
    EXPECT_TRUE(spikes(series, weeks.days, 20).empty());
    for (std::size_t t = 7 * 48; t < 8 * 48; ++t) series[t] = 10;  // seven
    EXPECT_EQ(spikes(series, weeks.days, 20), (std::vector<std::uint32_t>{100}));
}

TEST(Spikes, LargeValuesDoNotOverflow) {
    const Weeks weeks;
    Series series(weeks.axis.count, 10);
    for (std::size_t t = 36; t < series.size(); t += 48) series[t] = 10'000'000;
    series[20 * 48 + 36] = 2'000'000'000;  // below 1,000 times the bound, which needs more than 32 bits
    EXPECT_TRUE(spikes(series, weeks.days, 1000).empty());
    EXPECT_EQ(spikes(series, weeks.days, 199).size(), 1U);
}

}  // namespace
}  // namespace meterveil::store
