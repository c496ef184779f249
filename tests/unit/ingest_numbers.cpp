#include <gtest/gtest.h>

#include "ingest/numbers.hpp"

namespace meterveil::ingest {
namespace {

/// The number in millionths.
std::optional<std::int64_t> millionths(std::string_view text, const NumberStyle& style) {
    const auto number = parse_number(text, style);
    return number ? std::optional(nwh_of(*number, {1, -3}, EnergyUnit::wh)) : std::nullopt;
}

TEST(NwhOf, IsExactAndSaturates) {
    EXPECT_EQ(nwh_of({35089902, 0}, {1, -3}, EnergyUnit::kwh), 35089902'000000000);
    EXPECT_EQ(nwh_of({534761445783133, -11}, {1, 0}, EnergyUnit::kwh), 5347614457831330);
    EXPECT_EQ(nwh_of({-1, 0}, {40, 0}, EnergyUnit::wh), -40'000000000);
    EXPECT_EQ(nwh_of({2, 0}, {1, 0}, EnergyUnit::kwh, 900), 500'000000000);
    EXPECT_EQ(nwh_of({725107, -2}, {1, 0}, EnergyUnit::mwh, 300), 604255833333333333);
    EXPECT_EQ(nwh_of({5, -10}, {1, 0}, EnergyUnit::wh), 0);
    EXPECT_EQ(nwh_of({15, -10}, {1, 0}, EnergyUnit::wh), 2);
    EXPECT_EQ(nwh_of({999999999999999999, 99}, {1, 0}, EnergyUnit::mwh), INT64_MAX);
    EXPECT_EQ(nwh_of({-999999999999999999, 0}, {999999999999999999, 0}, EnergyUnit::mwh), -INT64_MAX);
    EXPECT_EQ(nwh_of({1, -99}, {1, -99}, EnergyUnit::mwh), 0);
}

TEST(StyleOf, IsToldByTheNumbersThemselves) {
    EXPECT_EQ(style_of({"0.123", "1.5"}, ',').decimal_mark, '.');
    EXPECT_EQ(style_of({"0,123"}, ';').decimal_mark, ',');
    EXPECT_EQ(style_of({"12", "7"}, ';').decimal_mark, ',');
    EXPECT_EQ(style_of({"12", "7"}, ',').decimal_mark, '.');
    EXPECT_TRUE(style_of({"1.234,5"}, ';').has_thousands);
    EXPECT_EQ(style_of({"1.234,5"}, ';').decimal_mark, ',');
    EXPECT_EQ(style_of({"1,234.5", "1,234"}, ';').decimal_mark, '.');
    EXPECT_EQ(style_of({"1.234.567"}, ',').decimal_mark, ',');
    EXPECT_EQ(style_of({"8350.274"}, ';').decimal_mark, '.');  // no mark of thousands before 8350
    EXPECT_FALSE(style_of({"1,234", "2,345"}, ',').is_told);
    EXPECT_TRUE(style_of({"1,234", "0,345"}, ',').is_told);
    EXPECT_FALSE(style_of({"1.234", "2.345"}, ';').is_told);
}

TEST(ParseNumber, TakesTheMarksOfItsStyle) {
    const NumberStyle point{'.', false, true}, comma{',', false, true}, comma_and_points{',', true, true}, point_and_commas{'.', true, true};
    EXPECT_EQ(millionths("1.5", point), 1500000);
    EXPECT_EQ(millionths("1,5", comma), 1500000);
    EXPECT_EQ(millionths("1.234,5", comma_and_points), 1234500000);
    EXPECT_EQ(millionths("1.234,5", comma), 1234500000);
    EXPECT_EQ(millionths("1,234", point_and_commas), 1234000000);
    EXPECT_EQ(millionths("-1 234,5", comma), -1234500000);
    EXPECT_EQ(millionths("1'234.5", point), 1234500000);
    EXPECT_EQ(millionths("1\xc2\xa0" "234", point), 1234000000);
    EXPECT_EQ(millionths("\xe2\x88\x92" "2", point), -2000000);
    EXPECT_EQ(millionths("1,2E-1", comma), 120000);
}

TEST(ParseNumber, NeverTakesAMarkOfThousandsForOneOfDecimals) {
    const NumberStyle point{'.', false, true}, comma{',', false, true}, comma_and_points{',', true, true};
    for (const char* bad : {"", "1,5", "1,234", "1 23", "12 34.5", "1.2.3", "x", "1 234 56", "1e", "--1"}) EXPECT_FALSE(parse_number(bad, point)) << bad;
    for (const char* bad : {"1.5", "1.234", "1,2,3"}) EXPECT_FALSE(parse_number(bad, comma)) << bad;
    for (const char* bad : {"1.23,4", "1234.567,8", ".234", "1.2345", "1,234.5"}) EXPECT_FALSE(parse_number(bad, comma_and_points)) << bad;
    EXPECT_FALSE(parse_number(std::string(100, '1'), point));
}

TEST(ParseUnit, KnowsEnergyPowerAndWhatIsNeither) {
    EXPECT_EQ(parse_unit("kWh")->unit, EnergyUnit::kwh);
    EXPECT_EQ(parse_unit("(MWH)")->unit, EnergyUnit::mwh);
    EXPECT_EQ(parse_unit("kilowatt-hours")->unit, EnergyUnit::kwh);
    EXPECT_TRUE(parse_unit("kW")->is_power);
    EXPECT_FALSE(parse_unit("kWh")->is_power);
    for (const char* other : {"m3", "m\xc2\xb3", "kvarh", "therms", "GJ"}) EXPECT_FALSE(parse_unit(other)->is_energy) << other;
    EXPECT_FALSE(parse_unit("kwhh"));
}

TEST(ParseLength, KnowsMinutesHoursAndSeconds) {
    EXPECT_EQ(parse_length("15min"), 900);
    EXPECT_EQ(parse_length("PT15M"), 900);
    EXPECT_EQ(parse_length("1 hour"), 3600);
    EXPECT_EQ(parse_length("30"), 1800);
    EXPECT_EQ(parse_length("900"), 900);
    for (const char* bad : {"", "-", "0", "100", "15 apples", "99999999999999"}) EXPECT_FALSE(parse_length(bad)) << bad;
}

}  // namespace
}  // namespace meterveil::ingest
