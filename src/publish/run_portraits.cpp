#include "publish/run_portraits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "meterveil/par/exchange.hpp"
#include "publish/rows.hpp"

namespace meterveil::publish {
namespace {

constexpr double wh_per_kwh = 1000;

/// Sums of a row by local day, and by local slot of weekdays and weekends.
Portrait draw(const model::Release& release, std::span<const std::int64_t> row, const model::Calendar& calendar) {
    const auto& finest = release.resolutions()[0];
    const std::int64_t bin_s = release.axis().length.count() * (finest.bounds[1] - finest.bounds[0]);
    Portrait portrait;
    if (finest.name == "month" || finest.name == "year") return portrait;
    const std::size_t slots = finest.name == "1d" ? 0 : static_cast<std::size_t>(std::max<std::int64_t>(1, 86400 / bin_s));
    std::vector<double> counts[2] = {std::vector<double>(slots, 0), std::vector<double>(slots, 0)};
    portrait.weekday.assign(slots, 0);
    portrait.weekend.assign(slots, 0);
    const model::Date first = calendar.to_local(release.axis().start).date;
    for (std::size_t b = 0; b < row.size(); ++b) {
        const auto local = calendar.to_local(release.axis().at(finest.bounds[b]));
        const auto day = static_cast<std::size_t>((local.date - first).count());
        if (portrait.by_day.size() <= day) portrait.by_day.resize(day + 1, 0);
        const double kwh = static_cast<double>(row[b]) / wh_per_kwh;
        portrait.by_day[day] += kwh;
        if (slots == 0) continue;
        const bool weekend = std::chrono::weekday(local.date).iso_encoding() >= 6;
        const std::size_t slot = std::min(slots - 1, static_cast<std::size_t>(local.second_of_day / bin_s));
        (weekend ? portrait.weekend : portrait.weekday)[slot] += kwh;
        counts[weekend ? 1 : 0][slot] += 1;
    }
    for (std::size_t s = 0; s < slots; ++s) {
        portrait.weekday[s] /= std::max(1.0, counts[0][s]);
        portrait.weekend[s] /= std::max(1.0, counts[1][s]);
    }
    return portrait;
}

std::vector<std::uint32_t> shown_units(const model::ReleasedChannel& channel) {
    std::vector<std::uint32_t> units;
    for (std::uint32_t u = 0; u < channel.units.size() && units.size() < max_portraits; ++u)
        if (u == 0 || (channel.units[u].parent == 0 && !channel.units[u].is_cohort)) units.push_back(u);
    return units;
}

}  // namespace

std::vector<Portrait> portraits(par::Comm& comm, const model::Release& release, const model::Calendar& calendar) {
    const auto& channel = release.channels().at(0);
    std::vector<std::vector<double>> to(static_cast<std::size_t>(comm.size()));
    for (const std::uint32_t u : shown_units(channel)) {
        if (u < channel.owned.first || u >= channel.owned.last) continue;
        const Portrait p = draw(release, channel.row(u, release.resolutions()[0].num_bins()), calendar);
        to[0].insert(to[0].end(), {static_cast<double>(u), static_cast<double>(p.by_day.size()), static_cast<double>(p.weekday.size())});
        for (const auto* part : {&p.by_day, &p.weekday, &p.weekend}) to[0].insert(to[0].end(), part->begin(), part->end());
    }
    std::vector<Portrait> all;
    for (const auto& part : par::exchange(comm, to))
        for (auto at = part.begin(); at != part.end();) {
            Portrait p;
            p.name = channel.units[static_cast<std::size_t>(*at++)].name;
            const auto days = static_cast<std::ptrdiff_t>(*at++), slots = static_cast<std::ptrdiff_t>(*at++);
            p.by_day.assign(at, at + days);
            p.weekday.assign(at + days, at + days + slots);
            p.weekend.assign(at + days + slots, at + days + 2 * slots);
            at += days + 2 * slots;
            all.push_back(std::move(p));
        }
    return all;
}

std::vector<Chart> fans(const par::Comm& comm, const model::Release& release, const model::Forecast& forecast, const model::Calendar& calendar) {
    std::vector<Chart> charts;
    if (comm.rank() != 0) return charts;
    for (const auto& horizon : forecast.horizons) {
        if (horizon.channel != release.channels()[0].channel) continue;
        const std::size_t steps = horizon.steps.count, q = horizon.quantiles.size();
        const auto quantile = [&](double wanted) -> std::vector<double> {
            const auto found = std::find(horizon.quantiles.begin(), horizon.quantiles.end(), wanted);
            std::vector<double> values;
            if (found == horizon.quantiles.end()) return values;
            for (std::size_t s = 0; s < steps; ++s)
                values.push_back(static_cast<double>(horizon.quantile_wh[s * q + static_cast<std::size_t>(found - horizon.quantiles.begin())]) / wh_per_kwh);
            return values;
        };
        Chart chart;
        chart.title = fmt::format("{}: next {}", release.channels()[0].units[0].name, horizon.horizon == "1d" ? "day" : horizon.horizon == "7d" ? "7 days" : horizon.horizon);
        chart.unit = "kWh";
        Line mean{"forecast", {}};
        for (std::size_t s = 0; s < steps; ++s) mean.values.push_back(static_cast<double>(horizon.mean_wh[s]) / wh_per_kwh);
        chart.lines = {mean};
        if (const auto low = quantile(0.05), high = quantile(0.95); !low.empty() && !high.empty()) chart.bands.push_back({"90 %", low, high});
        if (const auto low = quantile(0.25), high = quantile(0.75); !low.empty() && !high.empty()) chart.bands.push_back({"50 %", low, high});
        if (horizon.horizon == "1d") {
            chart.ticks = {"00:00", "06:00", "12:00", "18:00", "24:00"};
            chart.ticks_at_start = false;
        } else {
            for (std::uint32_t d = 0; d < 7; ++d)
                chart.ticks.push_back(model::format_date(calendar.to_local(horizon.steps.start).date + std::chrono::days(d)).substr(5));
        }
        charts.push_back(chart);
    }
    return charts;
}

}  // namespace meterveil::publish
