// What every model promises, asked of the whole table.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "forecast/level.hpp"
#include "forecast/model.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t slots = 24, days = 80, origin = 70;
const model::Date first_date = model::parse_date("2013-01-01").value();

std::vector<double> random_series(unsigned seed) {
    std::mt19937 random(seed);
    std::vector<double> values;
    for (std::uint32_t i = 0; i < days * slots; ++i) values.push_back(static_cast<double>(500 + i % slots * 20 + i % (7 * slots) + random() % 300));
    return values;
}

std::vector<double> times(std::vector<double> values, double factor) {
    for (double& v : values) v *= factor;
    return values;
}

/// Learns from all series, with a refit halfway, and forecasts the first, from `origin` on.
std::vector<double> forecast_of(const ModelKind& kind, std::uint32_t horizon_days, const std::vector<std::vector<double>>& series) {
    const auto model = kind.make({slots, horizon_days, {first_date}});
    for (std::uint32_t day = 1; day <= origin; ++day) {
        for (const auto& values : series) model->learn(History{values, slots, first_date}.until(day));
        if (day != origin / 2 && day != origin) continue;
        if (const auto statistics = model->take_statistics(); !statistics.empty()) model->fit(statistics);
    }
    return model->predict(History{series[0], slots, first_date}.until(origin));
}

/// Asks `question` of every model, a day and a week ahead.
void of_every_model(const std::function<void(const ModelKind&, std::uint32_t)>& question) {
    for (const ModelKind& kind : model_kinds())
        for (const std::uint32_t horizon_days : {1U, 7U}) {
            SCOPED_TRACE(std::string(kind.name) + " " + std::to_string(horizon_days));
            question(kind, horizon_days);
        }
}

TEST(EveryModel, SaysWhatItIs) {
    ASSERT_GE(model_kinds().size(), 2U);
    double weight = 0;
    for (const ModelKind& kind : model_kinds()) {
        EXPECT_FALSE(std::string(kind.name).empty() || std::string(kind.summary).empty());
        EXPECT_GE(kind.weight, 0);
        weight += kind.weight;
    }
    EXPECT_GT(weight, 0) << "the combination is of something";
}

TEST(EveryModel, GivesNoForecastWithoutHistory) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        const auto model = kind.make({slots, horizon_days, {}});
        model->learn({{}, slots, first_date});
        EXPECT_TRUE(model->predict({{}, slots, first_date}).empty());
        const auto values = random_series(1);
        EXPECT_TRUE(model->predict(History{values, slots, first_date}.until(model->min_days() - 1)).empty());
    });
}

TEST(EveryModel, CanForecastAfterTheTrainingOfABacktest) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        const auto model = kind.make({slots, horizon_days, {}});
        const auto values = random_series(1);
        for (std::uint32_t day = 1; day <= min_training_days; ++day) model->learn(History{values, slots, first_date}.until(day));
        if (const auto statistics = model->take_statistics(); !statistics.empty()) model->fit(statistics);
        EXPECT_EQ(model->predict(History{values, slots, first_date}.until(min_training_days)).size(), horizon_days * slots);
    });
}

TEST(EveryModel, GivesTheSameForTheSameInput) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        const std::vector<std::vector<double>> series = {random_series(1), random_series(2)};
        const auto forecast = forecast_of(kind, horizon_days, series);
        EXPECT_EQ(forecast.size(), horizon_days * slots);
        EXPECT_EQ(forecast, forecast_of(kind, horizon_days, series));
    });
}

TEST(EveryModel, KeepsUnits) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        const auto a = random_series(1), b = random_series(2);
        const auto wh = forecast_of(kind, horizon_days, {a, b});
        const auto doubled = forecast_of(kind, horizon_days, {times(a, 1024), times(b, 1024)});  // exact in binary
        const auto kwh = forecast_of(kind, horizon_days, {times(a, 1000), times(b, 1000)});
        for (std::size_t i = 0; i < wh.size(); ++i) {
            ASSERT_EQ(doubled[i], 1024 * wh[i]);
            ASSERT_NEAR(kwh[i] / 1000, wh[i], 0.01 * std::abs(wh[i]));
        }
    });
}

TEST(EveryModel, ContinuesAConstant) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        for (const double v : forecast_of(kind, horizon_days, {std::vector<double>(days * slots, 431)})) ASSERT_NEAR(v, 431, 1e-6);
        for (const double v : forecast_of(kind, horizon_days, {std::vector<double>(days * slots, 0)})) ASSERT_NEAR(v, 0, 1e-6);
    });
}

TEST(EveryModel, SeesOnlyThePast) {
    of_every_model([](const ModelKind& kind, std::uint32_t horizon_days) {
        auto values = random_series(1);
        const auto forecast = forecast_of(kind, horizon_days, {values});
        for (std::size_t i = origin * slots; i < values.size(); ++i) values[i] = -1e6;
        EXPECT_EQ(forecast_of(kind, horizon_days, {values}), forecast);
        for (std::size_t i = (origin - 7) * slots; i < origin * slots; ++i) values[i] += 500;
        EXPECT_NE(forecast_of(kind, horizon_days, {values}), forecast);  // the last week matters
    });
}

}  // namespace
}  // namespace meterveil::forecast
