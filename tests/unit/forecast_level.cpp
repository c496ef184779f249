#include "forecast/level.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "forecast/study.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t slots = 24, days = 120;
const model::Date first_date = model::parse_date("2013-01-01").value();

/// Two units, weekly shapes with noise.
Panel noisy_panel(unsigned seed) {
    std::mt19937 random(seed);
    Panel panel{"feeder", 2, {0, 1}, {}, slots, days, first_date, std::vector<bool>(days * slots, false)};
    for (int u = 0; u < 2; ++u) {
        panel.rectangles.emplace_back();
        for (std::uint32_t i = 0; i < days * slots; ++i)
            panel.rectangles.back().push_back(static_cast<double>(1000 + i % slots * 30 + i % (7 * slots) + random() % 400));
    }
    return panel;
}

Level::Rows zeroes(const Panel& panel, std::uint32_t horizon_days) {
    return Level::Rows(panel.units.size(), std::vector<double>(horizon_days * slots, 0));
}

void alone(const std::function<void(par::Comm&)>& body) { par::run_on_threads(1, body); }

/// Judges a weekly forecast from `origin`, made by candidates of which `best` is right and all others say 0.
void judge(par::Comm& comm, Level& level, std::uint32_t origin, std::size_t best) {
    std::vector<Level::Rows> candidates(level.num_candidates(), zeroes(level.panel(), 7));
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t t = 0; t < 7 * slots; ++t) candidates[best][i][t] = level.panel().rectangles[i][origin * slots + t];
    level.judge(comm, origin, candidates, candidates[best]);
}

TEST(Level, LeadsWithTheCombinationBeforeAnythingIsKnown) {
    const Level level(noisy_panel(1), {slots, 7, {}});
    EXPECT_STREQ(level.name_of(level.leader()), "combination");
}

TEST(Level, LearnsOfAnOriginOnlyWhenItsLastDayHasPassed) {
    alone([](par::Comm& comm) {
        Level level(noisy_panel(1), {slots, 7, {}});
        judge(comm, level, 40, 0);
        level.settle(46);
        EXPECT_EQ(level.leader(), level.num_candidates() - 1);
        EXPECT_EQ(level.residuals().quantile(0, 0, 0.5), 0);
        level.settle(47);
        EXPECT_EQ(level.leader(), 0U);
        EXPECT_NE(level.residuals().quantile(0, 0, 0.5), 0);  // the middle of the bin that starts at 0
        EXPECT_EQ(level.variances(0, 47), (std::vector<double>{1, 1}));
        EXPECT_GT(level.variances(1, 47).at(0), 1000.0 * 1000);
    });
}

TEST(Level, FollowsTheLeastErrorOfAllThatIsKnown) {
    alone([](par::Comm& comm) {
        Level level(noisy_panel(1), {slots, 7, {}});
        judge(comm, level, 40, 0);
        judge(comm, level, 50, 1);
        judge(comm, level, 60, 1);
        level.settle(57);
        EXPECT_EQ(level.leader(), 0U);  // as good as 1, and simpler
        level.settle(67);
        EXPECT_EQ(level.leader(), 1U);
    });
}

TEST(Level, CombinesModelsByTheirWeights) {
    alone([](par::Comm& comm) {
        Level level(noisy_panel(2), {slots, 1, {}});
        level.learn_until(comm, 84, false);
        const auto candidates = level.forecast(84);
        ASSERT_EQ(candidates.size(), model_kinds().size() + 1);
        double sum = 0, weight = 0;
        for (std::size_t k = 0; k < model_kinds().size(); ++k) {
            sum += model_kinds()[k].weight * candidates[k][1][5];
            weight += model_kinds()[k].weight;
        }
        EXPECT_NEAR(candidates.back()[1][5], sum / weight, 1e-9);
    });
}

TEST(Level, RefitsEvery28DaysAndAtTheEnd) {
    alone([](par::Comm& comm) {
        Level level(noisy_panel(3), {slots, 1, {}});
        level.learn_until(comm, 56, false);
        const auto before = level.forecast(100);
        level.learn_until(comm, 83, false);
        EXPECT_EQ(level.forecast(100), before);
        level.learn_until(comm, 84, false);
        const auto after = level.forecast(100);
        EXPECT_NE(after, before);
        level.learn_until(comm, 99, true);
        EXPECT_NE(level.forecast(100), after);
    });
}

TEST(Level, CountsCoverageOfThePublishedByTheBandKnownThen) {
    alone([](par::Comm& comm) {
        Level level(noisy_panel(4), {slots, 1, {}});
        const auto candidates = std::vector<Level::Rows>(level.num_candidates(), zeroes(level.panel(), 1));
        const auto perfect = [&](std::uint32_t origin, double off) {
            Level::Rows rows = zeroes(level.panel(), 1);
            for (std::size_t i = 0; i < 2; ++i)
                for (std::size_t t = 0; t < slots; ++t) rows[i][t] = level.panel().rectangles[i][origin * slots + t] + off;
            return rows;
        };
        for (std::uint32_t origin = 40; origin < 60; ++origin) {
            level.settle(origin);
            level.judge(comm, origin, candidates, perfect(origin, origin % 2 == 0 ? 5 : -5));
        }
        level.settle(60);
        const auto& errors = level.errors().back();
        EXPECT_EQ(errors.banded, 19 * 2 * slots);  // nothing was known at the first
        level.judge(comm, 60, candidates, perfect(60, 1e6));
        EXPECT_EQ(level.errors().back().banded, 20 * 2 * slots);
        EXPECT_LE(level.errors().back().inside, 19 * 2 * slots);
        EXPECT_EQ(level.errors()[0].banded, 0);
    });
}

TEST(Study, CannotBeSwayedByTheFuture) {
    alone([](par::Comm& comm) {
        constexpr std::uint32_t day = 90;
        model::ReleasedChannel channel;
        channel.units = {{"a", 0, false, model::no_id, "", "", {}}, {"b", 0, false, model::no_id, "", "", {}}};
        channel.owned = {0, 2};
        std::vector<std::vector<std::int64_t>> published;
        for (const bool repeats : {false, true}) {  // a future in which the naive is right
            Panel panel = noisy_panel(5);
            for (auto& values : panel.rectangles)
                for (std::size_t i = day * slots; repeats && i < values.size(); ++i) values[i] = values[i - 7 * slots];
            std::vector<Level> levels;
            levels.emplace_back(std::move(panel), Setting{slots, 7, {}});
            Study study(channel, {slots, 7, {}}, std::move(levels));
            study.backtest(comm, {88});  // judged by days that are not known at `day`
            published.push_back(study.publish(comm, day, false));
        }
        EXPECT_EQ(published[0], published[1]);
    });
}

TEST(Origins, LeaveTrainingAndAWholeHorizon) {
    for (std::uint32_t num_days = 29; num_days < 1200; ++num_days)
        for (const std::uint32_t horizon_days : {1U, 7U}) {
            if (num_days < days_needed(horizon_days)) continue;
            const auto days_of = origins(num_days, horizon_days, 60);
            ASSERT_GE(days_of.front(), min_training_days);
            ASSERT_EQ(days_of.back(), num_days - horizon_days);
            ASSERT_LE(days_of.size(), 60U);
            ASSERT_EQ(std::set<std::uint32_t>(days_of.begin(), days_of.end()).size(), days_of.size());
        }
}

TEST(Origins, OfAYearCoverItsSeasonsAndAllWeekdays) {
    const auto days_of = origins(365, 1, 60);
    EXPECT_GE(days_of.size(), 45U);
    EXPECT_EQ(days_of.front(), 56U);
    EXPECT_EQ(days_of.back(), 364U);
    for (std::size_t i = 1; i < days_of.size(); ++i) EXPECT_LE(days_of[i] - days_of[i - 1], 6U);
    EXPECT_EQ(origins(1096, 1, 60).front(), 1095U - 364);
}

TEST(Origins, FallOnEveryWeekday) {
    for (std::uint32_t num_days = 60; num_days < 800; ++num_days)
        for (const std::uint32_t most : {20U, 45U, 53U, 54U, 60U}) {
            std::set<std::uint32_t> weekdays;
            const auto days_of = origins(num_days, 1, most);
            for (const auto day : days_of) weekdays.insert(day % 7);
            ASSERT_GE(days_of.size(), num_days < 300 ? 7U : most * 9 / 10);
            ASSERT_EQ(weekdays.size(), 7U) << num_days << " days, " << most << " origins";
        }
}

}  // namespace
}  // namespace meterveil::forecast
