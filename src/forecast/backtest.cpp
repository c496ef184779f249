#include "forecast/backtest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "meterveil/exec/parallel.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t refit_days = 28, backtest_days = 180;

/// Origins in the last half year at most, in the later half of the data, spread evenly; the last one leaves a whole horizon.
std::vector<std::uint32_t> origins(std::uint32_t num_days, std::uint32_t horizon_days, std::uint32_t most) {
    const std::uint32_t last = num_days - horizon_days;
    const std::uint32_t span = std::min({backtest_days, last / 2, last - min_training_days});
    const std::uint32_t count = std::clamp<std::uint32_t>(most, 1, span + 1);
    std::vector<std::uint32_t> days;
    for (std::uint32_t i = 0; i < count; ++i) days.push_back(last - span + (count > 1 ? i * span / (count - 1) : span));
    return days;
}

/// Sums of a backtest: whole Wh, so that they add up exactly.
struct Sums {
    std::int64_t error = 0, actual = 0, naive = 0, in_band = 0, banded = 0;
};

/// Learns from every example that is known at `origin` and was not learnt before. Collective.
void learn_until(par::Comm& comm, const Panel& panel, const Setting& setting, Model& model, std::uint32_t& learnt, std::uint32_t origin) {
    for (std::uint32_t day = std::max(learnt, setting.horizon_days) + 1; day <= origin; ++day)
        for (std::size_t i = 0; i < panel.units.size(); ++i) model.learn(panel.history(i, day));
    learnt = std::max(learnt, origin);
    auto statistics = model.take_statistics();
    if (statistics.empty()) return;
    comm.sum(statistics);
    model.fit(statistics);
}

void judge_day(const Panel& panel, const Setting& setting, std::size_t i, std::uint32_t origin, const std::vector<double>& forecast, const Residuals& known,
               Residuals& fresh, Sums& sums) {
    const History before = panel.history(i, origin), after = panel.history(i, origin + setting.horizon_days);
    const double deviation = week_deviation(before);
    for (std::uint32_t d = 0; d < setting.horizon_days; ++d)
        for (std::uint32_t s = 0; s < setting.slots; ++s) {
            const double actual = after.at(origin + d, s), error = actual - forecast[std::size_t{d} * setting.slots + s];
            sums.error += std::llround(std::abs(error));
            sums.actual += std::llround(std::abs(actual));
            sums.naive += std::llround(std::abs(actual - after.at(origin + d - 7, s)));
            const double z = error / deviation, low = known.quantile(d, s, 0.05), high = known.quantile(d, s, 0.95);
            if (low < high) {
                ++sums.banded;
                sums.in_band += z >= low && z <= high ? 1 : 0;
            }
            fresh.add(d, s, z);
        }
}

/// Collective.
Trial try_model(par::Comm& comm, const Panel& panel, const Setting& setting, const std::string& horizon, const ModelKind& kind,
                const std::vector<std::uint32_t>& days) {
    Trial trial{&kind, kind.make(setting), Residuals(setting.horizon_days, setting.slots), {}};
    Sums sums;
    std::uint32_t learnt = 0, fitted = 0;
    for (const std::uint32_t origin : days) {
        if (fitted == 0 || origin >= fitted + refit_days) {
            learn_until(comm, panel, setting, *trial.model, learnt, origin);
            fitted = origin;
        }
        std::vector<std::vector<double>> forecasts(panel.units.size());
        exec::for_each_dense(panel.units.size(), [&](std::size_t i) { forecasts[i] = trial.model->predict(panel.history(i, origin)); });
        Residuals fresh(setting.horizon_days, setting.slots);
        for (std::size_t i = 0; i < panel.units.size(); ++i) judge_day(panel, setting, i, origin, forecasts[i], trial.residuals, fresh, sums);
        comm.sum(fresh.counts());
        for (std::size_t b = 0; b < fresh.counts().size(); ++b) trial.residuals.counts()[b] += fresh.counts()[b];
    }
    learn_until(comm, panel, setting, *trial.model, learnt, panel.num_days);
    std::array<std::int64_t, 5> all = {sums.error, sums.actual, sums.naive, sums.in_band, sums.banded};
    comm.sum(all);
    const auto ratio = [](std::int64_t a, std::int64_t b) { return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b); };
    trial.score = {horizon, panel.level, kind.name, static_cast<std::uint32_t>(days.size()), ratio(all[0], all[1]), ratio(all[0], all[2]), 7 * setting.slots,
                   all[4] == 0 ? -1 : ratio(all[3], all[4])};
    return trial;
}

}  // namespace

double week_deviation(const History& history) {
    const auto week = history.values.last(std::min(history.values.size(), std::size_t{7} * history.slots));
    double mean = 0, squares = 0;
    for (const double v : week) mean += v;
    mean /= static_cast<double>(week.size());
    for (const double v : week) squares += (v - mean) * (v - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(week.size()));
    return deviation > 0 ? deviation : 1;
}

std::vector<Trial> backtest(par::Comm& comm, const Panel& panel, const Setting& setting, const std::string& horizon, std::uint32_t max_origins) {
    const auto days = origins(panel.num_days, setting.horizon_days, max_origins);
    std::vector<Trial> trials;
    for (const ModelKind& kind : model_kinds()) trials.push_back(try_model(comm, panel, setting, horizon, kind, days));
    return trials;
}

}  // namespace meterveil::forecast
