#include "protect/certify.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

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

bool is_leaf_batch(const model::Hierarchy& hierarchy, model::BatchId batch) { return hierarchy.is_leaf(model::leaf_of(hierarchy, batch)); }

bool is_fate_right(const model::Hierarchy& hierarchy, const model::Partition& partition, NodeId node) {
    const NodeStatus status = partition.fates[node].status;
    const bool in_atom = partition.atom_of_batch[node] != no_id;
    if (!hierarchy.is_leaf(node)) return !in_atom && partition.atom_of_batch[model::batch_of(hierarchy, node, true)] == no_id;
    return in_atom == (status == NodeStatus::published || status == NodeStatus::merged);
}

bool contains(const model::Unit& unit, model::AtomId atom) { return atom >= unit.first_atom && atom - unit.first_atom < unit.num_atoms; }

/// Every unit around a batch's atom holds it by right: a node as it lies under it, a cohort as it names it.
bool lies_in_its_units(const model::Hierarchy& hierarchy, const model::Partition& partition, model::BatchId batch) {
    const model::AtomId atom = partition.atom_of_batch[batch];
    for (std::uint32_t u = partition.atom_unit[atom]; u != no_id; u = partition.units[u].parent) {
        const model::Unit& unit = partition.units[u];
        // Newcomers that were let in at once are in the atom of their leaf.
        const bool is_let_in = partition.atom_of_batch[model::leaf_of(hierarchy, batch)] == atom;
        const model::BatchId stands_for = is_let_in ? model::leaf_of(hierarchy, batch) : batch;
        const NodeId home = model::home_of(hierarchy, stands_for);
        const bool by_right = unit.is_cohort ? std::binary_search(unit.members.begin(), unit.members.end(), stands_for)
                                             : hierarchy.nodes[home].level >= unit.level && hierarchy.ancestor(home, unit.level) == unit.members.at(0);
        if (!by_right || !contains(unit, atom)) return false;
    }
    return true;
}

/// Every published node above a leaf with data has the leaf's atom.
bool is_in_its_nodes(const model::Hierarchy& hierarchy, const model::Partition& partition, NodeId leaf) {
    for (NodeId node = leaf; node != no_id; node = hierarchy.nodes[node].parent) {
        const auto& fate = partition.fates[node];
        if (fate.status != NodeStatus::published) continue;
        if (partition.atom_of_batch[leaf] == no_id || !contains(partition.units[fate.unit], partition.atom_of_batch[leaf])) return false;
    }
    return true;
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
        if (partition.units[u].num_atoms == 0) return refused("a published unit holds nobody");
        if (partition.units[u].parent != no_id && partition.units[u].parent >= u) return refused("a unit stands before the one that contains it");
    }
    for (model::BatchId batch = 0; batch < partition.atom_of_batch.size(); ++batch)
        if (partition.atom_of_batch[batch] != no_id && !(is_leaf_batch(hierarchy, batch) && lies_in_its_units(hierarchy, partition, batch)))
            return refused("a unit holds those of another");
    for (NodeId leaf = 0; leaf < hierarchy.nodes.size(); ++leaf)
        if (hierarchy.is_leaf(leaf) && partition.fates[leaf].status != NodeStatus::no_data && !is_in_its_nodes(hierarchy, partition, leaf))
            return refused("a published unit is not a union of atoms");
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

Result<> check_same_atoms(const model::Partition& own, std::span<const std::uint64_t> own_prints, const model::Partition& by_class, std::span<const std::uint64_t> prints) {
    const char* const others = "the rows by class are not of the same atoms";
    const std::uint32_t num_atoms = own.num_atoms();
    if (by_class.num_atoms() != num_atoms) return refused(others);
    std::vector<model::AtomId> there(num_atoms, no_id), back(num_atoms, no_id);
    const auto nodes = static_cast<model::BatchId>(own.atom_of_batch.size() / 2);
    for (model::BatchId batch = 0; batch < own.atom_of_batch.size(); ++batch) {
        if (batch % nodes < by_class.first_leaf) continue;
        const model::AtomId a = own.atom_of_batch[batch], b = by_class.atom_of(batch % nodes, batch >= nodes);
        if ((a == no_id) != (b == no_id)) return refused(others);
        if (a == no_id) continue;
        if (there[a] == no_id && back[b] == no_id) std::tie(there[a], back[b]) = std::pair(b, a);
        if (there[a] != b || back[b] != a) return refused(others);
    }
    for (model::AtomId a = 0; a < num_atoms; ++a)
        if (there[a] == no_id || own_prints[own.atom_unit[a]] != prints[by_class.atom_unit[there[a]]]) return refused(others);
    return {};
}

Result<> check_atom(const model::RuleSet& rules, const model::SetFacts& facts, std::int64_t total_wh) {
    if (!model::judge(rules, facts).passes) return refused("an atom fails a rule");
    if (facts.grand_total() != total_wh) return refused("the total that the rules saw is not the total that would be published");
    return {};
}

}  // namespace meterveil::protect
