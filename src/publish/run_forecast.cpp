#include <fmt/format.h>

#include "meterveil/io/table_file.hpp"
#include "meterveil/par/agree.hpp"
#include "publish/rows.hpp"
#include "publish/run_tables.hpp"

namespace meterveil::publish {
namespace {

using Type = io::DatasetLayout::Type;

std::string group_of_level(const model::Release& release, const model::HorizonForecast& forecast, std::uint32_t level) {
    return (forecast.channel == model::Channel::export_ ? "/export/" : "/") + forecast.horizon + "/" + release.levels()[level];
}

const model::ReleasedChannel& channel_of(const model::Release& release, model::Channel wanted) {
    for (const auto& channel : release.channels())
        if (channel.channel == wanted) return channel;
    return release.channels().front();
}

void add_level(const model::Release& release, const model::HorizonForecast& forecast, std::uint32_t level, io::FileLayout& layout) {
    const auto& channel = channel_of(release, forecast.channel);
    const std::string group = group_of_level(release, forecast, level);
    std::vector<std::string> nodes;
    for (const std::uint32_t u : rows_of_level(channel, level).units) nodes.push_back(channel.units[u].name);
    std::vector<std::int64_t> starts;
    for (std::uint32_t s = 0; s < forecast.steps.count; ++s) starts.push_back(forecast.steps.at(s).time_since_epoch().count());
    const std::vector<io::NamedAttribute> time = {{"units", std::string("seconds since 1970-01-01 00:00:00")}, {"calendar", std::string("standard")}};
    const std::vector<io::NamedAttribute> energy = {{"units", std::string("Wh")}};
    const std::uint64_t n = nodes.size(), steps = starts.size(), q = forecast.quantiles.size();
    layout.datasets.push_back({group + "/node", Type::text, {n}, {}, true, {}, {}, {}, nodes});
    layout.datasets.push_back({group + "/time", Type::int64, {steps}, {}, true, time, starts, {}, {}});
    layout.datasets.push_back({group + "/quantile", Type::float64, {q}, {}, true, {}, {}, forecast.quantiles, {}});
    layout.datasets.push_back({group + "/mean_wh", Type::int64, {n, steps}, {group + "/node", group + "/time"}, false, energy, {}, {}, {}});
    layout.datasets.push_back({group + "/quantile_wh", Type::int64, {n, steps, q}, {group + "/node", group + "/time", group + "/quantile"}, false, energy, {}, {}, {}});
}

Result<> write_level(io::TableFile& file, const model::Release& release, const model::HorizonForecast& forecast, std::uint32_t level) {
    const LevelRows rows = rows_of_level(channel_of(release, forecast.channel), level);
    const std::string group = group_of_level(release, forecast, level);
    const std::size_t steps = forecast.steps.count, q = forecast.quantiles.size();
    for (std::uint64_t r = rows.first_owned; r < rows.first_owned + rows.num_owned; ++r) {
        const std::uint64_t i = rows.units[r] - forecast.owned.first;
        TRY_DO(file.write_rows(group + "/mean_wh", r, std::span(forecast.mean_wh).subspan(i * steps, steps)));
        TRY_DO(file.write_rows(group + "/quantile_wh", r, std::span(forecast.quantile_wh).subspan(i * steps * q, steps * q)));
    }
    return {};
}

}  // namespace

Result<> write_forecast(par::Comm& comm, const model::Release& release, const model::Forecast& forecast, const io::Path& folder) {
    io::FileLayout layout;
    layout.attributes = {{"Conventions", std::string("CF-1.8")}, {"title", release.terms().name + ", forecast"}};
    for (const auto& horizon : forecast.horizons)
        for (const std::uint32_t level : levels_with_rows(channel_of(release, horizon.channel))) add_level(release, horizon, level, layout);
    TRY(const auto file, io::TableFile::create(comm, folder / "forecast.h5", layout));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        for (const auto& horizon : forecast.horizons)
            for (const std::uint32_t level : levels_with_rows(channel_of(release, horizon.channel))) TRY_DO(write_level(*file, release, horizon, level));
        return {};
    }));
    return file->close();
}

}  // namespace meterveil::publish
