#include "publish/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meterveil::publish {

std::string group_of(const model::Release& release, const model::ReleasedChannel& channel, std::uint32_t level) {
    return root_of(channel.channel, channel.by_class) + "/" + release.levels_of(channel)[level];
}

LevelRows rows_of_level(const model::ReleasedChannel& channel, std::uint32_t level) {
    LevelRows rows;
    for (std::uint32_t u = 0; u < channel.units.size(); ++u) {
        if (channel.units[u].level != level) continue;
        if (u < channel.owned.first) ++rows.first_owned;
        else if (u < channel.owned.last) ++rows.num_owned;
        rows.units.push_back(u);
    }
    return rows;
}

std::vector<std::uint32_t> levels_with_rows(const model::ReleasedChannel& channel) {
    std::vector<std::uint32_t> levels;
    for (const auto& unit : channel.units) levels.push_back(unit.level);
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    return levels;
}

std::vector<std::int64_t> at_resolution(std::span<const std::int64_t> row, const model::Resolution& finest, const model::Resolution& wanted) {
    std::vector<std::int64_t> values(wanted.num_bins(), 0);
    std::size_t bin = 0;
    for (std::size_t b = 0; b < values.size(); ++b)
        for (; bin < row.size() && finest.bounds[bin] < wanted.bounds[b + 1]; ++bin) values[b] += row[bin];
    return values;
}

bool has_local_date(const std::string& resolution) { return resolution == "1d" || resolution == "month" || resolution == "year"; }

std::vector<std::int64_t> bin_starts_s(const model::Release& release, const model::Resolution& resolution) {
    std::vector<std::int64_t> starts;
    for (std::uint32_t b = 0; b < resolution.num_bins(); ++b) starts.push_back(release.axis().at(resolution.bounds[b]).time_since_epoch().count());
    return starts;
}

std::string table_name(model::Channel channel, const std::string& by_class, const std::string& level, const std::string& resolution) {
    return fmt::format("{}{}{}-{}.csv", channel == model::Channel::export_ ? "export-" : "", by_class.empty() ? "" : "by-" + by_class + "-", level, resolution);
}

std::vector<std::string> table_times(const std::vector<std::int64_t>& starts_s, const model::Calendar& calendar) {
    std::vector<std::string> times;
    for (const std::int64_t start : starts_s) {
        const model::Instant instant{std::chrono::seconds(start)};
        times.push_back(model::format_instant(instant) + "," + model::format_date(calendar.to_local(instant).date));
    }
    return times;
}

std::string table_lines(const std::string& name, bool is_cohort, const std::string& contributors, const std::vector<std::string>& times,
                        std::span<const std::int64_t> values) {
    const std::string start = quoted(name) + (is_cohort ? ",cohort," : ",node,");
    std::string text;
    for (std::size_t b = 0; b < values.size(); ++b) text += fmt::format("{}{},{},{}\n", start, times[b], values[b], contributors);
    return text;
}

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

}  // namespace meterveil::publish
