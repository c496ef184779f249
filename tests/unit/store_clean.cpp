#include "store/clean.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace meterveil::store {
namespace {

using model::missing_quanta;

struct Year {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis axis = model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2014-01-01").value(),
                                        std::chrono::minutes(30)).value();
    Days days = make_days(calendar, axis);

    /// A load that depends on the local slot and on weekday or weekend alone.
    [[nodiscard]] std::vector<std::int32_t> weekly_load() const {
        std::vector<std::int32_t> quanta(axis.count);
        for (std::size_t t = 0; t < quanta.size(); ++t)
            quanta[t] = static_cast<std::int32_t>(100 + 7 * days.slot[t] + (days.is_weekend[days.day[t]] ? 500 : 0));
        return quanta;
    }
};

TEST(Days, ClockChangesKeepLocalSlots) {
    const Year year;
    EXPECT_EQ(year.days.num_days(), 365U);
    EXPECT_FALSE(year.days.is_weekend[0]);  // a Tuesday
    EXPECT_TRUE(year.days.is_weekend[4]);
    const std::uint32_t spring = 31 + 28 + 30;  // 31 March: no 01:00 and 01:30
    EXPECT_EQ(year.days.interval[spring * 48 + 2], Days::no_interval);
    EXPECT_NE(year.days.interval[spring * 48 + 4], Days::no_interval);
}

TEST(Clean, AWholeSeriesIsLeftAlone) {
    const Year year;
    auto quanta = year.weekly_load();
    const auto before = quanta;
    const Cleaned cleaned = clean(quanta, year.days, Fill::typical, 0.9);
    EXPECT_TRUE(cleaned.takes_part);
    EXPECT_EQ(cleaned.measured, 17520U);
    EXPECT_EQ(cleaned.filled, 0U);
    EXPECT_EQ(quanta, before);
}

TEST(Clean, TypicalFillsFindTheWeeklyLoadAgainExactly) {
    const Year year;
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto truth = year.weekly_load();
    auto quanta = truth;
    for (int run = 0; run < 40; ++run) {
        const std::size_t first = random() % quanta.size(), length = 1 + random() % 60;
        for (std::size_t t = first; t < std::min(quanta.size(), first + length); ++t) quanta[t] = missing_quanta;
    }
    const Cleaned cleaned = clean(quanta, year.days, Fill::typical, 0.8);
    EXPECT_TRUE(cleaned.takes_part);
    EXPECT_GT(cleaned.filled, 0U);
    EXPECT_EQ(cleaned.measured + cleaned.filled, 17520U);
    EXPECT_EQ(quanta, truth);
}

TEST(Clean, LowCoverageDoesNotTakePartAndIsNotFilled) {
    const Year year;
    auto quanta = year.weekly_load();
    std::fill(quanta.begin(), quanta.begin() + 1753, missing_quanta);  // 10.01 %
    const auto before = quanta;
    EXPECT_FALSE(clean(quanta, year.days, Fill::typical, 0.9).takes_part);
    EXPECT_EQ(quanta, before);
    quanta[0] = quanta[1] = 5;
    EXPECT_TRUE(clean(quanta, year.days, Fill::typical, 0.9).takes_part);
}

TEST(Clean, WithoutFillOneGapIsTooMany) {
    const Year year;
    auto quanta = year.weekly_load();
    EXPECT_TRUE(clean(quanta, year.days, Fill::none, 0.9).takes_part);
    quanta[77] = missing_quanta;
    EXPECT_FALSE(clean(quanta, year.days, Fill::none, 0.9).takes_part);
    EXPECT_EQ(quanta[77], missing_quanta);
}

TEST(Clean, LinearGoesStraightOverShortGapsOnly) {
    const Year year;
    std::vector<std::int32_t> quanta(year.axis.count, 10);
    quanta[99] = 10;
    quanta[103] = 20;
    for (std::size_t t = 100; t < 103; ++t) quanta[t] = missing_quanta;
    EXPECT_TRUE(clean(quanta, year.days, Fill::linear, 0.9).takes_part);
    EXPECT_EQ((std::vector<std::int32_t>(quanta.begin() + 100, quanta.begin() + 103)), (std::vector<std::int32_t>{12, 15, 18}));
    for (std::size_t t = 200; t < 207; ++t) quanta[t] = missing_quanta;
    EXPECT_FALSE(clean(quanta, year.days, Fill::linear, 0.9).takes_part);
}

TEST(Clean, ASilentMeterNeverTakesPart) {
    const Year year;
    std::vector<std::int32_t> quanta(year.axis.count, missing_quanta);
    const Cleaned cleaned = clean(quanta, year.days, Fill::typical, 0);
    EXPECT_FALSE(cleaned.takes_part);
    EXPECT_EQ(cleaned.measured, 0U);
}

}  // namespace
}  // namespace meterveil::store
