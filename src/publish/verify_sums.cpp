// Ranges, and sums over levels, times and forecasts.

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <span>

#include "publish/verify_parts.hpp"

namespace meterveil::publish {
namespace {

using RowOf = std::function<Result<std::vector<std::int64_t>>(const Place&)>;

/// Adds row to sum. @return false if a sum leaves int64
bool add(const std::vector<std::int64_t>& row, std::vector<std::int64_t>& sum) {
    sum.resize(std::max(sum.size(), row.size()), 0);
    for (std::size_t t = 0; t < row.size(); ++t)
        if (__builtin_add_overflow(sum[t], row[t], &sum[t])) return false;
    return true;
}

/// Every unit with children is their sum, in every bin.
void require_levels_add_up(Probe& probe, const Tree& tree, const std::string& what, const RowOf& row_of) {
    for (std::size_t u = 0; u < tree.places.size() && probe.holds(); ++u) {
        if (tree.children[u].empty()) continue;
        std::vector<std::int64_t> sum;
        for (const std::size_t child : tree.children[u]) {
            const auto row = row_of(tree.places[child]);
            if (!probe.require(row)) return;
            if (!add(row.value(), sum)) probe.fail(what + ": a sum is beyond any energy");
        }
        const auto own = row_of(tree.places[u]);
        if (!probe.require(own)) return;
        probe.require(own.value() == sum, fmt::format("{}: {} is not the sum of what it contains", what, tree.places[u].name));
    }
    probe.require(true, "");  // of a tree without inner units nothing is to be proven
}

/// Of the units that contain no other, at one resolution: ascending.
Result<std::vector<std::string>> digests_of_atoms(io::TableReader& tables, const Tree& tree, const std::string& resolution) {
    std::vector<std::string> digests;
    for (std::size_t u = 0; u < tree.places.size(); ++u) {
        if (!tree.children[u].empty()) continue;
        const Place& place = tree.places[u];
        TRY(const auto row, tables.read_int_rows(fmt::format("{}/{}/{}/energy_wh", tree.root, place.level, resolution), place.row, place.row + 1));
        digests.push_back(io::sha256_hex(std::as_bytes(std::span(row))));
    }
    std::sort(digests.begin(), digests.end());
    return digests;
}

/// A coarse bin is the sum of the fine bins that start in it.
std::optional<std::vector<std::int64_t>> coarser(const std::vector<std::int64_t>& row, const std::vector<std::int64_t>& fine_s, const std::vector<std::int64_t>& coarse_s) {
    std::vector<std::int64_t> sums(coarse_s.size(), 0);
    std::size_t bin = 0;
    for (std::size_t t = 0; t < row.size(); ++t) {
        while (bin + 1 < coarse_s.size() && coarse_s[bin + 1] <= fine_s[t]) ++bin;
        if (__builtin_add_overflow(sums[bin], row[t], &sums[bin])) return std::nullopt;
    }
    return sums;
}

/// First number of a range such as "10-19"; 0 if it is none.
std::uint64_t start_of(const std::string& band) {
    std::uint64_t start = 0, end = 0;
    const char* const last = band.data() + band.size();
    const auto [dash, trouble] = std::from_chars(band.data(), last, start);
    if (trouble != std::errc() || dash == last || *dash != '-') return 0;
    const auto [stop, other] = std::from_chars(dash + 1, last, end);
    return other == std::errc() && stop == last && end >= start ? start : 0;
}

/// One channel at one horizon.
class ForecastGroup {
public:
    ForecastGroup(io::TableReader& file, const Tree& tree, const std::string& horizon) : file_(file), tree_(tree), group_(tree.root + "/" + horizon + "/") {}

    void list(std::set<std::string>& expected) const {
        for (const std::string& level : tree_.levels())
            for (const char* name : {"node", "time", "quantile", "mean_wh", "quantile_wh"}) expected.insert(group_ + level + "/" + name);
    }
    /// @param end_s where the release ends and the first step starts
    void check(Probe& probe, std::int64_t end_s) {
        for (const std::string& level : tree_.levels())
            if (!probe.require(fits(level, end_s))) return;
        require_levels_add_up(probe, tree_, group_, [&](const Place& place) { return file_.read_int_rows(group_ + place.level + "/mean_wh", place.row, place.row + 1); });
        for (const Place& place : tree_.places) {
            const auto row = file_.read_int_rows(group_ + place.level + "/quantile_wh", place.row, place.row + 1);
            if (!probe.require(row)) return;
            bool rising = true;
            for (std::size_t begin = 0; begin < row.value().size(); begin += quantiles_.size())
                rising = rising && std::is_sorted(row.value().begin() + static_cast<std::ptrdiff_t>(begin), row.value().begin() + static_cast<std::ptrdiff_t>(begin + quantiles_.size()));
            probe.require(rising, fmt::format("{}: quantiles of {} cross", group_, place.name));
        }
    }

private:
    /// Shapes, names, steps and quantiles of a level.
    Result<> fits(const std::string& level, std::int64_t end_s) {
        const std::string group = group_ + level + "/";
        const auto misfit = [&](const char* what) { return Error{Code::input, what, group, ""}; };
        TRY(const auto names, file_.read_text(group + "node"));
        TRY(const auto times, read_times(file_, group + "time"));
        TRY(const auto quantiles, file_.read_float(group + "quantile"));
        TRY(const auto mean, file_.shape(group + "mean_wh"));
        TRY(const auto spread, file_.shape(group + "quantile_wh"));
        if (times_s_.empty()) times_s_ = times;
        if (quantiles_.empty()) quantiles_ = quantiles;
        if (names != tree_.names_of(level)) return misfit("its nodes are not those of aggregates.h5");
        if (times != times_s_ || quantiles != quantiles_) return misfit("levels differ in their steps or quantiles");
        if (times[0] != end_s) return misfit("it does not start where the release ends");
        const bool sound = !quantiles.empty() && std::all_of(quantiles.begin(), quantiles.end(), [](double q) { return q > 0 && q < 1; }) &&
                           std::adjacent_find(quantiles.begin(), quantiles.end(), std::greater_equal<>()) == quantiles.end();
        if (!sound) return misfit("its quantiles do not rise between 0 and 1");
        if (mean != std::vector<std::uint64_t>{names.size(), times.size()} || spread != std::vector<std::uint64_t>{names.size(), times.size(), quantiles.size()})
            return misfit("it has other rows or columns than nodes, steps and quantiles");
        return {};
    }

    io::TableReader& file_;
    const Tree& tree_;
    std::string group_;
    std::vector<std::int64_t> times_s_;
    std::vector<double> quantiles_;
};

/// Horizons of a channel, from the paths "/1d/feeder/mean_wh" or "/export/1d/feeder/mean_wh".
std::set<std::string> horizons_of(const io::TableReader& forecast, const std::string& root) {
    std::set<std::string> horizons;
    for (const std::string& path : forecast.datasets()) {
        if (!path.starts_with(root + "/") || (root.empty() && path.starts_with("/export/"))) continue;
        const std::size_t begin = root.size() + 1;
        horizons.insert(path.substr(begin, path.find('/', begin) - begin));
    }
    return horizons;
}

}  // namespace

/// A range that starts below the threshold k, or says "<", tells of a group that is too small.
Check check_contributors(const Outline& outline, const Claims& claims) {
    Probe probe("contributors");
    for (const Tree& tree : outline.trees)
        for (const Place& place : tree.places)
            probe.require(start_of(place.contributors) >= std::max<std::uint64_t>(claims.min_contributors, 1),
                          fmt::format("{}/{}: a range does not start at the threshold of the manifest", tree.root, place.level));
    return probe.done("ranges start at the threshold or above");
}

Check check_levels(io::TableReader& tables, const Outline& outline, const Claims& claims) {
    Probe probe("levels add up");
    for (const Tree& tree : outline.trees)
        for (const std::string& resolution : claims.resolutions)
            require_levels_add_up(probe, tree, tree.root + "/" + resolution, [&](const Place& place) {
                return tables.read_int_rows(fmt::format("{}/{}/{}/energy_wh", tree.root, place.level, resolution), place.row, place.row + 1);
            });
    return probe.done("sums over the levels hold");
}

Check check_resolutions(io::TableReader& tables, const Outline& outline, const Claims& claims) {
    Probe probe("resolutions add up");
    const auto& fine_s = outline.times_s.at(claims.resolutions[0]);
    for (const Tree& tree : outline.trees)
        for (const Place& place : tree.places) {
            const std::string group = fmt::format("{}/{}/", tree.root, place.level);
            const auto fine = tables.read_int_rows(group + claims.resolutions[0] + "/energy_wh", place.row, place.row + 1);
            if (!probe.require(fine)) return probe.done("");
            for (const std::string& resolution : claims.resolutions) {
                const auto coarse = tables.read_int_rows(group + resolution + "/energy_wh", place.row, place.row + 1);
                if (!probe.require(coarse)) return probe.done("");
                probe.require(coarser(fine.value(), fine_s, outline.times_s.at(resolution)) == coarse.value(),
                              fmt::format("{}{}: {} is not the sum of its intervals", group, resolution, place.name));
            }
        }
    return probe.done("sums over time hold");
}

Check check_crossing(io::TableReader& tables, const Outline& outline, const Claims& claims) {
    Probe probe("rows by class");
    for (const Tree& tree : outline.trees) {
        if (tree.by_class.empty()) continue;
        const auto own = std::find_if(outline.trees.begin(), outline.trees.end(), [&](const Tree& other) { return other.channel == tree.channel && other.by_class.empty(); });
        const auto there = digests_of_atoms(tables, *own, claims.resolutions[0]), here = digests_of_atoms(tables, tree, claims.resolutions[0]);
        if (!probe.require(there) || !probe.require(here)) break;
        probe.require(there.value() == here.value(), fmt::format("{}: it has other sets of customers than the levels of the job", tree.root));
        probe.covered(here.value().size());
    }
    return probe.done("sets of customers are the same by class and by level");
}

Check check_forecast(io::TableReader& forecast, const Outline& outline, const Claims& claims) {
    Probe probe("forecasts add up");
    const auto& times_s = outline.times_s.at(claims.resolutions[0]);  // hours or shorter: all of one length
    const std::int64_t end_s = times_s.back() + (times_s.size() > 1 ? times_s[1] - times_s[0] : 0);
    std::set<std::string> expected;
    for (const Tree& tree : outline.trees) {
        if (!tree.by_class.empty()) continue;  // the coming load of a channel is told once
        const auto horizons = horizons_of(forecast, tree.root);
        if (horizons.empty()) probe.fail("a channel has no forecast");
        for (const std::string& horizon : horizons) {
            ForecastGroup group(forecast, tree, horizon);
            group.list(expected);
            group.check(probe, end_s);
        }
    }
    probe.require(expect_datasets(forecast, expected));
    return probe.done("sums and quantiles of forecasts hold");
}

}  // namespace meterveil::publish
