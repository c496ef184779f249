#include "meterveil/io/table_file.hpp"
#include "meterveil/par/agree.hpp"
#include "publish/rows.hpp"
#include "publish/run_tables.hpp"

namespace meterveil::publish {
namespace {

using io::DatasetLayout;
using Type = DatasetLayout::Type;
using io::NamedAttribute;

DatasetLayout texts(const std::string& path, std::vector<std::string> values, std::vector<std::string> scales, bool is_scale, std::vector<NamedAttribute> attributes) {
    return {path, Type::text, {values.size()}, std::move(scales), is_scale, std::move(attributes), {}, {}, std::move(values)};
}

DatasetLayout integers(const std::string& path, std::vector<std::int64_t> values, bool is_scale, std::vector<NamedAttribute> attributes) {
    return {path, Type::int64, {values.size()}, {}, is_scale, std::move(attributes), std::move(values), {}, {}};
}

std::vector<NamedAttribute> time_attributes() {
    return {{"units", std::string("seconds since 1970-01-01 00:00:00")}, {"calendar", std::string("standard")}, {"standard_name", std::string("time")},
            {"long_name", std::string("start of the interval, UTC")}};
}

std::vector<std::string> local_dates(const std::vector<std::int64_t>& starts, const model::Calendar& calendar) {
    std::vector<std::string> dates;
    for (const std::int64_t start : starts) dates.push_back(model::format_date(calendar.to_local(model::Instant(std::chrono::seconds(start))).date));
    return dates;
}

void add_level(const model::Release& release, const model::ReleasedChannel& channel, std::uint32_t level, const model::Calendar& calendar, io::FileLayout& layout) {
    std::vector<std::string> nodes, kinds, contributors;
    for (const std::uint32_t u : rows_of_level(channel, level).units) {
        nodes.push_back(channel.units[u].name);
        kinds.emplace_back(channel.units[u].is_cohort ? "cohort" : "node");
        contributors.push_back(channel.units[u].contributors);
    }
    for (const auto& resolution : release.resolutions()) {
        const std::string group = group_of(release, channel, level) + "/" + resolution.name;
        const auto starts = bin_starts_s(release, resolution);
        layout.datasets.push_back(texts(group + "/node", nodes, {}, true, {}));
        layout.datasets.push_back(integers(group + "/time", starts, true, time_attributes()));
        layout.datasets.push_back(texts(group + "/status", kinds, {group + "/node"}, false, {{"long_name", std::string("node, or cohort of merged nodes")}}));
        layout.datasets.push_back(texts(group + "/contributors", contributors, {group + "/node"}, false, {{"long_name", std::string("contributors, banded")}}));
        if (has_local_date(resolution.name)) layout.datasets.push_back(texts(group + "/local_date", local_dates(starts, calendar), {group + "/time"}, false, {}));
        layout.datasets.push_back({group + "/energy_wh", Type::int64, {nodes.size(), starts.size()}, {group + "/node", group + "/time"}, false,
                                   {{"units", std::string("Wh")}, {"long_name", std::string("energy in the interval")}, {"cell_methods", std::string("time: sum")}}, {}, {}, {}});
    }
}

/// The tree: for every unit, depth-first, its level, the index of the unit that contains it (-1: none), and how much of it was filled.
void add_units(const model::Release& release, const model::ReleasedChannel& channel, io::FileLayout& layout) {
    const std::string group = root_of(channel.channel, channel.by_class) + "/units";
    const auto names_of_levels = release.levels_of(channel);
    std::vector<std::string> names, levels, filled;
    std::vector<std::int64_t> parents, index;
    for (const auto& unit : channel.units) {
        index.push_back(static_cast<std::int64_t>(index.size()));
        names.push_back(unit.name);
        levels.push_back(names_of_levels[unit.level]);
        filled.push_back(unit.filled_share);
        parents.push_back(unit.parent == model::no_id ? -1 : static_cast<std::int64_t>(unit.parent));
    }
    layout.datasets.push_back(integers(group + "/unit", index, true, {}));
    layout.datasets.push_back(texts(group + "/name", names, {group + "/unit"}, false, {}));
    layout.datasets.push_back(texts(group + "/level", levels, {group + "/unit"}, false, {}));
    auto parent = integers(group + "/parent", parents, false, {{"long_name", std::string("unit that contains this one, -1: none")}});
    parent.scales = {group + "/unit"};
    layout.datasets.push_back(parent);
    layout.datasets.push_back(texts(group + "/filled_share", filled, {group + "/unit"}, false, {{"long_name", std::string("share of readings that were filled, banded")}}));
}

Result<> write_level(io::TableFile& file, const model::Release& release, const model::ReleasedChannel& channel, std::uint32_t level) {
    const LevelRows rows = rows_of_level(channel, level);
    const auto& finest = release.resolutions()[0];
    for (const auto& resolution : release.resolutions())
        for (std::uint64_t r = rows.first_owned; r < rows.first_owned + rows.num_owned; ++r) {
            const auto values = at_resolution(channel.row(rows.units[r], finest.num_bins()), finest, resolution);
            TRY_DO(file.write_rows(group_of(release, channel, level) + "/" + resolution.name + "/energy_wh", r, values));
        }
    return {};
}

}  // namespace

Result<> write_aggregates(par::Comm& comm, const model::Release& release, const model::Calendar& calendar, const io::Path& folder) {
    io::FileLayout layout;
    layout.attributes = {{"Conventions", std::string("CF-1.8")}, {"title", release.terms().name}, {"audience", release.terms().audience}};
    for (const auto& channel : release.channels()) {
        add_units(release, channel, layout);
        for (const std::uint32_t level : levels_with_rows(channel)) add_level(release, channel, level, calendar, layout);
    }
    TRY(const auto file, io::TableFile::create(comm, folder / "aggregates.h5", layout));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        for (const auto& channel : release.channels())
            for (const std::uint32_t level : levels_with_rows(channel)) TRY_DO(write_level(*file, release, channel, level));
        return {};
    }));
    return file->close();
}

}  // namespace meterveil::publish
