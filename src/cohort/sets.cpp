#include "cohort/sets.hpp"

#include <algorithm>

namespace meterveil::cohort {
namespace {

using model::NodeId;
using model::SetFacts;

using Flows = std::vector<std::uint32_t>;  ///< ascending

Flows either(const Flows& a, const Flows& b) {
    Flows all;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
    return all;
}

Flows only_first(const Flows& a, const Flows& b) {
    Flows rest;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rest));
    return rest;
}

bool is_nobody(const SetFacts& facts) { return facts.slots == 0; }

const SetFacts& fact_of(const LeafFacts& facts, std::size_t leaf) {
    static const SetFacts nobody;
    return facts.empty() ? nobody : facts[leaf];
}

}  // namespace

void merge_facts(SetFacts& into, const SetFacts& from) {
    if (from.slots == 0) return;
    if (into.slots == 0) into = from;
    else into.merge(from);
}

bool must_wait(const model::RuleSet& rules, const SetFacts& joined) { return !is_nobody(joined) && !model::judge(rules, joined).passes; }

void Set::merge(const Set& other) {
    const auto middle = static_cast<std::ptrdiff_t>(batches.size());
    batches.insert(batches.end(), other.batches.begin(), other.batches.end());
    std::inplace_merge(batches.begin(), batches.begin() + middle, batches.end());
    merge_facts(facts, other.facts);
    merge_facts(joined, other.joined);
    merge_facts(left, other.left);
    for (const auto& [atom, parts] : other.strays) {
        merge_facts(strays[atom].here, parts.here);
        merge_facts(strays[atom].left, parts.left);
    }
    for (const auto& [bond, leaves] : other.bonds) bonds[bond] += leaves;
    const std::vector<std::uint32_t> in = either(arriving, other.arriving), out = either(departing, other.departing);
    arriving = only_first(in, out);
    departing = only_first(out, in);
    energy_wh += other.energy_wh;
}

Batches::Batches(const model::Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history)
    : hierarchy_(hierarchy), standing_(standing), rules_(rules), history_(history), first_(first_leaf(hierarchy)) {
    for (const std::uint32_t bond : history.bond)
        if (bond != model::no_id) ++bond_sizes_[bond];
    for (std::uint32_t f = 0; f < history.flows.size(); ++f) {
        departing_[history.flows[f].from].push_back(f);
        arriving_[history.flows[f].to].push_back(f);
    }
    for (std::uint32_t s = 0; s < history.strays.size(); ++s) strays_[history.strays[s].batch].push_back(s);
}

bool Batches::joined_waits(NodeId leaf) const { return must_wait(rules_, fact_of(history_.joined, leaf - first_)); }

bool Batches::has_newcomers(NodeId leaf) const { return joined_waits(leaf) || !is_nobody(fact_of(history_.moved, leaf - first_)); }

bool Batches::has_data(NodeId leaf) const { return stands_in(leaf) || !is_nobody(standing_[leaf - first_]) || (!is_nobody(fact_of(history_.joined, leaf - first_)) && !joined_waits(leaf)); }

void Batches::complete(Set& set) const {
    if (const auto found = arriving_.find(set.batches[0]); found != arriving_.end()) set.arriving = found->second;
    if (const auto found = departing_.find(set.batches[0]); found != departing_.end()) set.departing = found->second;
    if (const auto found = strays_.find(set.batches[0]); found != strays_.end())
        for (const std::uint32_t s : found->second) merge_facts(history_.strays[s].has_left ? set.strays[history_.strays[s].atom].left : set.strays[history_.strays[s].atom].here, history_.strays[s].facts);
    set.energy_wh = is_nobody(set.facts) ? 0 : set.facts.grand_total();
}

bool Batches::stands_in(NodeId leaf) const { return !history_.stands_in.empty() && history_.stands_in[leaf - first_]; }

Set Batches::own_batch(NodeId leaf) const {
    Set set;
    set.batches = {leaf};
    set.facts = standing_[leaf - first_];
    set.left = fact_of(history_.left, leaf - first_);
    if (!joined_waits(leaf)) {
        set.joined = fact_of(history_.joined, leaf - first_);
        merge_facts(set.facts, set.joined);
    }
    if (!history_.bond.empty() && history_.bond[leaf - first_] != model::no_id) set.bonds[history_.bond[leaf - first_]] = 1;
    complete(set);
    return set;
}

Set Batches::new_batch(NodeId leaf) const {
    Set set;
    set.batches = {model::batch_of(hierarchy_, leaf, true)};
    set.facts = fact_of(history_.moved, leaf - first_);
    if (joined_waits(leaf)) {
        set.joined = fact_of(history_.joined, leaf - first_);
        merge_facts(set.facts, set.joined);
    }
    complete(set);
    return set;
}

std::vector<Set> Batches::of_leaf(NodeId leaf) const {
    std::vector<Set> sets;
    Set own = own_batch(leaf);
    if (has_data(leaf) || !own.bonds.empty()) sets.push_back(std::move(own));
    if (has_newcomers(leaf)) sets.push_back(new_batch(leaf));
    return sets;
}

std::vector<std::vector<Set>> Batches::tied(std::vector<Set> pool) const {
    std::vector<std::size_t> group(pool.size());  // the first set that it is tied to, or to one that is
    std::map<std::uint32_t, std::size_t> of_flow, of_bond;
    const auto first_of = [&](std::size_t i) {
        while (group[i] != i) i = group[i];
        return i;
    };
    const auto tie = [&](std::map<std::uint32_t, std::size_t>& ties, std::uint32_t by, std::size_t i) {
        const std::size_t a = first_of(ties.try_emplace(by, i).first->second), b = first_of(i);
        group[std::max(a, b)] = std::min(a, b);
    };
    for (std::size_t i = 0; i < pool.size(); ++i) {
        group[i] = i;
        for (const auto* flows : {&pool[i].arriving, &pool[i].departing})
            for (const std::uint32_t flow : *flows) tie(of_flow, flow, i);
        for (const auto& [bond, leaves] : pool[i].bonds) tie(of_bond, bond, i);
    }
    std::vector<std::vector<Set>> groups;
    std::map<std::size_t, std::size_t> number;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const std::size_t g = number.try_emplace(first_of(i), groups.size()).first->second;
        if (g == groups.size()) groups.emplace_back();
        groups[g].push_back(std::move(pool[i]));
    }
    return groups;
}

bool Batches::is_whole(const Set& set) const {
    return std::all_of(set.bonds.begin(), set.bonds.end(), [&](const auto& bond) { return bond.second == bond_sizes_.at(bond.first); });
}

bool Batches::has_quiet_moves(const Set& set) const {
    const auto passes_or_nobody = [&](const SetFacts& facts) { return is_nobody(facts) || model::judge(rules_, facts).passes; };
    SetFacts left = set.left;
    std::vector<const Strays*> few;  // sums with all of their atom follow, and sums without
    for (const auto& [atom, strays] : set.strays) {
        if (passes_or_nobody(strays.here)) merge_facts(left, strays.left);
        else few.push_back(&strays);
    }
    const auto are_quiet = [&](const Strays* strays) {
        SetFacts came = set.joined, gone = left;
        merge_facts(came, strays->here);
        merge_facts(gone, strays->left);
        return passes_or_nobody(came) && passes_or_nobody(gone);
    };
    SetFacts came = set.joined, went = left;
    for (const std::uint32_t flow : set.arriving) merge_facts(came, history_.flows[flow].facts);
    for (const std::uint32_t flow : set.departing) merge_facts(went, history_.flows[flow].facts);
    return passes_or_nobody(set.joined) && passes_or_nobody(left) && (set.arriving.empty() || passes_or_nobody(came)) && (set.departing.empty() || passes_or_nobody(went)) &&
           std::all_of(few.begin(), few.end(), are_quiet);
}

bool Batches::has_quiet_past(const Set& set) const { return has_quiet_moves(set) && is_whole(set); }

bool Batches::passes(const Set& set) const { return !is_nobody(set.facts) && model::judge(rules_, set.facts).passes && has_quiet_past(set); }

std::string Batches::reason(NodeId leaf) const {
    if (stands_in(leaf)) return "place";
    const Set set = own_batch(leaf);
    if (const auto finding = model::judge(rules_, set.facts); !finding.passes) return finding.rule;
    if (!has_quiet_moves(set)) return "left";
    return is_whole(set) ? "" : "bond";
}

}  // namespace meterveil::cohort
