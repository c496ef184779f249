#include "pipeline/quality.hpp"

#include <fmt/format.h>

#include <functional>

#include "meterveil/protect/rules.hpp"

namespace meterveil::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using store::MonthQuality;
using store::RegionQuality;

MonthQuality sum_of(const std::vector<MonthQuality>& months) {
    MonthQuality sum;
    for (const MonthQuality& m : months) {
        sum.intervals += m.intervals;
        sum.measured += m.measured;
        sum.estimated += m.estimated;
        sum.substituted += m.substituted;
        sum.filled += m.filled;
        sum.all += m.all;
        sum.stuck += m.stuck;
        sum.spikes += m.spikes;
        sum.moved_in += m.moved_in;
        sum.moved_out += m.moved_out;
    }
    return sum;
}

/// Local dates on which the months begin.
std::vector<std::string> first_days(const config::Job& job, const store::Stored& stored) {
    std::vector<std::string> days;
    for (std::size_t m = 0; m + 1 < stored.months.size(); ++m)
        days.push_back(model::format_date(job.calendar.to_local(stored.shards.axis.at(stored.months[m])).date));
    return days;
}

Json shares(const MonthQuality& m) {
    return {{"estimated_share", protect::share_band(m.estimated, m.intervals)},
            {"substituted_share", protect::share_band(m.substituted, m.intervals)},
            {"filled_share", protect::share_band(m.filled, m.intervals)},
            {"stuck_share", protect::share_band(m.stuck, m.all)},
            {"spike_share", protect::share_band(m.spikes, m.all)}};
}

Json meter_ranges(const RegionQuality& region, std::uint32_t k) {
    const MonthQuality period = sum_of(region.months);
    Json entry;
    const auto add = [&](const char* name, std::uint64_t count) { entry[name] = protect::contributor_band(count, k); };
    add("meters", region.meters);
    add("take_part", region.takes_part);
    add("low_coverage", region.low_coverage);
    add("open_gaps", region.open_gaps);
    add("silent", region.silent);
    add("moved_in", period.moved_in);
    add("moved_out", period.moved_out);
    return entry;
}

Json ranges(const RegionQuality& region, const std::vector<std::string>& days, std::uint32_t k) {
    Json entry = meter_ranges(region, k);
    if (region.subjects < k) {
        entry["shares"] = fmt::format("withheld: fewer than {} take part", k);
        return entry;
    }
    entry["shares"] = shares(sum_of(region.months));
    entry["months"] = Json::array();
    for (std::size_t m = 0; m < days.size(); ++m) {
        Json month = {{"from", days[m]}};
        month.update(shares(region.months[m]));
        entry["months"].push_back(std::move(month));
    }
    return entry;
}

Json counts(const MonthQuality& m) {
    return {{"intervals", m.intervals}, {"measured", m.measured}, {"estimated", m.estimated}, {"substituted", m.substituted}, {"filled", m.filled},
            {"of_all_meters", m.all}, {"stuck", m.stuck}, {"spikes", m.spikes}, {"moved_in", m.moved_in}, {"moved_out", m.moved_out}};
}

Json counts(const RegionQuality& region, const std::vector<std::string>& days) {
    Json entry = {{"meters", region.meters}, {"take_part", region.takes_part}, {"low_coverage", region.low_coverage}, {"open_gaps", region.open_gaps},
                  {"silent", region.silent}, {"subjects", region.subjects}, {"months", Json::array()}};
    for (std::size_t m = 0; m < days.size(); ++m) {
        Json month = {{"from", days[m]}};
        month.update(counts(region.months[m]));
        entry["months"].push_back(std::move(month));
    }
    return entry;
}

/// @param describe (region) -> its entry
Json entries(const model::Hierarchy& hierarchy, const store::Stored& stored, const std::function<Json(const RegionQuality&)>& describe) {
    Json all = Json::array();
    for (std::size_t c = 0; c < stored.quality.size(); ++c) {
        RegionQuality total;
        for (const RegionQuality& region : stored.quality[c]) total += region;
        if (total.meters == 0) continue;
        const auto add = [&](const std::string& region, const RegionQuality& quality) {
            Json entry = {{"region", region}, {"channel", model::name_of(static_cast<model::Channel>(c))}};
            entry.update(describe(quality));
            all.push_back(std::move(entry));
        };
        for (std::size_t r = 0; r < stored.quality[c].size(); ++r) add(hierarchy.nodes[hierarchy.nodes[0].first_child + r].name, stored.quality[c][r]);
        add("", total);
    }
    return all;
}

}  // namespace

Json quality_ranges(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored, std::uint32_t k) {
    const auto days = first_days(job, stored);
    return entries(hierarchy, stored, [&](const RegionQuality& region) { return ranges(region, days, k); });
}

Json quality_counts(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored) {
    const auto days = first_days(job, stored);
    return entries(hierarchy, stored, [&](const RegionQuality& region) { return counts(region, days); });
}

bool quality_adds_up(const store::Stored& stored) {
    for (const auto& regions : stored.quality)
        for (const RegionQuality& region : regions)
            if (!region.adds_up(stored.months)) return false;
    return true;
}

}  // namespace meterveil::pipeline
