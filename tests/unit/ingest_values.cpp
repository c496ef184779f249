#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"
#include "ingest/timeline.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

TEST(ToEnergy, RoundsHalfToEvenAndKeepsTheRest) {
    const auto energy = to_energy("0.0625", EnergyUnit::kwh, 1);
    ASSERT_TRUE(energy);
    EXPECT_EQ(energy->quanta, 62);
    EXPECT_EQ(energy->residue_nwh, 500000000);
    EXPECT_EQ(to_energy("0.0635", EnergyUnit::kwh, 1)->quanta, 64);
    EXPECT_EQ(to_energy("0.0635", EnergyUnit::kwh, 1)->residue_nwh, -500000000);
}

TEST(ToEnergy, KnowsUnitsSignsAndExponents) {
    EXPECT_EQ(to_energy("1.5", EnergyUnit::kwh, 1)->quanta, 1500);
    EXPECT_EQ(to_energy("1.5", EnergyUnit::mwh, 1)->quanta, 1500000);
    EXPECT_EQ(to_energy("1500", EnergyUnit::wh, 10)->quanta, 150);
    EXPECT_EQ(to_energy("-.25", EnergyUnit::kwh, 1)->quanta, -250);
    EXPECT_EQ(to_energy("+2.", EnergyUnit::kwh, 1)->quanta, 2000);
    EXPECT_EQ(to_energy("1.2E-02", EnergyUnit::kwh, 1)->quanta, 12);
    EXPECT_EQ(to_energy("0.2389999999", EnergyUnit::kwh, 1)->quanta, 239);
    EXPECT_EQ(to_energy("0.000000000000000001", EnergyUnit::kwh, 1)->quanta, 0);
}

TEST(ToEnergy, RefusesWhatIsNoNumber) {
    for (const char* bad : {"", "-", ".", "Null", "nan", "1,5", "1.2.3", "1e", "1e999", "0x10", "12 3", "99999999999999999999", "1e30"})
        EXPECT_FALSE(to_energy(bad, EnergyUnit::kwh, 1)) << bad;
}

TEST(ToEnergy, IsExactOnEveryMilliwattHour) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20000; ++i) {
        const auto mwh = static_cast<std::int64_t>(random() % 100000000);  // thousandths of a Wh
        const auto energy = to_energy(fmt::format("{}.{:06}", mwh / 1000000, mwh % 1000000), EnergyUnit::kwh, 1);
        ASSERT_TRUE(energy);
        ASSERT_EQ(energy->quanta * 1000000000 + energy->residue_nwh, mwh * 1000000);
        ASSERT_LE(std::abs(energy->residue_nwh), 500000000);
    }
}

TEST(ParseStamp, ReadsTheWaysOfWriting) {
    const std::int64_t noon = 1357041600 + 0;  // 2013-01-01 12:00
    for (const char* text : {"2013-01-01 12:00", "2013-01-01 12:00:00", "2013-01-01T12:00:00", "2013-01-01 12:00:00.0000000"}) {
        ASSERT_TRUE(parse_stamp(text)) << text;
        EXPECT_EQ(parse_stamp(text)->wall_s, noon) << text;
        EXPECT_FALSE(parse_stamp(text)->offset_s) << text;
    }
    EXPECT_EQ(parse_stamp("2013-01-01T12:00:00Z")->offset_s, 0);
    EXPECT_EQ(parse_stamp("2013-01-01T12:00:00+02:00")->offset_s, 7200);
    EXPECT_EQ(parse_stamp("2013-01-01T12:00:00-0530")->offset_s, -19800);
    EXPECT_EQ(parse_stamp("1357041600")->wall_s, noon);
    EXPECT_EQ(parse_stamp("1357041600000")->wall_s, noon);
}

TEST(ParseStamp, RefusesWhatIsNoTime) {
    for (const char* bad : {"", "2013-02-29 00:00", "2013-01-01", "2013-01-01 24:00", "2013-01-01 12:60", "01/02/2013 12:00", "2013-01-01 12:00:00.5",
                            "2013-01-01 12:00x", "2013-01-01T12:00+99:00", "1357041600500", "12345"})
        EXPECT_FALSE(parse_stamp(bad)) << bad;
}

struct London {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis year = model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2014-01-01").value(),
                                        std::chrono::minutes(30)).value();
    [[nodiscard]] Timeline timeline(Clock::Kind kind, Label label = Label::start) const {
        Source source;
        source.clock.kind = kind;
        source.clock.offset_s = 3600;
        source.label = label;
        return {source, calendar, year};
    }
};

std::uint32_t interval_of(Timeline& timeline, const char* text, std::uint64_t who = 0) {
    const Placed placed = timeline.place(*parse_stamp(text), who);
    return std::holds_alternative<std::uint32_t>(placed) ? std::get<std::uint32_t>(placed) : 0xffffffffU;
}
Reason reason_of(Timeline& timeline, const char* text) { return std::get<Reason>(timeline.place(*parse_stamp(text), 0)); }

TEST(Timeline, PlacesUtcOffsetAndEndLabels) {
    const London london;
    auto utc = london.timeline(Clock::Kind::utc), fixed = london.timeline(Clock::Kind::fixed_offset), ended = london.timeline(Clock::Kind::utc, Label::end);
    EXPECT_EQ(interval_of(utc, "2013-01-01 00:30"), 1U);
    EXPECT_EQ(interval_of(fixed, "2013-01-01 01:30"), 1U);
    EXPECT_EQ(interval_of(ended, "2013-01-01 00:30"), 0U);
    EXPECT_EQ(interval_of(fixed, "2013-01-01T00:30:00Z"), 1U);
}

TEST(Timeline, SaysWhyARowHasNoPlace) {
    const London london;
    auto utc = london.timeline(Clock::Kind::utc), local = london.timeline(Clock::Kind::local);
    EXPECT_EQ(reason_of(utc, "2013-01-01 00:17"), Reason::bad_time);
    EXPECT_EQ(reason_of(utc, "2012-12-31 23:30"), Reason::outside_period);
    EXPECT_EQ(reason_of(utc, "2014-01-01 00:00"), Reason::outside_period);
    EXPECT_EQ(reason_of(local, "2013-03-31 01:30"), Reason::nonexistent_time);
}

TEST(Timeline, TheDoubledHourIsReadInFileOrderForEveryMeter) {
    const London london;
    auto local = london.timeline(Clock::Kind::local);
    const std::uint32_t first = interval_of(local, "2013-10-27 01:00", 1);
    EXPECT_EQ(interval_of(local, "2013-10-27 01:30", 1), first + 1);
    EXPECT_EQ(interval_of(local, "2013-10-27 01:00", 1), first + 2);
    EXPECT_EQ(interval_of(local, "2013-10-27 01:30", 1), first + 3);
    EXPECT_EQ(interval_of(local, "2013-10-27 02:00", 1), first + 4);
    EXPECT_EQ(interval_of(local, "2013-10-27 01:00", 2), first);
}

TEST(Timeline, ALocalYearHasEveryIntervalOnce) {
    const London london;
    auto local = london.timeline(Clock::Kind::local);
    for (std::uint32_t t = 0; t < london.year.count; ++t) {
        const auto wall = london.calendar.to_local(london.year.at(t));
        const Stamp stamp{wall.date.time_since_epoch().count() * 86400LL + wall.second_of_day, {}};
        ASSERT_EQ(std::get<std::uint32_t>(local.place(stamp, 7)), t);
    }
}

TEST(Split, UnquotesAndTrims) {
    std::vector<std::string> fields;
    EXPECT_TRUE(split(R"( a ," b ""c"", d " ,,e)", ',', fields));
    EXPECT_EQ(fields, (std::vector<std::string>{"a", " b \"c\", d ", "", "e"}));
    EXPECT_FALSE(split("a,\"open", ',', fields));
}

TEST(DelimiterOf, IsTheOneThatCutsMost) {
    EXPECT_EQ(delimiter_of("a,b,c"), ',');
    EXPECT_EQ(delimiter_of("a;b;c,d"), ';');
    EXPECT_EQ(delimiter_of("a\tb"), '\t');
}

}  // namespace
}  // namespace meterveil::ingest
