#include "meterveil/model/time.hpp"

#include <gtest/gtest.h>

namespace meterveil::model {
namespace {

using namespace std::chrono_literals;

Calendar london() { return Calendar::make("Europe/London").value(); }
Date date_of(const char* text) { return parse_date(text).value(); }
std::int64_t wall(const char* date, int seconds) { return date_of(date).time_since_epoch().count() * 86400LL + seconds; }

TEST(Calendar, RefusesAnUnknownZoneAndNamesTheNearest) {
    const auto outcome = Calendar::make("Europe/Lodnon");
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_NE((outcome.error().what + outcome.error().hint).find("Europe/London"), std::string::npos);
}

TEST(Calendar, KnowsSummerTime) {
    const auto summer = london().to_local(Instant{date_of("2013-07-01")} + 12h);
    EXPECT_EQ(summer.offset_s, 3600);
    EXPECT_EQ(summer.second_of_day, 13 * 3600);
    EXPECT_EQ(london().to_local(Instant{date_of("2013-01-01")} + 12h).offset_s, 0);
}

TEST(Calendar, ACrossedMidnightIsTheNextLocalDate) {
    const auto local = london().to_local(Instant{date_of("2013-07-01")} + 23h + 30min);
    EXPECT_EQ(local.date, date_of("2013-07-02"));
    EXPECT_EQ(local.second_of_day, 1800);
}

TEST(Calendar, TheDoubledHourIsAmbiguous) {
    const WallClock clock = london().from_local(wall("2013-10-27", 3600 + 1800));
    EXPECT_EQ(clock.kind, WallClock::Kind::ambiguous);
    EXPECT_EQ(clock.first, Instant{date_of("2013-10-27")} + 30min);
    EXPECT_EQ(clock.second, clock.first + 1h);
}

TEST(Calendar, TheSkippedHourDoesNotExist) {
    const WallClock clock = london().from_local(wall("2013-03-31", 3600 + 1800));
    EXPECT_EQ(clock.kind, WallClock::Kind::nonexistent);
    EXPECT_EQ(clock.first, Instant{date_of("2013-03-31")} + 1h);
}

TEST(Calendar, LocalAndBackIsTheSameInstantOverAYear) {
    const Calendar calendar = london();
    for (Instant t{date_of("2013-01-01")}; t < Instant{date_of("2014-01-01")}; t += 30min) {
        const LocalTime local = calendar.to_local(t);
        const WallClock clock = calendar.from_local(local.date.time_since_epoch().count() * 86400LL + local.second_of_day);
        ASSERT_NE(clock.kind, WallClock::Kind::nonexistent);
        ASSERT_TRUE(clock.first == t || clock.second == t) << format_instant(t);
    }
}

TEST(Calendar, UtcHasNoSurprises) {
    const auto utc = Calendar::make("UTC").value();
    EXPECT_EQ(utc.from_local(wall("2013-10-27", 5400)).kind, WallClock::Kind::unique);
    EXPECT_EQ(utc.start_of(date_of("2013-07-01")), Instant{date_of("2013-07-01")});
}

TEST(Calendar, ADayCanStartWhereMidnightDoesNotExist) {
    const auto beirut = Calendar::make("Asia/Beirut").value();  // 2013-03-31 00:00 jumped to 01:00
    EXPECT_EQ(beirut.start_of(date_of("2013-03-31")), Instant{date_of("2013-03-30")} + 22h);
}

TEST(MakeAxis, CoversALocalYear) {
    const Axis axis = make_axis(london(), date_of("2013-01-01"), date_of("2014-01-01"), 30min).value();
    EXPECT_EQ(axis.count, 17520U);
    EXPECT_EQ(format_instant(axis.start), "2013-01-01T00:00:00Z");
    EXPECT_EQ(format_instant(axis.end()), "2014-01-01T00:00:00Z");
}

TEST(MakeAxis, ADayOfClockChangeHas46Or50HalfHours) {
    EXPECT_EQ(make_axis(london(), date_of("2013-03-31"), date_of("2013-04-01"), 30min).value().count, 46U);
    EXPECT_EQ(make_axis(london(), date_of("2013-10-27"), date_of("2013-10-28"), 30min).value().count, 50U);
}

TEST(MakeAxis, RefusesAnEmptySpan) {
    EXPECT_EQ(make_axis(london(), date_of("2014-01-01"), date_of("2013-01-01"), 30min).error().code, Code::usage);
}

TEST(MakeResolution, DaysAreLocal) {
    const Axis axis = make_axis(london(), date_of("2013-03-30"), date_of("2013-04-02"), 30min).value();
    const Resolution days = make_resolution(london(), axis, "1d").value();
    EXPECT_EQ(days.bounds, (std::vector<std::uint32_t>{0, 48, 94, 142}));
}

TEST(MakeResolution, MonthsAndYearsTileTheAxis) {
    const Axis axis = make_axis(london(), date_of("2013-01-01"), date_of("2014-01-01"), 30min).value();
    const Resolution months = make_resolution(london(), axis, "month").value();
    EXPECT_EQ(months.num_bins(), 12U);
    EXPECT_EQ(months.bounds[1], 31U * 48);
    EXPECT_EQ(months.bounds[3], 90U * 48 - 2);  // March lost an hour
    EXPECT_EQ(months.bounds.back(), 17520U);
    EXPECT_EQ(make_resolution(london(), axis, "year").value().bounds, (std::vector<std::uint32_t>{0, 17520}));
}

TEST(MakeResolution, RefusesBinsThatCutAnInterval) {
    const Axis axis = make_axis(london(), date_of("2013-01-01"), date_of("2013-01-02"), 30min).value();
    EXPECT_FALSE(make_resolution(london(), axis, "15min").ok());
    EXPECT_FALSE(make_resolution(london(), axis, "45min").ok());
    EXPECT_FALSE(make_resolution(london(), axis, "fortnight").ok());
}

TEST(ParseDuration, ReadsTheJobsWords) {
    EXPECT_EQ(parse_duration("15min").value(), 15min);
    EXPECT_EQ(parse_duration("1h").value(), 1h);
    EXPECT_EQ(parse_duration("7d").value(), 168h);
    for (const char* bad : {"", "min", "0h", "-1h", "1 h", "1week", "99999999999999999999h"})
        EXPECT_FALSE(parse_duration(bad).ok()) << bad;
}

TEST(ParseDate, RefusesWhatIsNoDate) {
    EXPECT_EQ(format_date(date_of("2012-02-29")), "2012-02-29");
    for (const char* bad : {"", "2013-02-29", "2013-1-1", "2013-13-01", "20130101", "2013-01-01x"})
        EXPECT_FALSE(parse_date(bad).ok()) << bad;
}

}  // namespace
}  // namespace meterveil::model
