#include "meterveil/forecast/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/days.hpp"
#include "forecast/study.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::forecast {
namespace {

using model::ReleasedChannel;

Error unfit(const char* what, const char* hint) { return Error{Code::utility, what, "[[release]] resolutions", hint}; }

/// Steps of equal length, from the finest resolution.
Result<model::Axis> steps_of(const model::Release& release) {
    const auto& finest = release.resolutions().at(0);
    const std::uint32_t width = finest.bounds.at(1) - finest.bounds.at(0);
    for (std::size_t b = 0; b + 1 < finest.bounds.size(); ++b)
        if (finest.bounds[b + 1] - finest.bounds[b] != width)
            return unfit("a forecast needs a release of hours or shorter intervals", "put e.g. \"1h\" first");
    const model::Axis axis{release.axis().start, release.axis().length * width, finest.num_bins()};
    if (axis.length.count() > 3600 || 86400 % axis.length.count() != 0)
        return unfit("a forecast needs a release of hours or shorter intervals", "put e.g. \"1h\" first");
    if (axis.length.count() < 300)
        return unfit("a forecast needs intervals of 5 minutes or longer", "publish no finer one, e.g. \"15min\" first");
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
    Panel panel{release.levels()[level], 0, {}, {}, grid.slots(), grid.num_days(), grid.first_date(), grid.skipped()};
    for (std::uint32_t u = 0; u < channel.units.size(); ++u) {
        if (channel.units[u].level != level) continue;
        ++panel.units_of_level;
        if (u >= channel.owned.first && u < channel.owned.last) panel.units.push_back(u);
    }
    panel.rectangles.resize(panel.units.size());
    exec::for_each_dense(panel.units.size(), [&](std::size_t i) { panel.rectangles[i] = grid.rectangle(channel.row(panel.units[i], bins)); });
    return panel;
}

/// Local days and slots to coming steps: a slot that comes twice gets the same forecast twice. Wide by `width` numbers a step.
template <class T>
std::vector<T> on_steps(const std::vector<T>& rectangles, const DayGrid& coming, std::size_t rows, std::size_t width) {
    const std::size_t targets = std::size_t{coming.num_days()} * coming.slots();
    std::vector<T> values;
    for (std::size_t i = 0; i < rows; ++i)
        for (const DaySlot at : coming.of_step())
            for (std::size_t w = 0; w < width; ++w)
                values.push_back(rectangles[(i * targets + std::size_t{at.day} * coming.slots() + at.slot) * width + w]);
    return values;
}

/// Collective. One channel, one horizon.
model::HorizonForecast forecast_channel(par::Comm& comm, const model::Release& release, const ReleasedChannel& channel, const Options& options,
                                        const model::Axis& past, const std::string& horizon, std::uint32_t days,
                                        std::vector<model::BacktestScore>& scores) {
    const DayGrid grid(options.calendar, past);
    const model::Axis steps = coming_steps(options.calendar, past, days);
    const DayGrid coming(options.calendar, steps);
    Setting setting{grid.slots(), days, options.holidays};
    std::sort(setting.holidays.begin(), setting.holidays.end());
    std::vector<Level> levels;
    for (std::uint32_t level = 0; level < release.levels().size(); ++level)
        if (Panel panel = panel_of(release, channel, level, grid, past.count); panel.units_of_level > 0)
            levels.emplace_back(std::move(panel), setting);
    Study study(channel, setting, std::move(levels));
    study.backtest(comm, origins(grid.num_days(), days, options.max_origins));
    const std::size_t rows = channel.owned.size(), q = options.quantiles.size();
    model::HorizonForecast forecast{channel.channel, horizon, {}, steps, options.quantiles, channel.owned, {}, {}};
    forecast.mean_wh = on_steps(study.publish(comm, grid.num_days(), true), coming, rows, 1);
    const auto offsets = on_steps(study.offsets(options.quantiles), coming, rows, q);
    for (std::size_t i = 0; i < offsets.size(); ++i)
        forecast.quantile_wh.push_back(std::max<std::int64_t>(0, std::llrint(static_cast<double>(forecast.mean_wh[i / q]) + offsets[i])));
    for (const Level& level : study.levels()) forecast.models.push_back({level.panel().level, level.name_of(level.leader())});
    for (auto& score : study.scores(horizon)) scores.push_back(std::move(score));
    return forecast;
}

}  // namespace

Result<model::Forecast> run(par::Comm& comm, const model::Release& release, const Options& options) {
    TRY(const model::Axis past, par::agree(comm, steps_of(release)));
    const std::uint32_t num_days = DayGrid(options.calendar, past).num_days();
    std::vector<std::uint32_t> days;
    for (const std::string& horizon : options.horizons) {
        TRY(const std::uint32_t ahead, days_of(horizon));
        if (num_days < days_needed(ahead))
            return Error{Code::utility, fmt::format("a forecast of {} needs {} days of history; there are {}", horizon, days_needed(ahead), num_days),
                         "[forecast] horizons", "publish a longer period, or no forecast"};
        days.push_back(ahead);
    }
    model::Forecast forecast;
    for (std::size_t h = 0; h < days.size(); ++h)
        for (const auto& channel : release.channels()) {
            if (!channel.by_class.empty()) continue;  // the same load in another order
            forecast.horizons.push_back(forecast_channel(comm, release, channel, options, past, options.horizons[h], days[h], forecast.scores));
        }
    return forecast;
}

}  // namespace meterveil::forecast
