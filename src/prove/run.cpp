#include "meterveil/prove/run.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "prove/elements.hpp"

namespace meterveil::prove {
namespace {

using model::Channel;
using model::LedgerRecord;
using model::no_id;
using Records = std::vector<const LedgerRecord*>;
using Keys = std::vector<std::vector<std::uint32_t>>;

/// [atom] the smallest unit that holds it.
std::vector<UnitId> unit_of_atom(const std::vector<model::LedgerUnit>& units) {
    std::vector<UnitId> of_atom;
    for (UnitId u = 0; u < units.size(); ++u) {
        of_atom.resize(std::max<std::size_t>(of_atom.size(), std::size_t{units[u].first_atom} + units[u].num_atoms), no_unit);
        for (model::AtomId a = units[u].first_atom; a < units[u].first_atom + units[u].num_atoms; ++a) of_atom[a] = u;
    }
    return of_atom;
}

/// Places of numbered leaves: the leaf, the node above it, and so on; the whole is not one of them.
Places places_of(std::vector<std::string> paths) {
    Places places;
    std::unordered_map<std::string, std::uint32_t> numbers;
    while (std::any_of(paths.begin(), paths.end(), [](const std::string& path) { return !path.empty(); })) {
        auto& place = places.emplace_back();
        for (std::string& path : paths) {
            place.push_back(numbers.try_emplace(path, static_cast<std::uint32_t>(numbers.size())).first->second);
            const std::size_t end = path.rfind('\x1f');
            path.resize(end == std::string::npos ? 0 : end);
        }
    }
    return places;
}

/// Collective. Subjects on their leaves of two releases, this rank's slice of subjects, and where the leaves are.
struct Standings {
    std::vector<Standing> standings;
    Places places;
};
Standings standings_of(par::Comm& comm, const Records& records, Channel channel) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    const auto c = static_cast<std::size_t>(channel);
    std::unordered_map<std::string, std::uint32_t> number_of_leaf;
    std::vector<std::string> paths;
    std::vector<std::vector<Standing>> to(ranks);
    for (std::uint32_t r = 0; r < records.size(); ++r) {
        const auto groups = groups_in(records[r]->entry, records[0]->entry);
        std::vector<std::uint32_t> leaves;
        for (const std::string& path : records[r]->units.leaves) {
            leaves.push_back(number_of_leaf.try_emplace(path, static_cast<std::uint32_t>(number_of_leaf.size())).first->second);
            if (leaves.back() == paths.size()) paths.push_back(path);
        }
        for (const auto& m : records[r]->members.members)
            if (m.atom[c] != no_id) to[model::slice_of(m.subject, ranks)].push_back({m.subject, m.member, leaves[m.leaf], r, m.atom[c], groups[m.subject_class], m.energy_wh[c]});
    }
    std::vector<Standing> mine;
    for (const auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
    std::sort(mine.begin(), mine.end());
    return {std::move(mine), places_of(std::move(paths))};
}

std::vector<Element> align_subjects(par::Comm& comm, const Records& records, Channel channel) {
    const Standings all = standings_of(comm, records, channel);
    return align_subjects(all.standings, all.places);
}

/// Collective. All different keys, in order.
Keys all_keys(par::Comm& comm, const std::vector<Element>& mine, std::size_t width) {
    std::set<std::vector<std::uint32_t>> distinct;
    for (const Element& element : mine) distinct.insert(element.key);
    std::vector<std::uint32_t> told;
    for (const auto& key : distinct) told.insert(told.end(), key.begin(), key.end());
    for (const auto& part : par::all_gather(comm, told))
        for (std::size_t at = 0; at < part.size(); at += width)
            distinct.emplace(part.begin() + static_cast<std::ptrdiff_t>(at), part.begin() + static_cast<std::ptrdiff_t>(at + width));
    return {distinct.begin(), distinct.end()};
}

/// A subject's part in a class. The record on the wire.
struct Share {
    model::Pseudonym subject;
    ClassId cls = 0;
    std::uint32_t group = 0;
    std::int64_t energy_wh = 0;
    auto operator<=>(const Share&) const = default;
};

/// Collective. The shares of this rank's slice of subjects, those of one subject in one class added up.
std::vector<Share> shares_of(par::Comm& comm, const std::vector<Element>& elements, const Keys& keys) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    std::vector<std::vector<Share>> to(ranks);
    for (const Element& e : elements) {
        const auto cls = static_cast<ClassId>(std::lower_bound(keys.begin(), keys.end(), e.key) - keys.begin());
        to[model::slice_of(e.subject, ranks)].push_back({e.subject, cls, e.group, e.energy_wh});
    }
    std::vector<Share> all;
    for (const auto& part : par::exchange(comm, to)) all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end());
    std::vector<Share> merged;
    for (const Share& share : all) {
        const bool is_same = !merged.empty() && merged.back().subject == share.subject && merged.back().cls == share.cls && merged.back().group == share.group;
        if (is_same) merged.back().energy_wh += share.energy_wh;
        else merged.push_back(share);
    }
    return merged;
}

/// Facts of one cell, on the wire: class, group, contributors, total, smallest, then the largest.
constexpr std::size_t cell_numbers = 5;

std::vector<std::int64_t> told_cells(const Facts& facts) {
    const Shape& shape = facts.shape();
    std::vector<std::int64_t> told;
    for (ClassId cls = 0; cls < shape.num_classes; ++cls)
        for (std::uint32_t g = 0; g < shape.num_groups; ++g) {
            const auto& cell = facts.cell(cls, g, 0);
            if (cell.contributors == 0) continue;
            told.insert(told.end(), {std::int64_t{cls}, std::int64_t{g}, static_cast<std::int64_t>(cell.contributors), cell.total, cell.smallest});
            const auto top = facts.top(cls, g, 0);
            told.insert(told.end(), top.begin(), top.end());
        }
    return told;
}

/// Collective. Facts of all classes on every rank.
Facts facts_of(par::Comm& comm, const std::vector<Share>& shares, const Shape& shape) {
    Facts mine(shape);
    std::vector<Share> spanning;
    for (std::size_t first = 0; first < shares.size();) {
        std::size_t last = first;
        while (last < shares.size() && shares[last].subject == shares[first].subject) ++last;
        for (std::size_t i = first; i < last; ++i) {
            if (last - first > 1) spanning.push_back(shares[i]);
            else mine.fold(shares[i].cls, shares[i].group, std::span(&shares[i].energy_wh, 1));
        }
        first = last;
    }
    Facts all(shape);
    for (const auto& part : par::all_gather(comm, told_cells(mine)))
        for (std::size_t at = 0; at < part.size(); at += cell_numbers + shape.num_top)
            all.fold_many(static_cast<ClassId>(part[at]), static_cast<std::uint32_t>(part[at + 1]), 0, {static_cast<std::uint64_t>(part[at + 2]), part[at + 3], part[at + 4]},
                          std::span(part).subspan(at + cell_numbers, shape.num_top));
    for (const auto& part : par::all_gather(comm, spanning))
        for (const Share& share : part) all.span(share.cls, share.group, model::leading_bits(share.subject), std::span(&share.energy_wh, 1));
    return all;
}

/// The months that releases share, but one alone. @param month its start
constexpr std::int64_t no_month = std::numeric_limits<std::int64_t>::min();
SharedMonths in_month(const Records& records, SharedMonths shared, std::int64_t month) {
    for (std::size_t a = 0; a < records.size(); ++a)
        for (auto& months : shared[a]) std::erase_if(months, [&](const auto& pair) { return records[a]->entry.months_s[pair.first] != month; });
    return shared;
}

/// Whether a column is what a change of readings added.
bool is_change(const std::vector<std::uint32_t>& key) { return key.back() != 0; }

Forest forest_of(const LedgerRecord& record, Channel channel, const Keys& keys, std::size_t release) {
    const auto& units = record.units.channels[static_cast<std::size_t>(channel)];
    Forest forest;
    forest.name = record.entry.name;
    for (const auto& unit : units) {
        forest.unit_names.push_back(unit.name);
        forest.parent.push_back(unit.parent == no_id ? no_unit : unit.parent);
    }
    const auto of_atom = unit_of_atom(units);
    std::vector<std::vector<ClassId>> classes(units.size());
    for (ClassId cls = 0; cls < keys.size(); ++cls)
        if (keys[cls][release] != no_id) classes[of_atom[keys[cls][release]]].push_back(cls);
    forest.first_class.push_back(0);
    for (const auto& of_unit : classes) {
        forest.classes.insert(forest.classes.end(), of_unit.begin(), of_unit.end());
        forest.first_class.push_back(forest.classes.size());
    }
    return forest;
}

/// Who was corrected, as if it were published: that set must pass by itself, whoever joined or left with it. One unit for each version.
Forest forest_of_changes(const LedgerRecord& candidate, const Keys& keys) {
    std::uint32_t versions = 0;
    for (const auto& key : keys) versions = std::max(versions, key.back());
    Forest forest;
    forest.name = candidate.entry.name;
    forest.first_class.push_back(0);
    for (std::uint32_t v = 1; v <= versions; ++v) {
        forest.unit_names.emplace_back("corrected readings");
        forest.parent.push_back(no_unit);
        for (ClassId cls = 0; cls < keys.size(); ++cls)
            if (keys[cls].back() == v) forest.classes.push_back(cls);
        forest.first_class.push_back(forest.classes.size());
    }
    return forest;
}

/// The largest contributions that the rules of any of the releases look at.
Result<std::uint32_t> num_top(const Records& records) {
    std::uint32_t most = 2;
    for (const auto* record : records) {
        TRY(const auto rules, parse_rules(record->entry.rules, record->entry.subject_classes));
        for (const Rule& rule : rules) most = std::max(most, rule.num_top());
    }
    return most;
}

/// The ledger has the energy of a whole period. A set that passes in every month passes in the period, but for `diversity`: members that differ
/// in each month may be alike over all. One that passes in most intervals need not: there only those who contribute at all are judged.
/// What is left out here protect has judged, for every atom and slot.
std::vector<std::string> statements_of(const model::LedgerEntry& entry) {
    std::vector<std::string> statements = entry.rules;
    const auto has = [](const std::string& statement, const char* rule) { return statement.find(rule) != std::string::npos; };
    if (entry.scope == "interval") std::erase_if(statements, [&](const std::string& s) { return !has(s, "min_contributors = "); });
    if (entry.scope == "month") std::erase_if(statements, [&](const std::string& s) { return has(s, "diversity = "); });
    return statements;
}

/// Local. Judged by the rules of one release after another, until one finds every sum safe.
Result<Comparison> judge(Problem& problem, const Records& records, Comparison comparison, const Limits& limits) {
    std::vector<std::vector<std::string>> tried;
    for (const auto* record : records) {
        const bool names_same_classes = record->entry.subject_classes == records[0]->entry.subject_classes;
        if (!names_same_classes || std::find(tried.begin(), tried.end(), statements_of(record->entry)) != tried.end()) continue;
        problem.statements = statements_of(record->entry);
        tried.push_back(problem.statements);
        TRY(auto report, prove(problem, limits));
        if (tried.size() > 1 && report.verdict != Verdict::safe) continue;
        comparison.report = std::move(report);
        comparison.rules_of = record->entry.name;
        if (comparison.report.verdict == Verdict::safe) break;
    }
    return comparison;
}

}  // namespace

bool overlap(const model::LedgerEntry& a, const model::LedgerEntry& b) {
    return a.months_s.front() < b.months_s.back() && b.months_s.front() < a.months_s.back();
}

Result<std::vector<Comparison>> compare(par::Comm& comm, const Records& records, Relation relation, const Limits& limits) {
    SharedMonths shared(records.size());
    for (std::size_t a = 0; a < records.size(); ++a)
        for (std::size_t b = 0; b < records.size(); ++b)
            if (!shared_months(records[a]->entry, records[b]->entry, shared[a].emplace_back()))
                return Error{Code::privacy, "the period shares a part of a month with that of an earlier release: the two cannot be held against each other", records[b]->entry.name,
                             "begin and end the period with a local month"};
    TRY(const std::uint32_t tops, num_top(records));
    std::vector<Comparison> comparisons;
    for (const Channel channel : {Channel::import, Channel::export_}) {
        if (records[0]->units.channels[static_cast<std::size_t>(channel)].empty()) continue;
        Comparison comparison{channel, relation, {}, {}, {}};
        for (std::size_t r = 1; r < records.size(); ++r) comparison.numbers.push_back(records[r]->entry.number);
        const auto judge_columns = [&](const std::vector<Element>& elements, const Keys& keys) -> Result<> {
            const Shape shape{static_cast<std::uint32_t>(keys.size()), static_cast<std::uint32_t>(records[0]->entry.subject_classes.size()), 1, tops};
            Problem problem;
            problem.facts = facts_of(comm, shares_of(comm, elements, keys), shape);
            for (std::size_t r = 0; r < records.size(); ++r) problem.forests.push_back(forest_of(*records[r], channel, keys, r));
            if (std::any_of(keys.begin(), keys.end(), is_change)) problem.forests.push_back(forest_of_changes(*records[0], keys));
            problem.groups = records[0]->entry.subject_classes;
            problem.is_consecutive = relation == Relation::next_period;
            TRY(comparison, par::agree_on(comm, [&] { return judge(problem, records, std::move(comparison), limits); }));
            return {};
        };
        // Where no reading was changed, who joined and who left are hidden by no change; so each must pass there.
        const auto elements = relation == Relation::same_intervals ? align_meters(records, channel, in_month(records, shared, no_month)) : align_subjects(comm, records, channel);
        TRY_DO(judge_columns(elements, all_keys(comm, elements, records.size() + 1)));
        for (const std::int64_t month : records[0]->entry.months_s) {
            if (relation == Relation::next_period || comparison.report.verdict != Verdict::safe) break;
            const auto of_month = align_meters(records, channel, in_month(records, shared, month));
            const Keys keys = all_keys(comm, of_month, records.size() + 1);
            if (std::any_of(keys.begin(), keys.end(), is_change)) TRY_DO(judge_columns(of_month, keys));
        }
        comparisons.push_back(std::move(comparison));
    }
    return comparisons;
}

}  // namespace meterveil::prove
