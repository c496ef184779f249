#include "forecast/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <string>

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t slots = 24;
const model::Date monday = model::parse_date("2013-01-07").value();

std::unique_ptr<Model> make(const std::string& name, std::uint32_t horizon_days, std::vector<model::Date> holidays = {}) {
    for (const ModelKind& kind : model_kinds())
        if (kind.name == name) return kind.make({slots, horizon_days, std::move(holidays)});
    return nullptr;
}

History of(const std::vector<double>& values) { return {values, slots, monday}; }

void learn(Model& model, const std::vector<double>& values, std::uint32_t days) {
    for (std::uint32_t d = 1; d <= days; ++d) model.learn(of(values).until(d));
    model.fit(model.take_statistics());
}

/// Mean absolute error of the day-ahead forecasts of days [first, last).
double error_of(const Model& model, const std::vector<double>& values, std::uint32_t first, std::uint32_t last) {
    double sum = 0;
    for (std::uint32_t d = first; d < last; ++d) {
        const auto forecast = model.predict(of(values).until(d));
        for (std::uint32_t s = 0; s < slots; ++s) sum += std::abs(forecast[s] - values[std::size_t{d} * slots + s]);
    }
    return sum / ((last - first) * slots);
}

std::vector<double> weekly_periodic(std::uint32_t days) {
    std::vector<double> values;
    for (std::uint32_t i = 0; i < days * slots; ++i) values.push_back(1000 + i % (7 * slots) * 13 % 401);
    return values;
}

TEST(SeasonalNaive, IsExactOnAWeeklyPeriodicSeries) {
    const auto values = weekly_periodic(22);
    const auto forecast = make("seasonal_naive", 7)->predict(of(values).until(15));
    EXPECT_EQ(forecast, std::vector<double>(values.begin() + 15 * slots, values.end()));
}

TEST(FourWeekShape, IsTheMeanOfFourWeeksAtTheLevelOfTheLast) {
    std::vector<double> values;
    for (const double level : {100, 300, 200, 400})  // weeks; within each day one hour higher, by another amount each week
        for (std::uint32_t i = 0; i < 7 * slots; ++i) values.push_back(level + (i % slots == 5 ? level / 10 : 0));
    const auto forecast = make("four_week_shape", 1)->predict(of(values));
    const double mean_shape = 250 + 25.0 / slots, last = 400 + 40.0 / slots;
    EXPECT_NEAR(forecast[0], 250 - mean_shape + last, 1e-9);
    EXPECT_NEAR(forecast[5], 275 - mean_shape + last, 1e-9);
    EXPECT_TRUE(make("four_week_shape", 1)->predict(of(values).until(27)).empty());
}

TEST(FourWeekShape, IsExactOnAWeeklyPeriodicSeries) {
    const auto values = weekly_periodic(40);
    const auto forecast = make("four_week_shape", 7)->predict(of(values).until(33));
    for (std::size_t i = 0; i < forecast.size(); ++i) ASSERT_NEAR(forecast[i], values[33 * slots + i], 1e-9);
}

/// A day is its weekday's shape plus 0.9 x the surprise of the day before: linear in the last week, unknown to the naive.
std::vector<double> with_memory(std::uint32_t days, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> shock(0, 100), noise(0, 10);
    std::vector<double> values;
    double surprise = 0;
    for (std::uint32_t d = 0; d < days; ++d) {
        surprise = 0.9 * surprise + shock(random);
        for (std::uint32_t s = 0; s < slots; ++s) values.push_back(3000 + (d % 7 < 5 ? 20.0 : 40.0) * s + surprise + noise(random));
    }
    return values;
}

TEST(DirectRidge, LearnsAPlantedPatternAndBeatsTheNaive) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    const auto values = with_memory(300, seed);
    const auto ridge = make("direct_ridge", 1);
    for (const std::uint32_t until : {100, 150, 200}) {
        for (std::uint32_t d = until == 100 ? 1 : until - 49; d <= until; ++d) ridge->learn(of(values).until(d));
        ridge->fit(ridge->take_statistics());
    }
    EXPECT_LT(error_of(*ridge, values, 200, 300), 0.75 * error_of(*make("seasonal_naive", 1), values, 200, 300));
}

/// A ridge fitted every 28 days.
std::unique_ptr<Model> fitted_monthly(const std::vector<double>& values, std::uint32_t days) {
    auto ridge = make("direct_ridge", 1);
    for (std::uint32_t d = 1; d <= days; ++d) {
        ridge->learn(of(values).until(d));
        if (d % 28 == 0) ridge->fit(ridge->take_statistics());
    }
    return ridge;
}

TEST(DirectRidge, ChoosesAHeavyPenaltyWhereThereIsNothingToLearn) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(1000, 100);
    std::vector<double> values;
    for (std::uint32_t i = 0; i < 308 * slots; ++i) values.push_back(noise(random));
    // The best forecast is the mean, off by 80 on average; an eager one adds its own noise.
    EXPECT_LT(error_of(*fitted_monthly(values, 280), values, 280, 308), 95);
}

TEST(DirectRidge, ChoosesALightPenaltyWhereThePastTellsAll) {
    std::vector<double> values;  // a period of five days: a line in the last week, and nothing that a calendar knows
    for (std::uint32_t i = 0; i < 308 * slots; ++i) values.push_back(1000 + 100 * std::sin(2 * std::numbers::pi * i / (5 * slots)));
    EXPECT_LT(error_of(*fitted_monthly(values, 280), values, 280, 308), 1);
}

TEST(DirectRidge, LearnsWhatAHolidayDoes) {
    std::vector<double> values;
    std::vector<model::Date> holidays;
    for (std::uint32_t d = 0; d < 400; ++d) {
        const bool is_holiday = d % 17 == 3;
        if (is_holiday) holidays.push_back(monday + std::chrono::days(d));
        for (std::uint32_t s = 0; s < slots; ++s) values.push_back(is_holiday ? 500 : 1000 + 10.0 * s);
    }
    const auto knows = make("direct_ridge", 1, holidays), ignores = make("direct_ridge", 1);
    learn(*knows, values, 360);
    learn(*ignores, values, 360);
    const std::uint32_t holiday = 377;  // 17 x 22 + 3
    EXPECT_LT(error_of(*knows, values, holiday, holiday + 1), 0.6 * error_of(*ignores, values, holiday, holiday + 1));
}

TEST(DirectRidge, DoesNotDependOnWhoLearntWhat) {
    const auto a = with_memory(120, 3), b = with_memory(120, 4);
    const auto alone = make("direct_ridge", 7), first = make("direct_ridge", 7), second = make("direct_ridge", 7);
    for (std::uint32_t d = 1; d <= 120; ++d) {
        alone->learn(of(a).until(d));
        alone->learn(of(b).until(d));
        (d % 3 == 0 ? first : second)->learn(of(a).until(d));
        (d % 5 == 0 ? first : second)->learn(of(b).until(d));
    }
    auto sums = first->take_statistics();
    const auto more = second->take_statistics();
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
    alone->fit(alone->take_statistics());
    first->fit(sums);
    EXPECT_EQ(alone->predict(of(a)), first->predict(of(a)));
}

TEST(DirectRidge, ClipsAnOutlierSoThatItsSumsStayExact) {
    auto values = with_memory(60, 5);
    values[50 * slots + 3] = 1e15;
    const auto ridge = make("direct_ridge", 1);
    learn(*ridge, values, 60);
    for (const double v : ridge->predict(of(values).until(45))) EXPECT_LT(std::abs(v), 1e5);
}

}  // namespace
}  // namespace meterveil::forecast
