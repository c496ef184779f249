// What is in aggregates.h5, and whether it fits together.

#include <algorithm>
#include <numeric>

#include "publish/rows.hpp"
#include "publish/verify_parts.hpp"

namespace meterveil::publish {
namespace {

Error misfit(const std::string& what, const std::string& where) { return {Code::input, what, where, "fetch the release again"}; }

std::size_t index_of(const std::vector<std::string>& list, const std::string& item) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), item) - list.begin());
}

Result<Tree> read_tree(io::TableReader& tables, const Claims& claims, model::Channel channel, const std::string& by_class, std::set<std::string>& expected) {
    Tree tree{root_of(channel, by_class), channel, by_class, {}, {}};
    const std::string group = tree.root + "/units/";
    const auto known_levels = by_class.empty() ? claims.levels : model::class_first(claims.levels);
    for (const char* name : {"unit", "name", "level", "parent", "filled_share"}) expected.insert(group + name);
    TRY(const auto units, tables.read_int(group + "unit"));
    TRY(const auto names, tables.read_text(group + "name"));
    TRY(const auto levels, tables.read_text(group + "level"));
    TRY(const auto parents, tables.read_int(group + "parent"));
    TRY(const auto filled, tables.read_text(group + "filled_share"));
    const std::size_t count = units.size();
    if (count == 0 || names.size() != count || levels.size() != count || parents.size() != count || filled.size() != count)
        return misfit("the lists of units differ in length", group);
    tree.children.resize(count);
    std::map<std::string, std::uint64_t> next;
    for (std::size_t u = 0; u < count; ++u) {
        const std::size_t level = index_of(known_levels, levels[u]);
        if (units[u] != static_cast<std::int64_t>(u)) return misfit("the units are not counted from 0", group + "unit");
        if (level == known_levels.size()) return misfit("a unit has a level that the manifest lacks", group + "level");
        if (parents[u] < -1 || parents[u] >= static_cast<std::int64_t>(u)) return misfit("a unit stands before the one that contains it", group + "parent");
        if (parents[u] >= 0) {
            const auto parent = static_cast<std::size_t>(parents[u]);
            if (index_of(known_levels, levels[parent]) >= level) return misfit("a unit contains one of its own level or above", group + "parent");
            tree.children[parent].push_back(u);
        }
        tree.places.push_back({names[u], levels[u], next[levels[u]]++, parents[u], false, ""});
    }
    return tree;
}

Result<> expect_attribute(io::TableReader& file, const std::string& dataset, const std::string& name, const std::string& value) {
    TRY(const std::string found, file.text_attribute(dataset, name));
    if (found != value) return misfit(fmt::format("'{}' is not \"{}\"", name, value), dataset);
    return {};
}

Result<> expect_text(io::TableReader& file, const std::string& dataset, const std::vector<std::string>& values) {
    TRY(const auto found, file.read_text(dataset));
    if (found != values) return misfit("it does not fit the units, the times or the other resolutions", dataset);
    return {};
}

/// Status and ranges of a level, from its first resolution.
Result<> read_columns(io::TableReader& tables, const std::string& group, const std::string& level, Tree& tree) {
    TRY(const auto kinds, tables.read_text(group + "status"));
    TRY(const auto contributors, tables.read_text(group + "contributors"));
    for (Place& place : tree.places) {
        if (place.level != level) continue;
        if (place.row >= kinds.size() || place.row >= contributors.size()) return misfit("there are fewer rows than units", group);
        if (kinds[place.row] != "node" && kinds[place.row] != "cohort") return misfit("a unit is neither a node nor a cohort", group + "status");
        place.is_cohort = kinds[place.row] == "cohort";
        place.contributors = contributors[place.row];
    }
    return {};
}

/// One level at one resolution.
Result<> check_group(io::TableReader& tables, const std::string& resolution, const std::string& group, const std::string& level, const model::Calendar& calendar,
                     const Tree& tree, Outline& outline, std::set<std::string>& expected) {
    for (const char* name : {"node", "time", "status", "contributors", "energy_wh"}) expected.insert(group + name);
    TRY(const auto times, read_times(tables, group + "time"));
    if (!outline.times_s.emplace(resolution, times).second && outline.times_s[resolution] != times) return misfit("levels differ in their times", group + "time");
    std::vector<std::string> kinds, contributors, dates;
    for (const Place& place : tree.places) {
        if (place.level != level) continue;
        kinds.emplace_back(place.is_cohort ? "cohort" : "node");
        contributors.push_back(place.contributors);
    }
    TRY_DO(expect_text(tables, group + "node", tree.names_of(level)));
    TRY_DO(expect_text(tables, group + "status", kinds));
    TRY_DO(expect_text(tables, group + "contributors", contributors));
    if (has_local_date(resolution)) {
        expected.insert(group + "local_date");
        for (const std::int64_t t : times) dates.push_back(model::format_date(calendar.to_local(model::Instant(std::chrono::seconds(t))).date));
        TRY_DO(expect_text(tables, group + "local_date", dates));
    }
    TRY(const auto shape, tables.shape(group + "energy_wh"));
    if (shape != std::vector<std::uint64_t>{kinds.size(), times.size()}) return misfit("it has other rows or columns than units and times", group + "energy_wh");
    TRY_DO(expect_attribute(tables, group + "energy_wh", "units", "Wh"));
    return expect_attribute(tables, group + "time", "units", "seconds since 1970-01-01 00:00:00");
}

/// A bin of a coarse resolution starts where one of the finest does.
Result<> check_axes(const Outline& outline, const Claims& claims) {
    const auto& finest = outline.times_s.at(claims.resolutions[0]);
    for (const auto& [resolution, times] : outline.times_s)
        if (times[0] != finest[0] || !std::includes(finest.begin(), finest.end(), times.begin(), times.end()))
            return misfit("its times are not those of whole intervals", resolution);
    return {};
}

/// Whose rows a release may have: of each channel, and by class if the job crosses its levels with one.
std::vector<std::pair<model::Channel, std::string>> views_of(const Claims& claims) {
    std::vector<std::pair<model::Channel, std::string>> views;
    for (const model::Channel channel : {model::Channel::import, model::Channel::export_}) {
        views.emplace_back(channel, "");
        if (!claims.crossing.empty()) views.emplace_back(channel, claims.crossing);
    }
    return views;
}

/// Rows by class come with those of the channel.
Result<> check_views(const Outline& outline, const Claims& claims) {
    if (claims.crossing.empty()) return {};
    for (const Tree& tree : outline.trees) {
        const auto is_other = [&](const Tree& other) { return other.channel == tree.channel && other.by_class.empty() != tree.by_class.empty(); };
        if (std::none_of(outline.trees.begin(), outline.trees.end(), is_other)) return misfit("a channel has rows by class alone, or none", tree.root + "/units");
    }
    return {};
}

}  // namespace

std::vector<std::string> Tree::names_of(const std::string& level) const {
    std::vector<std::string> names;
    for (const Place& place : places)
        if (place.level == level) names.push_back(place.name);
    return names;
}

std::set<std::string> Tree::levels() const {
    std::set<std::string> levels;
    for (const Place& place : places) levels.insert(place.level);
    return levels;
}

Result<std::vector<std::int64_t>> read_times(io::TableReader& file, const std::string& dataset) {
    constexpr std::int64_t farthest_s = std::int64_t{1} << 33;  // the year 2242
    TRY(auto times, file.read_int(dataset));
    const bool rising = std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
    if (times.empty() || !rising || times.front() < -farthest_s || times.back() > farthest_s) return misfit("its times do not rise, or lie beyond any calendar", dataset);
    return times;
}

Result<> expect_datasets(const io::TableReader& file, const std::set<std::string>& expected) {
    const auto found = file.datasets();
    for (const std::string& name : found)
        if (!expected.contains(name)) return misfit("the dataset is not part of a release", name);
    if (found.size() != expected.size()) return misfit("a dataset is missing", "");
    return {};
}

Result<Outline> read_outline(io::TableReader& tables, const Claims& claims) {
    TRY(const auto calendar, model::Calendar::make(claims.time_zone));
    Outline outline;
    std::set<std::string> expected;
    const auto found = tables.datasets();
    for (const auto& [channel, by_class] : views_of(claims)) {
        if (!std::binary_search(found.begin(), found.end(), root_of(channel, by_class) + "/units/name")) continue;
        TRY(auto tree, read_tree(tables, claims, channel, by_class, expected));
        for (const std::string& level : tree.levels()) {
            const std::string group = fmt::format("{}/{}/", tree.root, level);
            TRY_DO(read_columns(tables, fmt::format("{}{}/", group, claims.resolutions[0]), level, tree));
            for (const std::string& resolution : claims.resolutions)
                TRY_DO(check_group(tables, resolution, fmt::format("{}{}/", group, resolution), level, calendar, tree, outline, expected));
        }
        outline.trees.push_back(std::move(tree));
    }
    if (outline.trees.empty()) return misfit("it has no units", "/units/name");
    TRY_DO(check_views(outline, claims));
    TRY_DO(check_axes(outline, claims));
    TRY_DO(expect_datasets(tables, expected));
    return outline;
}

}  // namespace meterveil::publish
