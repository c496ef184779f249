#include "cohort/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meterveil::cohort {
namespace {

using model::Hierarchy;
using model::NodeId;
using model::NodeStatus;
using model::no_id;
using model::Partition;
using model::Unit;

constexpr std::size_t longest_name = 64;

/// Members joined by "+"; a long name keeps its start and gets a digest of the whole (FNV-1a, 64 bits).
std::string cohort_name(const Hierarchy& hierarchy, const std::vector<NodeId>& leaves) {
    std::string name;
    for (const NodeId leaf : leaves) name += (name.empty() ? "" : "+") + hierarchy.nodes[leaf].name;
    if (name.size() <= longest_name) return name;
    std::uint64_t digest = 14695981039346656037ULL;
    for (const char c : name) digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return fmt::format("{}...{:016x}", name.substr(0, longest_name - 19), digest);
}

class Layout {
public:
    Layout(const Hierarchy& hierarchy, const std::vector<Set>& atoms) : hierarchy_(hierarchy), atoms_(atoms), set_of_leaf_(hierarchy.nodes.size(), no_id) {
        for (std::uint32_t a = 0; a < atoms.size(); ++a)
            for (const NodeId leaf : atoms[a].leaves) set_of_leaf_[leaf] = a;
    }

    [[nodiscard]] std::uint32_t set_of(NodeId leaf) const { return set_of_leaf_[leaf]; }

    /// Lowest node above all leaves of an atom.
    [[nodiscard]] NodeId top_of(const Set& atom) const {
        NodeId top = atom.leaves[0];
        for (const NodeId leaf : atom.leaves)
            while (hierarchy_.ancestor(leaf, hierarchy_.nodes[top].level) != top) top = hierarchy_.nodes[top].parent;
        return top;
    }

    /// A node is published if it is a union of atoms: none reaches outside it, and no leaf of it is withheld.
    std::vector<bool> published(const LeafFacts& facts, NodeId first) const {
        std::vector<bool> whole(hierarchy_.nodes.size(), false);
        std::vector<bool> broken(hierarchy_.nodes.size(), false);
        for (NodeId leaf = first; leaf < hierarchy_.nodes.size(); ++leaf) {
            if (facts[leaf - first].slots == 0) continue;
            const NodeId top = set_of_leaf_[leaf] == no_id ? no_id : top_of(atoms_[set_of_leaf_[leaf]]);
            bool inside = false;
            for (NodeId n = leaf; n != no_id; n = hierarchy_.nodes[n].parent) {
                inside = inside || n == top;
                (inside ? whole : broken)[n] = true;
            }
        }
        for (std::size_t n = 0; n < whole.size(); ++n) whole[n] = whole[n] && !broken[n];
        return whole;
    }

private:
    const Hierarchy& hierarchy_;
    const std::vector<Set>& atoms_;
    std::vector<std::uint32_t> set_of_leaf_;
};

/// Units without an order yet, each with its parent node.
struct Draft {
    Unit unit;
    NodeId under = no_id;           ///< nearest published node above it
    NodeId node = no_id;            ///< its own node, if it is one
    std::uint32_t set = no_id;      ///< its atom, if it is one
};

NodeId nearest_published(const Hierarchy& hierarchy, const std::vector<bool>& published, NodeId node) {
    while (node != no_id && !published[node]) node = hierarchy.nodes[node].parent;
    return node;
}

std::vector<Draft> drafts_of(const Hierarchy& hierarchy, const Layout& layout, const std::vector<bool>& published, const std::vector<Set>& atoms) {
    std::vector<Draft> drafts;
    for (NodeId n = 0; n < hierarchy.nodes.size(); ++n) {
        if (!published[n]) continue;
        const auto& node = hierarchy.nodes[n];
        const NodeId under = node.parent == no_id ? no_id : nearest_published(hierarchy, published, node.parent);
        drafts.push_back({{node.name, node.level, false, no_id, 0, 0, {n}}, under, n, hierarchy.is_leaf(n) ? layout.set_of(n) : no_id});
    }
    for (std::uint32_t a = 0; a < atoms.size(); ++a)
        if (atoms[a].leaves.size() > 1)
            drafts.push_back({{cohort_name(hierarchy, atoms[a].leaves), hierarchy.leaf_level(), true, no_id, 0, 0, atoms[a].leaves},
                              nearest_published(hierarchy, published, layout.top_of(atoms[a])), no_id, a});
    return drafts;
}

/// Depth-first, siblings by name.
class Ordering {
public:
    Ordering(const std::vector<Draft>& drafts, const std::vector<Set>& atoms, Partition& partition)
        : drafts_(drafts), atoms_(atoms), partition_(partition) {}

    void place_children_of(NodeId node, std::uint32_t parent_unit) {
        std::vector<const Draft*> children;
        for (const Draft& draft : drafts_)
            if (draft.under == node) children.push_back(&draft);
        std::sort(children.begin(), children.end(), [](const Draft* a, const Draft* b) { return a->unit.name < b->unit.name; });
        for (const Draft* child : children) place(*child, parent_unit);
    }

private:
    void place(const Draft& draft, std::uint32_t parent_unit) {
        const auto index = static_cast<std::uint32_t>(partition_.units.size());
        Unit unit = draft.unit;
        unit.parent = parent_unit;
        unit.first_atom = partition_.num_atoms();
        partition_.units.push_back(unit);
        if (draft.set != no_id) {
            for (const NodeId leaf : atoms_[draft.set].leaves) partition_.atom_of_leaf[leaf] = partition_.num_atoms();
            partition_.atom_unit.push_back(index);
            partition_.atom_facts.push_back(atoms_[draft.set].facts);
        } else {
            place_children_of(draft.node, index);
        }
        partition_.units[index].num_atoms = partition_.num_atoms() - unit.first_atom;
        if (draft.node != no_id) partition_.fates[draft.node] = {NodeStatus::published, index, ""};
    }

    const std::vector<Draft>& drafts_;
    const std::vector<Set>& atoms_;
    Partition& partition_;
};

/// A leaf that is not published: merged into a cohort, or withheld; with the rule that it failed by itself.
void tell_leaf_fates(const LeafFacts& facts, const model::RuleSet& rules, NodeId first, Partition& partition) {
    for (NodeId leaf = first; leaf < partition.fates.size(); ++leaf) {
        auto& fate = partition.fates[leaf];
        if (facts[leaf - first].slots == 0 || fate.status == NodeStatus::published) continue;
        const model::AtomId atom = partition.atom_of_leaf[leaf];
        fate.status = atom == no_id ? NodeStatus::withheld : NodeStatus::merged;
        fate.unit = atom == no_id ? no_id : partition.atom_unit[atom];
        fate.rule = model::judge(rules, facts[leaf - first]).rule;
    }
}

/// A node above the leaves that is not published takes the fate of its first leaf that has such a one.
void tell_upper_fates(const Hierarchy& hierarchy, NodeId first, Partition& partition) {
    for (const NodeStatus wanted : {NodeStatus::withheld, NodeStatus::merged})
        for (NodeId leaf = first; leaf < partition.fates.size(); ++leaf) {
            if (partition.fates[leaf].status != wanted) continue;
            for (NodeId n = hierarchy.nodes[leaf].parent; n != no_id; n = hierarchy.nodes[n].parent)
                if (partition.fates[n].status == NodeStatus::no_data) partition.fates[n] = {wanted, partition.fates[leaf].unit, ""};
        }
}

}  // namespace

Partition lay_out(model::Channel channel, const Hierarchy& hierarchy, const LeafFacts& facts, const model::RuleSet& rules, const std::vector<Set>& atoms) {
    Partition partition;
    partition.channel = channel;
    partition.atom_of_leaf.assign(hierarchy.nodes.size(), no_id);
    partition.fates.resize(hierarchy.nodes.size());
    const NodeId first = first_leaf(hierarchy);
    const Layout layout(hierarchy, atoms);
    const auto published = layout.published(facts, first);
    const auto drafts = drafts_of(hierarchy, layout, published, atoms);
    Ordering(drafts, atoms, partition).place_children_of(no_id, no_id);
    tell_leaf_fates(facts, rules, first, partition);
    tell_upper_fates(hierarchy, first, partition);
    return partition;
}

}  // namespace meterveil::cohort
