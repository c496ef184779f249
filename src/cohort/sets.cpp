#include "cohort/sets.hpp"

#include <algorithm>

namespace meterveil::cohort {
namespace {

using model::NodeId;
using model::SetFacts;

void merge_facts(SetFacts& into, const SetFacts& from) {
    if (from.slots == 0) return;
    if (into.slots == 0) into = from;
    else into.merge(from);
}

bool is_nobody(const SetFacts& facts) { return facts.slots == 0; }

const SetFacts& fact_of(const LeafFacts& facts, std::size_t leaf) {
    static const SetFacts nobody;
    return facts.empty() ? nobody : facts[leaf];
}

}  // namespace

void Set::merge(const Set& other) {
    const auto middle = static_cast<std::ptrdiff_t>(batches.size());
    batches.insert(batches.end(), other.batches.begin(), other.batches.end());
    std::inplace_merge(batches.begin(), batches.begin() + middle, batches.end());
    merge_facts(facts, other.facts);
    merge_facts(joined, other.joined);
    merge_facts(left, other.left);
    for (const auto& [bond, leaves] : other.bonds) bonds[bond] += leaves;
    energy_wh += other.energy_wh;
}

Batches::Batches(const model::Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history)
    : hierarchy_(hierarchy), standing_(standing), rules_(rules), history_(history), first_(first_leaf(hierarchy)) {
    for (const std::uint32_t bond : history.bond)
        if (bond != model::no_id) ++bond_sizes_[bond];
}

bool Batches::newcomers_wait(NodeId leaf) const {
    const SetFacts& joined = fact_of(history_.joined, leaf - first_);
    return !is_nobody(joined) && !model::judge(rules_, joined).passes;
}

const SetFacts& Batches::newcomers(NodeId leaf) const { return fact_of(history_.joined, leaf - first_); }

bool Batches::stands_in(NodeId leaf) const { return !history_.stands_in.empty() && history_.stands_in[leaf - first_]; }

bool Batches::has_data(NodeId leaf) const { return stands_in(leaf) || !is_nobody(standing_[leaf - first_]) || (!is_nobody(fact_of(history_.joined, leaf - first_)) && !newcomers_wait(leaf)); }

Set Batches::own_batch(NodeId leaf) const {
    Set set{{leaf}, standing_[leaf - first_], {}, fact_of(history_.left, leaf - first_), {}, 0};
    if (!newcomers_wait(leaf)) {
        set.joined = fact_of(history_.joined, leaf - first_);
        merge_facts(set.facts, set.joined);
    }
    set.energy_wh = is_nobody(set.facts) ? 0 : set.facts.grand_total();
    if (!history_.bond.empty() && history_.bond[leaf - first_] != model::no_id) set.bonds[history_.bond[leaf - first_]] = 1;
    return set;
}

std::vector<Set> Batches::of_leaf(NodeId leaf) const {
    std::vector<Set> sets;
    Set own = own_batch(leaf);
    if (has_data(leaf) || !own.bonds.empty()) sets.push_back(std::move(own));
    if (newcomers_wait(leaf)) {
        const SetFacts& joined = fact_of(history_.joined, leaf - first_);
        sets.push_back({{model::batch_of(hierarchy_, leaf, true)}, joined, joined, {}, {}, joined.grand_total()});
    }
    return sets;
}

bool Batches::is_whole(const Set& set) const {
    return std::all_of(set.bonds.begin(), set.bonds.end(), [&](const auto& bond) { return bond.second == bond_sizes_.at(bond.first); });
}

bool Batches::has_quiet_past(const Set& set) const {
    const auto passes_or_nobody = [&](const SetFacts& facts) { return is_nobody(facts) || model::judge(rules_, facts).passes; };
    return passes_or_nobody(set.joined) && passes_or_nobody(set.left);
}

bool Batches::passes(const Set& set) const {
    return !is_nobody(set.facts) && model::judge(rules_, set.facts).passes && has_quiet_past(set) && is_whole(set);
}

std::string Batches::reason(NodeId leaf) const {
    if (stands_in(leaf)) return "place";
    const Set set = own_batch(leaf);
    if (const auto finding = model::judge(rules_, set.facts); !finding.passes) return finding.rule;
    if (!is_nobody(set.joined) && !model::judge(rules_, set.joined).passes) return "joined";
    if (!is_nobody(set.left) && !model::judge(rules_, set.left).passes) return "left";
    return is_whole(set) ? "" : "bond";
}

}  // namespace meterveil::cohort
