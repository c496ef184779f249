#include "store/set_aside.hpp"

#include <algorithm>
#include <iterator>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/shards.hpp"

namespace meterveil::store {
namespace {

using model::missing_quanta;

bool is_use(std::int32_t quanta) { return quanta != 0 && quanta != missing_quanta; }

/// The run of equal values around `at`.
Stretch run_around(std::span<const std::int32_t> series, std::size_t at) {
    std::size_t first = at, last = at + 1;
    while (first > 0 && series[first - 1] == series[at]) --first;
    while (last < series.size() && series[last] == series[at]) ++last;
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
}

/// Index of the percentile by nearest rank among `size` sorted values, size > 0.
std::size_t nearest_rank(std::size_t size, std::size_t percent) { return (size * percent + 99) / 100 - 1; }

std::int32_t percentile(std::vector<std::int32_t>& values, std::size_t percent) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), percent));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

constexpr std::size_t level_percent = 75, bound_percent = 90;

/// False if even the highest reading is not above factor x level. Two passes without a branch.
bool may_have_spikes(std::span<const std::int32_t> series, std::int32_t factor) {
    std::int32_t highest = 0;
    for (const std::int32_t quanta : series) highest = std::max(highest, quanta);
    if (highest == 0) return false;
    const std::int32_t low = (highest - 1) / factor;  // level <= low: exactly when factor x level < highest
    std::uint32_t uses = 0, lows = 0;
    for (const std::int32_t quanta : series) {
        uses += quanta > 0 ? 1U : 0U;
        lows += quanta > 0 && quanta <= low ? 1U : 0U;
    }
    return lows > nearest_rank(uses, level_percent);
}

std::int32_t level_of(std::span<const std::int32_t> series) {
    std::vector<std::int32_t> uses;
    std::copy_if(series.begin(), series.end(), std::back_inserter(uses), is_use);
    return percentile(uses, level_percent);
}

bool is_above_neighbours(std::span<const std::int32_t> series, const Days& days, std::uint32_t t, std::int32_t factor, std::vector<std::int32_t>& neighbours) {
    collect(series, days, t, neighbour_days, DayKind::any, neighbours);
    if (days.first_of_slot(t) == t) neighbours.erase(std::find(neighbours.begin(), neighbours.end(), series[t]));
    return neighbours.size() >= least_neighbours && series[t] > std::int64_t{factor} * percentile(neighbours, bound_percent);
}

}  // namespace

std::vector<Stretch> stuck_runs(std::span<const std::int32_t> series, std::uint32_t longest) {
    EXPECTS(longest >= 1);
    std::vector<Stretch> runs;
    const std::size_t step = (std::size_t{longest} + 1) / 2;  // a run that is too long has two probes in it
    for (std::size_t probe = 0; probe + step < series.size(); probe += step) {
        if (series[probe] != series[probe + step] || !is_use(series[probe])) continue;
        const Stretch run = run_around(series, probe);
        if (run.last - run.first <= longest) continue;
        runs.push_back(run);
        probe += (run.last - 1 - probe) / step * step;  // the last probe in it
    }
    return runs;
}

std::vector<Stretch> stuck_runs(std::span<const std::int32_t> series, const SeriesMarks& marks, std::uint32_t longest) {
    std::vector<Stretch> runs = stuck_runs(series, longest);
    if (marks.empty()) return runs;
    std::vector<Stretch> own;
    for (const Stretch& run : runs)
        for (std::uint32_t t = run.first; t < run.last;) {
            Stretch part{t, t};
            while (part.last < run.last && !marks.is_spread(part.last)) ++part.last;
            if (part.last - part.first > longest) own.push_back(part);
            t = part.last + 1;
        }
    return own;
}

std::vector<std::uint32_t> spikes(std::span<const std::int32_t> series, const Days& days, std::int32_t factor) {
    if (!may_have_spikes(series, factor)) return {};
    const std::int64_t highest_usual = std::int64_t{factor} * level_of(series);
    std::vector<std::uint32_t> found;
    std::vector<std::int32_t> neighbours;
    for (std::uint32_t t = 0; t < series.size(); ++t)
        if (series[t] > highest_usual && is_above_neighbours(series, days, t, factor, neighbours)) found.push_back(t);
    return found;
}

SetAside set_aside(std::span<std::int32_t> series, const SeriesMarks& marks, const Days& days, const Suspicion& suspicion) {
    SetAside gone;
    if (suspicion.longest_run > 0) gone.stuck = stuck_runs(series, marks, suspicion.longest_run);
    for (const Stretch& run : gone.stuck) std::fill(series.begin() + run.first, series.begin() + run.last, missing_quanta);
    if (suspicion.spike_factor > 0) gone.spikes = spikes(series, days, suspicion.spike_factor);
    for (const std::uint32_t t : gone.spikes) series[t] = missing_quanta;
    return gone;
}

}  // namespace meterveil::store
