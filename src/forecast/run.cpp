#include "meterveil/forecast/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/backtest.hpp"
#include "forecast/days.hpp"
#include "forecast/reconcile.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::forecast {
namespace {

using model::ReleasedChannel;

/// Steps of equal length, from the finest resolution.
Result<model::Axis> steps_of(const model::Release& release) {
    const auto& finest = release.resolutions().at(0);
    const std::uint32_t width = finest.bounds.at(1) - finest.bounds.at(0);
    for (std::size_t b = 0; b + 1 < finest.bounds.size(); ++b)
        if (finest.bounds[b + 1] - finest.bounds[b] != width)
            return Error{Code::utility, "a forecast needs a release of hours or shorter intervals", "[[release]] resolutions", "put e.g. \"1h\" first"};
    const model::Axis axis{release.axis().start, release.axis().length * width, finest.num_bins()};
    if (axis.length.count() > 3600 || 86400 % axis.length.count() != 0)
        return Error{Code::utility, "a forecast needs a release of hours or shorter intervals", "[[release]] resolutions", "put e.g. \"1h\" first"};
    return axis;
}

Result<std::uint32_t> days_of(const std::string& horizon) {
    if (horizon == "1d") return 1U;
    if (horizon == "7d") return 7U;
    return Error{Code::usage, fmt::format("unknown horizon '{}'", horizon), "[forecast] horizons", "1d or 7d"};
}

/// From the end of the release on, whole local days.
model::Axis coming_steps(const model::Calendar& calendar, const model::Axis& past, std::uint32_t days) {
    const model::Date first = calendar.to_local(past.end()).date;
    const auto length = calendar.start_of(first + std::chrono::days(days)) - past.end();
    return {past.end(), past.length, static_cast<std::uint32_t>(length / past.length)};
}

Panel panel_of(const model::Release& release, const ReleasedChannel& channel, std::uint32_t level, const DayGrid& grid, std::uint32_t bins) {
    Panel panel{release.levels()[level], {}, {}, grid.slots(), grid.num_days(), grid.first_date()};
    for (auto u = channel.owned.first; u < channel.owned.last; ++u)
        if (channel.units[u].level == level) panel.units.push_back(static_cast<std::uint32_t>(u));
    panel.rectangles.resize(panel.units.size());
    exec::for_each_dense(panel.units.size(), [&](std::size_t i) { panel.rectangles[i] = grid.rectangle(channel.row(panel.units[i], bins)); });
    return panel;
}

/// What the units of this rank say before they are reconciled, and how wide their bands are.
struct Raw {
    std::vector<double> mean;    ///< [owned x steps]
    std::vector<double> offset;  ///< [owned x steps x quantiles] Wh from the mean
};

/// Fills the rows of one level with the better model.
void predict_level(const Panel& panel, const Trial& best, const DayGrid& coming, std::uint64_t first_owned, const std::vector<double>& quantiles, Raw& raw) {
    const std::size_t steps = coming.of_step().size(), q = quantiles.size();
    exec::for_each_dense(panel.units.size(), [&](std::size_t i) {
        const History history = panel.history(i, panel.num_days);
        const auto forecast = best.model->predict(history);
        const double deviation = week_deviation(history);
        const std::size_t row = panel.units[i] - first_owned;
        for (std::size_t t = 0; t < steps; ++t) {
            const DaySlot at = coming.of_step()[t];
            raw.mean[row * steps + t] = forecast[std::size_t{at.day} * panel.slots + at.slot];
            for (std::size_t p = 0; p < q; ++p) raw.offset[(row * steps + t) * q + p] = deviation * best.residuals.quantile(at.day, at.slot, quantiles[p]);
        }
    });
}

Tree tree_of(const ReleasedChannel& channel) {
    Tree tree;
    std::vector<double> leaves(channel.units.size(), 0);
    std::vector<bool> has_child(channel.units.size(), false);
    for (const auto& unit : channel.units) {
        tree.parent.push_back(unit.parent);
        if (unit.parent != model::no_id) has_child[unit.parent] = true;
    }
    for (std::size_t i = channel.units.size(); i-- > 0;) {
        if (!has_child[i]) leaves[i] = 1;
        if (tree.parent[i] != model::no_id) leaves[tree.parent[i]] += leaves[i];
    }
    tree.variance = leaves;  // structural: errors of leaves are alike and independent
    return tree;
}

/// Collective. Every rank reconciles a block of steps for all units, and sends each owner its rows back.
std::vector<std::int64_t> reconcile_all(par::Comm& comm, const ReleasedChannel& channel, std::span<const double> mean, std::size_t steps) {
    const auto ranks = static_cast<std::uint64_t>(comm.size()), rank = static_cast<std::uint64_t>(comm.rank());
    const std::uint64_t units = channel.units.size(), rows = channel.owned.size();
    std::vector<std::vector<double>> to(ranks);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange block = block_of(steps, ranks, r);
        for (std::uint64_t t = block.first; t < block.last; ++t)
            for (std::uint64_t i = 0; i < rows; ++i) to[r].push_back(mean[i * steps + t]);
    }
    const auto received = par::exchange(comm, to);
    const IndexRange mine = block_of(steps, ranks, rank);
    const Tree tree = tree_of(channel);
    std::vector<std::vector<std::int64_t>> whole(mine.size());
    exec::for_each_dense(mine.size(), [&](std::size_t t) {
        std::vector<double> forecasts;
        for (std::uint64_t r = 0; r < ranks; ++r) {
            const std::uint64_t of_rank = block_of(units, ranks, r).size();
            forecasts.insert(forecasts.end(), received[r].begin() + static_cast<std::ptrdiff_t>(t * of_rank), received[r].begin() + static_cast<std::ptrdiff_t>((t + 1) * of_rank));
        }
        whole[t] = reconcile(tree, forecasts);
    });
    std::vector<std::vector<std::int64_t>> back(ranks);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange of_rank = block_of(units, ranks, r);
        for (const auto& step : whole) back[r].insert(back[r].end(), step.begin() + static_cast<std::ptrdiff_t>(of_rank.first), step.begin() + static_cast<std::ptrdiff_t>(of_rank.last));
    }
    std::vector<std::int64_t> result(rows * steps);
    const auto returned = par::exchange(comm, back);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange block = block_of(steps, ranks, r);
        for (std::uint64_t t = block.first; t < block.last; ++t)
            for (std::uint64_t i = 0; i < rows; ++i) result[i * steps + t] = returned[r][(t - block.first) * rows + i];
    }
    return result;
}

/// Collective. One channel, one horizon.
model::HorizonForecast forecast_channel(par::Comm& comm, const model::Release& release, const ReleasedChannel& channel, const Options& options,
                                        const model::Axis& past, const std::string& horizon, std::uint32_t days, std::vector<model::BacktestScore>& scores) {
    const DayGrid grid(options.calendar, past);
    const model::Axis steps = coming_steps(options.calendar, past, days);
    const DayGrid coming(options.calendar, steps);
    Setting setting{grid.slots(), days, options.holidays};
    std::sort(setting.holidays.begin(), setting.holidays.end());
    const std::size_t rows = channel.owned.size(), q = options.quantiles.size();
    Raw raw{std::vector<double>(rows * steps.count, 0), std::vector<double>(rows * steps.count * q, 0)};
    std::string used;
    for (std::uint32_t level = 0; level < release.levels().size(); ++level) {
        if (std::none_of(channel.units.begin(), channel.units.end(), [&](const auto& unit) { return unit.level == level; })) continue;
        const Panel panel = panel_of(release, channel, level, grid, past.count);
        const auto trials = backtest(comm, panel, setting, horizon, options.max_origins);
        const auto best = std::min_element(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) { return a.score.nmae < b.score.nmae; });
        predict_level(panel, *best, coming, channel.owned.first, options.quantiles, raw);
        for (const Trial& trial : trials) {
            scores.push_back(trial.score);
            if (channel.channel == model::Channel::export_) scores.back().level = "export " + scores.back().level;
        }
        used = best->kind->name;
    }
    model::HorizonForecast forecast{channel.channel, horizon, used, steps, options.quantiles, channel.owned, {}, {}};
    forecast.mean_wh = reconcile_all(comm, channel, raw.mean, steps.count);
    for (std::size_t i = 0; i < forecast.mean_wh.size(); ++i)
        for (std::size_t p = 0; p < q; ++p)
            forecast.quantile_wh.push_back(std::max<std::int64_t>(0, std::llrint(static_cast<double>(forecast.mean_wh[i]) + raw.offset[i * q + p])));
    return forecast;
}

}  // namespace

Result<model::Forecast> run(par::Comm& comm, const model::Release& release, const Options& options) {
    TRY(const model::Axis past, par::agree(comm, steps_of(release)));
    const std::uint32_t num_days = DayGrid(options.calendar, past).num_days();
    model::Forecast forecast;
    for (const std::string& horizon : options.horizons) {
        TRY(const std::uint32_t days, par::agree(comm, days_of(horizon)));
        const std::uint32_t needed = min_training_days + 7 + days;
        if (num_days < needed)
            return Error{Code::utility, fmt::format("a forecast of {} needs {} days of history; there are {}", horizon, needed, num_days), "[forecast] horizons", "publish a longer period, or no forecast"};
        for (const auto& channel : release.channels()) forecast.horizons.push_back(forecast_channel(comm, release, channel, options, past, horizon, days, forecast.scores));
    }
    return forecast;
}

}  // namespace meterveil::forecast
