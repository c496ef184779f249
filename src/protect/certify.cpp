#include "protect/certify.hpp"

#include <algorithm>

namespace meterveil::protect {
namespace {

using model::no_id;
using model::NodeId;
using model::NodeStatus;

constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t sum = a + b;
    return sum >= prime ? sum - prime : sum;
}
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>(static_cast<model::uint128>(a) * b % prime);
}

/// The t-th weight: splitmix64 of t, below the prime.
std::uint64_t weight(std::uint64_t t) {
    std::uint64_t z = (t + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (z ^ (z >> 31)) % prime;
}

Error refused(const char* check) {
    return {Code::privacy, std::string("the release is refused: ") + check, "", "nothing was published; please report this"};
}

/// Leaves with data under a node.
std::vector<NodeId> data_leaves(const model::Hierarchy& hierarchy, const model::Partition& partition, NodeId node) {
    std::vector<NodeId> leaves;
    for (NodeId leaf = 0; leaf < hierarchy.nodes.size(); ++leaf)
        if (hierarchy.is_leaf(leaf) && partition.fates[leaf].status != NodeStatus::no_data && hierarchy.ancestor(leaf, hierarchy.nodes[node].level) == node)
            leaves.push_back(leaf);
    return leaves;
}

/// Leaves of the atoms of a unit.
std::vector<NodeId> atom_leaves(const model::Partition& partition, const model::Unit& unit) {
    std::vector<NodeId> leaves;
    for (NodeId leaf = 0; leaf < partition.atom_of_leaf.size(); ++leaf) {
        const model::AtomId atom = partition.atom_of_leaf[leaf];
        if (atom != no_id && atom >= unit.first_atom && atom < unit.first_atom + unit.num_atoms) leaves.push_back(leaf);
    }
    return leaves;
}

bool is_fate_right(const model::Hierarchy& hierarchy, const model::Partition& partition, NodeId leaf) {
    const auto& fate = partition.fates[leaf];
    const bool in_atom = partition.atom_of_leaf[leaf] != no_id;
    if (!hierarchy.is_leaf(leaf)) return !in_atom;
    return in_atom == (fate.status == NodeStatus::published || fate.status == NodeStatus::merged);
}

}  // namespace

Result<> check_structure(const model::Hierarchy& hierarchy, const model::Partition& partition) {
    for (NodeId node = 0; node < hierarchy.nodes.size(); ++node) {
        if (!is_fate_right(hierarchy, partition, node)) return refused("a leaf is not accounted for once");
        const auto& fate = partition.fates[node];
        if (fate.status == NodeStatus::published && (fate.unit >= partition.units.size() || partition.units[fate.unit].members != std::vector<NodeId>{node}))
            return refused("a published node has no row of its own");
    }
    for (std::uint32_t u = 0; u < partition.units.size(); ++u) {
        const model::Unit& unit = partition.units[u];
        const auto expected = unit.is_cohort ? unit.members : data_leaves(hierarchy, partition, unit.members.at(0));
        if (expected.empty() || atom_leaves(partition, unit) != expected) return refused("a published unit is not a union of atoms");
        if (unit.parent != no_id && unit.parent >= u) return refused("a unit stands before the one that contains it");
    }
    return {};
}

std::uint64_t fingerprint(std::span<const std::int64_t> row) {
    std::uint64_t sum = 0;
    for (std::size_t t = 0; t < row.size(); ++t) {
        const std::int64_t rest = row[t] % static_cast<std::int64_t>(prime);
        const auto value = static_cast<std::uint64_t>(rest < 0 ? rest + static_cast<std::int64_t>(prime) : rest);
        sum = add(sum, multiply(value, weight(t)));
    }
    return sum;
}

Result<> check_sums(const model::Partition& partition, std::span<const std::uint64_t> prints) {
    std::vector<std::uint64_t> of_children(partition.units.size(), 0);
    std::vector<bool> has_children(partition.units.size(), false);
    for (std::size_t u = 0; u < partition.units.size(); ++u) {
        const std::uint32_t parent = partition.units[u].parent;
        if (parent == no_id) continue;
        of_children[parent] = add(of_children[parent], prints[u]);
        has_children[parent] = true;
    }
    for (std::size_t u = 0; u < partition.units.size(); ++u)
        if (has_children[u] && of_children[u] != prints[u]) return refused("a unit is not the sum of the units in it");
    return {};
}

Result<> check_atom(const model::RuleSet& rules, const model::SetFacts& facts, std::int64_t total_wh) {
    if (!model::judge(rules, facts).passes) return refused("an atom fails a rule");
    if (facts.grand_total() != total_wh) return refused("the total that the rules saw is not the total that would be published");
    return {};
}

}  // namespace meterveil::protect
