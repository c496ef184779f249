#include "store/quality.hpp"

#include <algorithm>
#include <array>

#include "store/join.hpp"

namespace meterveil::store {
namespace {

using model::missing_quanta;
using model::Quality;

/// The least quality of the parts of an interval; missing if one of them is.
Quality quality_of(std::span<const std::int32_t> series, const SeriesMarks& marks, std::size_t first, std::uint32_t parts) {
    Quality least = Quality::measured;
    for (std::size_t t = first; t < first + parts; ++t) least = std::max(least, series[t] == missing_quanta ? Quality::missing : marks.quality(t));
    return least;
}

bool is_energy(std::int32_t quanta) { return quanta != 0 && quanta != missing_quanta; }

std::size_t bin_of(std::uint32_t interval, std::span<const std::uint32_t> bins) {
    return static_cast<std::size_t>(std::upper_bound(bins.begin(), bins.end(), interval) - bins.begin()) - 1;
}

/// Counts intervals of the shards' axis that ascending intervals of the readings touch, each once.
class Touched {
public:
    Touched(std::uint32_t parts, std::span<const std::uint32_t> bins) : parts_(parts), bins_(bins) {}
    /// @param count (month) -> its counter
    template <class Count>
    void add(std::uint32_t t, Count&& count) {
        if (t / parts_ == last_) return;
        last_ = t / parts_;
        ++count(bin_of(last_, bins_));
    }

private:
    std::uint32_t parts_;
    std::span<const std::uint32_t> bins_;
    std::uint32_t last_ = never;
};

void add_membership(RegionQuality& region, const SeriesQuality& series) {
    ++region.meters;
    if (!series.is_there) ++region.silent;
    else if (!series.cleaned.has_coverage) ++region.low_coverage;
    else if (!series.cleaned.takes_part) ++region.open_gaps;
    else ++region.takes_part;
}

void add_kinds(MonthQuality& month, const Kinds& kinds, std::uint32_t intervals) {
    month.intervals += intervals;
    month.measured += kinds.measured;
    month.estimated += kinds.estimated;
    month.substituted += kinds.substituted;
    month.filled += intervals - kinds.total();
}

}  // namespace

std::vector<std::uint64_t*> counts(RegionQuality& region) {
    std::vector<std::uint64_t*> all = {&region.meters, &region.takes_part, &region.low_coverage, &region.open_gaps, &region.silent, &region.subjects};
    for (MonthQuality& m : region.months)
        all.insert(all.end(), {&m.intervals, &m.measured, &m.estimated, &m.substituted, &m.filled, &m.all, &m.stuck, &m.spikes, &m.moved_in, &m.moved_out});
    return all;
}

RegionQuality& RegionQuality::operator+=(const RegionQuality& other) {
    RegionQuality theirs = other;
    months.resize(std::max(months.size(), other.months.size()));
    theirs.months.resize(months.size());
    const auto sums = counts(*this), added = counts(theirs);
    for (std::size_t i = 0; i < sums.size(); ++i) *sums[i] += *added[i];
    return *this;
}

bool RegionQuality::adds_up(const std::vector<std::uint32_t>& bounds) const {
    if (meters != takes_part + low_coverage + open_gaps + silent || subjects > takes_part || months.size() + 1 != bounds.size()) return false;
    for (std::size_t m = 0; m < months.size(); ++m) {
        const MonthQuality& month = months[m];
        const std::uint64_t length = bounds[m + 1] - bounds[m];
        if (month.intervals != takes_part * length || month.all != meters * length) return false;
        if (month.intervals != month.measured + month.estimated + month.substituted + month.filled) return false;
    }
    return true;
}

std::vector<Kinds> count_kinds(std::span<const std::int32_t> series, const SeriesMarks& marks, std::uint32_t parts, std::span<const std::uint32_t> bins) {
    std::vector<Kinds> kinds(bins.size() - 1);
    for (std::size_t b = 0; b < kinds.size(); ++b) {
        const std::size_t first = std::size_t{bins[b]} * parts, size = std::size_t{bins[b + 1] - bins[b]} * parts;
        if (marks.empty()) {
            kinds[b].measured = num_whole(series.subspan(first, size), parts);
            continue;
        }
        std::array<std::uint32_t, 4> count{};
        for (std::size_t t = first; t < first + size; t += parts) ++count[static_cast<std::size_t>(quality_of(series, marks, t, parts))];
        kinds[b] = {count[0], count[1], count[2]};
    }
    return kinds;
}

Presence presence(std::span<const std::int32_t> series, std::uint32_t absence) {
    const auto first = std::find_if(series.begin(), series.end(), is_energy);
    if (first == series.end()) return {};
    const auto last = std::find_if(series.rbegin(), series.rend(), is_energy);
    const auto before = static_cast<std::uint32_t>(first - series.begin()), after = static_cast<std::uint32_t>(last - series.rbegin());
    Presence there;
    if (before >= absence) there.moved_in = before;
    if (after >= absence) there.moved_out = static_cast<std::uint32_t>(series.size()) - 1 - after;
    return there;
}

void add_series(RegionQuality& region, const SeriesQuality& series, std::uint32_t parts, std::span<const std::uint32_t> bins) {
    add_membership(region, series);
    for (std::size_t b = 0; b + 1 < bins.size(); ++b) {
        region.months[b].all += bins[b + 1] - bins[b];
        if (series.cleaned.takes_part) add_kinds(region.months[b], series.kinds[b], bins[b + 1] - bins[b]);
    }
    if (series.presence.moved_in != never) ++region.months[bin_of(series.presence.moved_in / parts, bins)].moved_in;
    if (series.presence.moved_out != never) ++region.months[bin_of(series.presence.moved_out / parts, bins)].moved_out;
    Touched stuck(parts, bins), spikes(parts, bins);
    for (const Stretch& run : series.gone.stuck)
        for (std::uint32_t t = run.first; t < run.last; ++t) stuck.add(t, [&](std::size_t b) -> std::uint64_t& { return region.months[b].stuck; });
    for (const std::uint32_t t : series.gone.spikes) spikes.add(t, [&](std::size_t b) -> std::uint64_t& { return region.months[b].spikes; });
}

}  // namespace meterveil::store
