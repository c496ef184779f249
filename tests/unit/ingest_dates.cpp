#include <gtest/gtest.h>

#include <random>

#include "ingest/dates.hpp"
#include "ingest/decimal.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::int64_t day_of_2013_01_31 = 15736;

TEST(ParseDay, ReadsTheWaysOfWriting) {
    for (const char* text : {"2013-01-31", "2013/1/31", "2013.01.31", "20130131", "31/01/2013", "31.1.2013", "31-01-2013", "31-Jan-2013", "31-JAN-13", "31/1/13", "31.01.13",
                             "31 Jan 2013", "31 januari 2013", "31. Januar 2013", "31 janv. 2013", "Jan 31, 2013", "January 31 2013"})
        EXPECT_EQ(parse_day(text, DateOrder::day_first), day_of_2013_01_31) << text;
    EXPECT_EQ(parse_day("01/31/2013", DateOrder::month_first), day_of_2013_01_31);
    EXPECT_EQ(parse_day("31.01.2013", DateOrder::month_first), day_of_2013_01_31);
}

TEST(ParseDay, RefusesWhatIsNoDay) {
    for (const char* bad : {"", "2013-02-29", "2013-13-01", "2013-01", "2013-01-31x", "13-01-31", "31/01/113", "31 01 2013", "Foo 31, 2013", "Jan 31", "31/01-2013", "01/31/2013", "2013013", "201301311", "1066-01-01", "2013-001-1", "31-Foo-2013", "/", "1/"})
        EXPECT_FALSE(parse_day(bad, DateOrder::day_first)) << bad;
}

TEST(ParseDayAndTime, TakesADayAlone) {
    const std::int64_t midnight = day_of_2013_01_31 * 86400;
    EXPECT_EQ(parse_day_and_time("31/01/2013", DateOrder::day_first)->wall_s, midnight);
    EXPECT_EQ(parse_day_and_time("31/01/2013 1:30", DateOrder::day_first)->wall_s, midnight + 5400);
    EXPECT_EQ(parse_day_and_time("2013/01/31 01:30:00.000", DateOrder::day_first)->wall_s, midnight + 5400);
    EXPECT_EQ(parse_day_and_time("31.01.2013 24:00", DateOrder::day_first)->wall_s, midnight + 86400);
    EXPECT_EQ(parse_day_and_time("2013-01-31T01:30:00+01:00", DateOrder::day_first)->offset_s, 3600);
    for (const char* bad : {"31/01/2013 24:01", "31/01/2013 1:3", "31/01/2013x01:30", "31/01/2013 01:30:00.5", "31/01/2013 "})
        EXPECT_FALSE(parse_day_and_time(bad, DateOrder::day_first)) << bad;
}

TEST(OrderOf, IsToldByADayBehindTheTwelfth) {
    EXPECT_EQ(order_of({"01/02/2013", "13/02/2013"}), DateOrder::day_first);
    EXPECT_EQ(order_of({"01/02/2013 00:30", "02/13/2013 00:30"}), DateOrder::month_first);
    EXPECT_EQ(order_of({"1.2.2013"}), DateOrder::day_first);
    EXPECT_FALSE(order_of({"01/02/2013", "12/12/2013"}));
    EXPECT_FALSE(order_of({"13/02/2013", "02/13/2013"}));
    EXPECT_FALSE(order_of({"2013-01-31", ""}));
}

TEST(EnergyOfPower, IsPowerTimesTime) {
    EXPECT_EQ(energy_of_power(2000'000000000, 900), 500'000000000);
    EXPECT_EQ(energy_of_power(1, 1800), 0);
    EXPECT_EQ(energy_of_power(3, 1800), 2);
    EXPECT_EQ(energy_of_power(-2000, 900), -500);
    EXPECT_EQ(energy_of_power(9'000000000'000000000, 3600), 9'000000000'000000000);
    EXPECT_FALSE(energy_of_power(9'000000000'000000000, 7200));
}

TEST(EnergyOfPower, IsExactWhereItFits) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20000; ++i) {
        const auto power = static_cast<std::int64_t>(random() % 9'000000000'000000);
        const auto length = static_cast<std::int64_t>(1 + random() % 86400);
        const auto exact = static_cast<model::uint128>(power) * static_cast<std::uint64_t>(length);
        const auto energy = energy_of_power(power, length);
        ASSERT_TRUE(energy);
        const auto found = static_cast<model::uint128>(*energy) * 3600;
        ASSERT_TRUE((found > exact ? found - exact : exact - found) <= 1800U);
    }
}

}  // namespace
}  // namespace meterveil::ingest
