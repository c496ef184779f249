#include "forecast/days.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace meterveil::forecast {
namespace {

using namespace std::chrono_literals;

/// Days of London from `from`, half-hours.
struct London {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis axis;
    London(const char* from, const char* until)
        : axis(model::make_axis(calendar, model::parse_date(from).value(), model::parse_date(until).value(), 30min).value()) {}
    [[nodiscard]] DayGrid grid() const { return {calendar, axis}; }
    [[nodiscard]] std::vector<std::int64_t> numbered() const {
        std::vector<std::int64_t> row(axis.count);
        std::iota(row.begin(), row.end(), 100);
        return row;
    }
};

std::size_t num_skipped(const DayGrid& grid) {
    const auto skipped = grid.skipped();
    return static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), true));
}

TEST(DayGrid, OfAnOrdinaryDayIsTheDay) {
    const London day("2013-06-01", "2013-06-02");
    ASSERT_EQ(day.axis.count, 48U);
    const auto rectangle = day.grid().rectangle(day.numbered());
    ASSERT_EQ(rectangle.size(), 48U);
    for (std::size_t s = 0; s < 48; ++s) EXPECT_EQ(rectangle[s], 100 + static_cast<double>(s));
    EXPECT_EQ(num_skipped(day.grid()), 0U);
}

TEST(DayGrid, OfTheShortDayRepeatsTheValueBeforeTheJump) {
    const London day("2013-03-31", "2013-04-01");
    ASSERT_EQ(day.axis.count, 46U);
    const auto rectangle = day.grid().rectangle(day.numbered());
    ASSERT_EQ(rectangle.size(), 48U);
    EXPECT_EQ(rectangle[1], 101);  // 00:30; then the clock jumps from 01:00 to 02:00
    EXPECT_EQ(rectangle[2], 101);
    EXPECT_EQ(rectangle[3], 101);
    EXPECT_EQ(rectangle[4], 102);
    EXPECT_EQ(rectangle[47], 145);
    const auto skipped = day.grid().skipped();
    EXPECT_TRUE(skipped[2] && skipped[3]);
    EXPECT_EQ(num_skipped(day.grid()), 2U);
}

TEST(DayGrid, OfTheLongDayTakesTheMeanOfTheHourThatComesTwice) {
    const London day("2013-10-27", "2013-10-28");
    ASSERT_EQ(day.axis.count, 50U);
    const auto rectangle = day.grid().rectangle(day.numbered());
    ASSERT_EQ(rectangle.size(), 48U);
    EXPECT_EQ(rectangle[1], 101);
    EXPECT_EQ(rectangle[2], 103);  // 01:00 is half-hours 2 and 4
    EXPECT_EQ(rectangle[3], 104);
    EXPECT_EQ(rectangle[4], 106);
    EXPECT_EQ(rectangle[47], 149);
    EXPECT_EQ(num_skipped(day.grid()), 0U);
}

TEST(DayGrid, CountsDaysAcrossAYearWithBothJumps) {
    const London year("2013-01-01", "2014-01-01");
    const DayGrid grid = year.grid();
    EXPECT_EQ(grid.num_days(), 365U);
    EXPECT_EQ(grid.slots(), 48U);
    EXPECT_EQ(grid.first_date(), model::parse_date("2013-01-01").value());
    EXPECT_EQ(grid.of_step().size(), 365U * 48);
    EXPECT_EQ(num_skipped(grid), 2U);
}

TEST(DayGrid, FillsASkippedMidnightFromTheFirstValueThereIs) {
    const auto calendar = model::Calendar::make("America/Sao_Paulo").value();  // 2013-10-20 starts at 01:00
    const auto day = model::parse_date("2013-10-20").value();
    const auto axis = model::make_axis(calendar, day, day + std::chrono::days(1), 1h).value();
    ASSERT_EQ(axis.count, 23U);
    const auto rectangle = DayGrid(calendar, axis).rectangle(std::vector<std::int64_t>(23, 7));
    EXPECT_EQ(rectangle, std::vector<double>(24, 7));
}

}  // namespace
}  // namespace meterveil::forecast
