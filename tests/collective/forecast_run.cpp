#include "meterveil/forecast/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/exchange.hpp"
#include "protect/mint.hpp"
#include "ranks.hpp"

namespace meterveil::forecast {
namespace {

using namespace std::chrono_literals;
using testing::on_ranks;

const model::Calendar london = model::Calendar::make("Europe/London").value();
const std::vector<std::uint32_t> parents = {model::no_id, 0, 1, 1, 0, 4, 4, 4}, levels = {0, 1, 2, 2, 1, 2, 2, 2};

/// Five feeders of unlike size, one of them near zero, as hours; parents are their sums. [unit][hour]
std::vector<std::vector<std::int64_t>> energy(std::uint32_t hours, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::vector<std::int64_t>> rows(parents.size(), std::vector<std::int64_t>(hours, 0));
    for (std::size_t u = parents.size(); u-- > 0;) {
        const auto size = static_cast<std::uint32_t>(200 * u);
        for (std::uint32_t t = 0; levels[u] == 2 && t < hours; ++t)
            rows[u][t] = static_cast<std::int64_t>(u == 7 ? random() % 4 : size * (2 + t % 24 / 6 + t / 24 % 7 / 5) + random() % (size + 1));
        for (std::uint32_t t = 0; parents[u] != model::no_id && t < hours; ++t) rows[parents[u]][t] += rows[u][t];
    }
    return rows;
}

/// total -> region a (f1, f2), region b (f3, f4, f5), hours in London from 2013-09-10; import and a smaller export.
model::Release release(const par::Comm& comm, const char* until, const char* resolution = "1h") {
    const model::Axis axis = model::make_axis(london, model::parse_date("2013-09-10").value(), model::parse_date(until).value(), 1h).value();
    const model::Resolution finest = model::make_resolution(london, axis, resolution).value();
    std::vector<model::ReleasedChannel> channels;
    for (const auto kind : {model::Channel::import, model::Channel::export_}) {
        model::ReleasedChannel channel;
        channel.channel = kind;
        for (std::size_t u = 0; u < parents.size(); ++u)
            channel.units.push_back({"u" + std::to_string(u), levels[u], false, parents[u], "10-19", "0", {}});
        channel.owned = block_of(parents.size(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
        const auto rows = energy(axis.count, kind == model::Channel::import ? 1 : 2);
        for (auto u = channel.owned.first; u < channel.owned.last; ++u)
            for (std::uint32_t b = 0; b < finest.num_bins(); ++b) {
                std::int64_t sum = 0;
                for (std::uint32_t t = finest.bounds[b]; t < finest.bounds[b + 1]; ++t) sum += rows[u][t];
                channel.energy_wh.push_back(sum);
            }
        channels.push_back(std::move(channel));
    }
    model::ReleaseTerms terms;
    terms.name = "small";
    return protect::Mint::strike(terms, {"total", "region", "feeder"}, axis, {finest}, std::move(channels));
}

Options options() {
    Options options;
    options.calendar = london;
    options.max_origins = 12;
    options.holidays = {model::parse_date("2013-10-01").value()};
    return options;
}

/// All rows of a horizon, on every rank.
struct Gathered {
    std::vector<std::int64_t> mean_wh, quantile_wh;
    bool operator==(const Gathered&) const = default;
};

std::vector<std::int64_t> joined(par::Comm& comm, const std::vector<std::int64_t>& mine) {
    std::vector<std::int64_t> all;
    for (const auto& part : par::all_gather(comm, mine)) all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::vector<Gathered> gathered(par::Comm& comm, const model::Forecast& forecast) {
    std::vector<Gathered> all;
    for (const auto& horizon : forecast.horizons) all.push_back({joined(comm, horizon.mean_wh), joined(comm, horizon.quantile_wh)});
    return all;
}

/// What one rank with some threads gives, for a release until 2013-10-27, a day of 25 hours.
struct Alone {
    model::Forecast forecast;
    std::vector<Gathered> rows;
    explicit Alone(int threads) {
        par::run_on_threads(1, [&](par::Comm& comm) {
            const exec::ThreadBudget budget(threads);
            forecast = run(comm, release(comm, "2013-10-27"), options()).value();
            rows = gathered(comm, forecast);
        });
    }
};

const Alone& alone() {
    static const Alone once(1);
    return once;
}

TEST(Forecast, IsTheSameOnAnyNumberOfRanks) {
    (void)alone();
    on_ranks([](par::Comm& comm) {
        const auto forecast = run(comm, release(comm, "2013-10-27"), options()).value();
        EXPECT_EQ(gathered(comm, forecast), alone().rows);
        EXPECT_EQ(forecast.scores, alone().forecast.scores);
        ASSERT_EQ(forecast.horizons.size(), 4U);
        for (std::size_t h = 0; h < 4; ++h) EXPECT_EQ(forecast.horizons[h].models, alone().forecast.horizons[h].models);
    });
}

TEST(Forecast, IsTheSameOnAnyNumberOfThreads) {
    const Alone many(5);
    EXPECT_EQ(many.rows, alone().rows);
    EXPECT_EQ(many.forecast.scores, alone().forecast.scores);
}

TEST(Forecast, AddsUpAtEveryStepAndIsNotNegative) {
    for (std::size_t h = 0; h < alone().rows.size(); ++h) {
        const std::size_t steps = alone().forecast.horizons[h].steps.count;
        const auto& mean = alone().rows[h].mean_wh;
        ASSERT_EQ(mean.size(), parents.size() * steps);
        std::vector<std::int64_t> of_children(mean.size(), 0);
        for (std::size_t u = 0; u < parents.size(); ++u)
            for (std::size_t t = 0; t < steps; ++t) {
                EXPECT_GE(mean[u * steps + t], 0);
                if (parents[u] != model::no_id) of_children[parents[u] * steps + t] += mean[u * steps + t];
            }
        for (std::size_t u = 0; u < parents.size(); ++u)
            for (std::size_t t = 0; levels[u] < 2 && t < steps; ++t) ASSERT_EQ(mean[u * steps + t], of_children[u * steps + t]);
        EXPECT_GT(mean[0], 1000);
    }
}

TEST(Forecast, HasOrderedQuantilesAboutTheMean) {
    for (std::size_t h = 0; h < alone().rows.size(); ++h) {
        const auto& horizon = alone().forecast.horizons[h];
        const auto& rows = alone().rows[h];
        const std::size_t q = horizon.quantiles.size();
        ASSERT_EQ(rows.quantile_wh.size(), rows.mean_wh.size() * q);
        std::size_t within = 0;
        for (std::size_t i = 0; i < rows.mean_wh.size(); ++i) {
            const auto of_step = std::span(rows.quantile_wh).subspan(i * q, q);
            EXPECT_TRUE(std::is_sorted(of_step.begin(), of_step.end()));
            EXPECT_GE(of_step[0], 0);
            within += of_step[0] <= rows.mean_wh[i] && rows.mean_wh[i] <= of_step[q - 1] ? 1 : 0;
        }
        EXPECT_GT(within, rows.mean_wh.size() * 9 / 10);
        EXPECT_LT(rows.quantile_wh[0], rows.quantile_wh[q - 1]);
    }
}

TEST(Forecast, StartsWhereTheReleaseEndsAndHasTheHoursOfTheDay) {
    const auto& horizons = alone().forecast.horizons;
    EXPECT_EQ(horizons[0].horizon, "1d");
    EXPECT_EQ(horizons[0].steps.start, london.start_of(model::parse_date("2013-10-27").value()));
    EXPECT_EQ(horizons[0].steps.count, 25U);
    EXPECT_EQ(horizons[2].horizon, "7d");
    EXPECT_EQ(horizons[2].steps.count, 7U * 24 + 1);
    const auto& day = alone().rows[0].mean_wh;
    EXPECT_EQ(day[1], day[2]);  // 01:00 comes twice
}

TEST(Forecast, IsNearAPatternThatRepeats) {
    const auto rows = energy(200 * 24, 1);
    const std::size_t steps = 25;
    for (const std::size_t u : {0U, 1U, 6U}) {
        double mean = 0, forecast = 0;
        for (std::size_t t = 0; t < 168; ++t) mean += static_cast<double>(rows[u][t]) / 168;
        for (std::size_t t = 0; t < steps; ++t) forecast += static_cast<double>(alone().rows[0].mean_wh[u * steps + t]) / static_cast<double>(steps);
        EXPECT_NEAR(forecast / mean, 1, 0.25);
    }
}

TEST(Forecast, ScoresEveryModelAndWhatWasPublished) {
    const auto& scores = alone().forecast.scores;
    const std::vector<std::string> models = {"seasonal_naive", "four_week_shape", "direct_ridge", "combination", "published"};
    ASSERT_EQ(scores.size(), 2 * 2 * 3 * models.size());  // horizons, channels, levels
    for (std::size_t i = 0; i < scores.size(); ++i) {
        EXPECT_EQ(scores[i].model, models[i % models.size()]);
        EXPECT_EQ(scores[i].num_origins, scores[i / 30 * 30].num_origins);  // of the horizon
        EXPECT_TRUE(scores[i].num_origins >= 7 && scores[i].num_origins <= 12) << scores[i].num_origins;
        EXPECT_EQ(scores[i].mase_season, 7U * 24);
        EXPECT_GT(scores[i].nmae, 0);
        EXPECT_GT(scores[i].mase, 0);
        if (scores[i].model != "published")
            EXPECT_EQ(scores[i].coverage_90, -1);
        else
            EXPECT_TRUE(scores[i].coverage_90 > 0.6 && scores[i].coverage_90 <= 1) << scores[i].coverage_90;
    }
    EXPECT_EQ(scores[0].level, "total");
    EXPECT_EQ(scores[15].level, "export total");
    EXPECT_LT(scores[4].nmae, scores[0].nmae);  // the naive repeats the noise
}

TEST(Forecast, NamesTheModelOfEachLevel) {
    for (const auto& horizon : alone().forecast.horizons) {
        ASSERT_EQ(horizon.models.size(), 3U);
        EXPECT_EQ(horizon.models[0].level, "total");
        EXPECT_EQ(horizon.models[2].level, "feeder");
        EXPECT_FALSE(horizon.models[2].model.empty());
    }
}

/// Every rank returns the same error.
void expect_error(const char* until, const char* resolution, const Options& wanted, Code code, const std::string& words) {
    on_ranks([&](par::Comm& comm) {
        const auto outcome = run(comm, release(comm, until, resolution), wanted);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, code);
        EXPECT_NE(outcome.error().what.find(words), std::string::npos) << outcome.error().what;
        EXPECT_FALSE(outcome.error().hint.empty());
    });
}

TEST(Forecast, RefusesAHorizonItDoesNotKnow) {
    auto wanted = options();
    wanted.horizons = {"1d", "12month"};
    expect_error("2013-10-27", "1h", wanted, Code::usage, "12month");
}

TEST(Forecast, SaysHowMuchHistoryItNeeds) {
    expect_error("2013-10-08", "1h", options(), Code::utility, "needs 29 days of history; there are 28");
    expect_error("2013-10-09", "1h", options(), Code::utility, "needs 35 days of history; there are 29");
}

TEST(Forecast, IsMadeOfTheLeastHistoryThatIsEnough) {
    on_ranks([](par::Comm& comm) {
        auto wanted = options();
        wanted.horizons = {"1d"};
        const auto forecast = run(comm, release(comm, "2013-10-09"), wanted).value();
        EXPECT_EQ(forecast.scores.at(0).num_origins, 1U);
        EXPECT_EQ(forecast.horizons.at(0).steps.count, 24U);
    });
}

TEST(Forecast, RefusesAReleaseOfDays) { expect_error("2013-10-27", "1d", options(), Code::utility, "hours or shorter"); }

}  // namespace
}  // namespace meterveil::forecast
