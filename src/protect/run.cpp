#include "meterveil/protect/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/protect/rules.hpp"
#include "protect/certify.hpp"
#include "protect/length_guard.hpp"
#include "protect/mint.hpp"

namespace meterveil::protect {
namespace {

using model::ChannelCells;
using model::no_id;
using model::NodeStatus;
using model::Partition;

std::span<const std::int64_t> row_of(const ChannelCells& cells, std::uint64_t unit, std::uint32_t intervals) {
    return std::span(cells.energy_wh).subspan((unit - cells.owned.first) * intervals, intervals);
}

/// What the owner of a unit tells of it.
struct UnitTotal {
    std::uint64_t unit = 0, print = 0;
    std::int64_t total_wh = 0;
    std::uint64_t filled = 0, readings = 0;
};

/// Collective. [unit] totals of all units, on every rank.
std::vector<UnitTotal> all_totals(par::Comm& comm, const ChannelCells& cells, std::uint32_t intervals) {
    std::vector<UnitTotal> mine;
    for (std::uint64_t u = cells.owned.first; u < cells.owned.last; ++u) {
        const auto row = row_of(cells, u, intervals);
        const std::uint64_t i = u - cells.owned.first;
        mine.push_back({u, fingerprint(row), std::accumulate(row.begin(), row.end(), std::int64_t{0}), cells.filled[i], cells.readings[i]});
    }
    std::vector<UnitTotal> all;
    for (const auto& part : par::all_gather(comm, mine)) all.insert(all.end(), part.begin(), part.end());
    return all;
}

/// The partition of a channel's own hierarchy, which the one by class is held against.
struct Own {
    const Partition* partition = nullptr;
    std::vector<std::uint64_t> prints;  ///< [unit]
};

/// Local. Every check that this rank can make.
Result<> certify(const model::Hierarchy& hierarchy, const Partition& partition, const std::vector<UnitTotal>& totals, IndexRange my_atoms,
                 const model::RuleSet& rules, Own& own) {
    TRY_DO(check_structure(hierarchy, partition));
    std::vector<std::uint64_t> prints;
    for (const UnitTotal& t : totals) prints.push_back(t.print);
    TRY_DO(check_sums(partition, prints));
    if (partition.is_by_class()) TRY_DO(check_same_atoms(*own.partition, own.prints, partition, prints));
    else own = {&partition, prints};
    for (std::uint64_t a = my_atoms.first; a < my_atoms.last; ++a)
        TRY_DO(check_atom(rules, partition.atom_facts[a], totals[partition.atom_unit[a]].total_wh));
    return {};
}

/// Subjects of an atom: of each class as many as in the slot that has most of them.
std::uint64_t contributors(const model::SetFacts& facts, std::uint32_t num_classes) {
    std::vector<std::int64_t> top(std::max<std::size_t>(facts.num_top, 1));
    std::uint64_t count = 0;
    for (std::uint32_t c = 0, bins = facts.slots / num_classes; c < num_classes; ++c) {
        std::uint64_t most = 0;
        for (std::uint32_t s = c * bins; s < (c + 1) * bins; ++s) most = std::max(most, model::cell_of(facts, s, top).contributors);
        count += most;
    }
    return count;
}

/// Collective. Contributors of every unit, distinct subjects, at the widest scope: those of its atoms added up. An upper
/// bound where subjects span atoms or classes; shown as a band.
std::vector<std::uint64_t> contributors(par::Comm& comm, const Partition& partition, IndexRange my_atoms, std::uint32_t num_classes) {
    std::vector<std::int64_t> of_atom(partition.num_atoms(), 0);
    for (std::uint64_t a = my_atoms.first; a < my_atoms.last; ++a) of_atom[a] = static_cast<std::int64_t>(contributors(partition.atom_facts[a], num_classes));
    comm.sum(of_atom);
    std::vector<std::uint64_t> of_unit;
    for (const model::Unit& unit : partition.units) {
        const auto first = of_atom.begin() + unit.first_atom;
        of_unit.push_back(static_cast<std::uint64_t>(std::accumulate(first, first + unit.num_atoms, std::int64_t{0})));
    }
    return of_unit;
}

std::vector<model::PublishedUnit> published_units(const Partition& partition, const std::vector<UnitTotal>& totals,
                                                  const std::vector<std::uint64_t>& counts, std::uint32_t k) {
    std::vector<model::PublishedUnit> units;
    for (std::size_t u = 0; u < partition.units.size(); ++u) {
        const model::Unit& unit = partition.units[u];
        auto& out = units.emplace_back();
        out = {unit.name, unit.level, unit.is_cohort, unit.parent, contributor_band(counts[u], k), share_band(totals[u].filled, totals[u].readings), {}};
        out.members = unit.named;
    }
    return units;
}

std::vector<model::PublishedFate> published_fates(const model::Hierarchy& hierarchy, const Partition& partition) {
    std::vector<model::PublishedFate> fates;
    for (std::size_t n = 0; n < hierarchy.nodes.size(); ++n) {
        const auto& fate = partition.fates[n];
        const bool merged = fate.status == NodeStatus::merged && fate.unit != no_id;
        fates.push_back({hierarchy.nodes[n].name, hierarchy.levels[hierarchy.nodes[n].level], model::name_of(fate.status),
                         merged ? partition.units[fate.unit].name : "", fate.rule});
    }
    std::stable_sort(fates.begin(), fates.end(), [&](const auto& a, const auto& b) {
        const auto level = [&](const auto& f) { return std::find(hierarchy.levels.begin(), hierarchy.levels.end(), f.level); };
        return level(a) != level(b) ? level(a) < level(b) : a.node < b.node;
    });
    return fates;
}

/// Sums over the bins of a resolution.
std::vector<std::int64_t> binned(const ChannelCells& cells, std::uint32_t intervals, const model::Resolution& resolution) {
    std::vector<std::int64_t> values;
    for (std::uint64_t u = cells.owned.first; u < cells.owned.last; ++u) {
        const auto row = row_of(cells, u, intervals);
        for (std::uint32_t b = 0; b < resolution.num_bins(); ++b)
            values.push_back(std::accumulate(row.begin() + resolution.bounds[b], row.begin() + resolution.bounds[b + 1], std::int64_t{0}));
    }
    return values;
}

/// A part of a level, as a range.
std::string portion_band(std::uint64_t part, std::uint64_t whole) {
    if (part == 0 || whole == 0) return "none";
    if (part == whole) return "all";
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    if (percent < 5) return "< 5 %";
    if (percent < 25) return "5-25 %";
    if (percent < 50) return "25-50 %";
    if (percent < 75) return "50-75 %";
    return percent < 95 ? "75-95 %" : ">= 95 %";
}

/// Shares of the whole level, as ranges: what is lost to protection.
Evidence::LevelEvidence level_evidence(const std::string& name, const model::LevelTally& tally) {
    Evidence::LevelEvidence evidence;
    evidence.level = name;
    const std::int64_t energy_wh = std::accumulate(std::begin(tally.energy_wh), std::end(tally.energy_wh), std::int64_t{0});
    const std::uint64_t subjects = std::accumulate(std::begin(tally.subjects), std::end(tally.subjects), std::uint64_t{0});
    std::copy(std::begin(tally.nodes), std::end(tally.nodes), std::begin(evidence.nodes));
    for (std::size_t s = 0; s < 3; ++s) {
        evidence.energy_share[s] = portion_band(static_cast<std::uint64_t>(tally.energy_wh[s]), static_cast<std::uint64_t>(energy_wh));
        evidence.subject_share[s] = portion_band(tally.subjects[s], subjects);
    }
    evidence.newcomers_waiting = portion_band(tally.waiting, subjects + tally.waiting);
    return evidence;
}

Evidence::ChannelEvidence evidence_of(const std::string& name, const model::Hierarchy& hierarchy, const Partition& partition, const std::vector<std::uint64_t>& counts,
                                      std::uint32_t k) {
    Evidence::ChannelEvidence evidence;
    evidence.channel = name;
    evidence.atoms_checked = partition.num_atoms();
    evidence.units = partition.units.size();
    for (std::size_t l = 0; l < partition.levels.size(); ++l) evidence.levels.push_back(level_evidence(hierarchy.levels[l], partition.levels[l]));
    for (const auto& fate : partition.fates) {
        std::uint64_t& count = fate.status == NodeStatus::published  ? evidence.nodes_published
                               : fate.status == NodeStatus::merged   ? evidence.nodes_merged
                               : fate.status == NodeStatus::withheld ? evidence.nodes_withheld
                                                                     : evidence.nodes_without_data;
        ++count;
    }
    std::uint64_t fewest = UINT64_MAX;
    for (const std::uint32_t unit : partition.atom_unit) fewest = std::min(fewest, counts[unit]);
    evidence.worst_interval_contributors = contributor_band(fewest, k);
    return evidence;
}

Result<> check_something(const std::vector<Partition>& partitions) {
    if (std::all_of(partitions.begin(), partitions.end(), [](const Partition& p) { return p.units.empty(); }))
        return Error{Code::privacy, "no set of customers passes the rules: there is nothing to publish", "[[release]] rules", "ask for fewer, larger nodes, or a wider scope"};
    return {};
}

/// The limit of a channel's shortest-lived series, from where the published ranges start: it tells no more than they do.
std::uint64_t longest_series_of(const std::vector<std::uint64_t>& counts, std::uint64_t candidates, std::uint32_t k) {
    const std::uint64_t fewest = *std::min_element(counts.begin(), counts.end());
    return longest_series(contributor_band_floor(candidates, k), contributor_band_floor(fewest, k));
}

Result<> check_length(const model::ReleaseTerms& terms) {
    if (terms.audience != "public" || !terms.length_guard.is_longer()) return {};
    return Error{Code::privacy, "exact series of this length are not for audience \"public\": whoever holds raw curves could tell whose they are", "[[release]] audience, resolutions",
                 "publish coarser resolutions or larger groups, or give the release to a regulator or for research; docs/methods/length-guard.md"};
}

}  // namespace

Result<Certified> run(par::Comm& comm, model::Cells cells, const std::vector<Partition>& partitions, const model::Hierarchy& hierarchy,
                      const Options& options) {
    TRY_DO(par::agree(comm, check_something(partitions)));
    const auto ranks = static_cast<std::uint64_t>(comm.size()), rank = static_cast<std::uint64_t>(comm.rank());
    const std::uint32_t k = options.terms.min_contributors, intervals = cells.axis.count;
    Evidence evidence;
    model::ReleaseTerms terms = options.terms;
    terms.length_guard = {options.resolutions.at(0).num_bins(), UINT64_MAX};
    std::optional<model::Turned> turned;
    if (hierarchy.is_crossed()) turned = model::turn(hierarchy, 0);
    Own own;
    std::vector<model::ReleasedChannel> channels;
    for (std::size_t c = 0; c < partitions.size(); ++c) {
        const Partition& partition = partitions[c];
        if (partition.units.empty()) continue;
        const model::Hierarchy& geography = partition.is_by_class() ? turned->hierarchy : hierarchy;
        model::ReleasedChannel channel{partition.channel, {}, {}, cells.channels[c].owned, {}, partition.is_by_class() ? hierarchy.levels.back() : ""};
        const IndexRange my_atoms = block_of(partition.num_atoms(), ranks, rank);
        const auto totals = all_totals(comm, cells.channels[c], intervals);
        TRY_DO(par::agree_on(comm, [&] { return certify(geography, partition, totals, my_atoms, options.rules, own); }));
        const auto counts = contributors(comm, partition, my_atoms, static_cast<std::uint32_t>(options.rules.classes.size()));
        const std::uint64_t candidates = options.candidates[static_cast<std::size_t>(partition.channel)];
        terms.length_guard.longest = std::min(terms.length_guard.longest, longest_series_of(counts, candidates, k));
        evidence.channels.push_back(evidence_of(channel.name(), geography, partition, counts, k));
        double worst = 0;
        for (std::uint64_t a = my_atoms.first; a < my_atoms.last; ++a) worst = std::max(worst, model::failing_share(options.rules, partition.atom_facts[a]));
        const auto millionths = static_cast<std::uint64_t>(par::max(comm, static_cast<std::int64_t>(worst * 1e6)));
        evidence.channels.back().worst_failing_share = share_band(millionths, 1000000);
        channel.units = published_units(partition, totals, counts, k);
        channel.fates = published_fates(geography, partition);
        channel.energy_wh = binned(cells.channels[c], intervals, options.resolutions.at(0));
        channels.push_back(std::move(channel));
        cells.channels[c] = {};
    }
    TRY_DO(par::agree(comm, check_length(terms)));
    evidence.checks = {"every atom passes every rule, judged again from its own facts",
                       "the total that the rules saw is the total that is published, for every atom",
                       "every unit is the sum of the units in it, in every interval",
                       "every leaf with data lies in one atom or is withheld; every published node is a union of atoms"};
    if (turned) evidence.checks.emplace_back("the rows by " + hierarchy.levels.back() + " are of the same atoms, member by member and sum by sum");
    return Certified{Mint::strike(std::move(terms), hierarchy.levels, cells.axis, options.resolutions, std::move(channels)), std::move(evidence)};
}

}  // namespace meterveil::protect
