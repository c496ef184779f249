#include "cohort/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace meterveil::cohort {
namespace {

using model::AtomId;
using model::BatchId;
using model::Hierarchy;
using model::NodeId;
using model::NodeStatus;
using model::no_id;
using model::Partition;
using model::Unit;

constexpr std::size_t longest_name = 64;

/// All names, but of a crossed hierarchy: "f1/std (new)" would tell the class of somebody who is known to have come to f1.
std::vector<std::string> names_to_tell(const Hierarchy& hierarchy, const std::vector<BatchId>& batches) {
    std::vector<std::string> names;
    for (const BatchId batch : batches)
        if (batch < hierarchy.nodes.size() || !hierarchy.is_crossed()) names.push_back(model::name_of(hierarchy, batch));
    return names;
}

/// Members joined by "+"; a long name keeps its start and gets a digest of the whole (FNV-1a, 64 bits).
/// @param named of `count` members, of which the others are newcomers
/// @param top the node that has them all
std::string cohort_name(const std::vector<std::string>& named, std::size_t count, const std::string& top) {
    std::string name = named.empty() ? top : fmt::format("{}", fmt::join(named, "+"));
    if (named.size() < count) name += " (and new)";
    if (name.size() <= longest_name) return name;
    std::uint64_t digest = 14695981039346656037ULL;
    for (const char c : name) digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return fmt::format("{}...{:016x}", name.substr(0, longest_name - 19), digest);
}

/// Which nodes are published, and which atom has a batch.
class Layout {
public:
    Layout(const Hierarchy& hierarchy, const Batches& batches, const std::vector<Set>& atoms)
        : hierarchy_(hierarchy), set_of_batch_(2 * hierarchy.nodes.size(), no_id), published_(hierarchy.nodes.size(), false) {
        for (std::uint32_t a = 0; a < atoms.size(); ++a) {
            tops_.push_back(cohort::top_of(hierarchy, atoms[a]));
            for (const BatchId batch : atoms[a].batches) set_of_batch_[batch] = a;
        }
        find_published(batches);
    }

    [[nodiscard]] std::uint32_t set_of(BatchId batch) const { return set_of_batch_[batch]; }
    [[nodiscard]] bool is_published(NodeId node) const { return published_[node]; }
    /// The lowest node whose sum has all of an atom.
    [[nodiscard]] NodeId top(std::uint32_t atom) const { return tops_[atom]; }
    /// The lowest published node that contains an atom.
    [[nodiscard]] NodeId above(std::uint32_t atom) const { return nearest_published(tops_[atom]); }
    [[nodiscard]] NodeId nearest_published(NodeId node) const {
        while (node != no_id && !published_[node]) node = hierarchy_.nodes[node].parent;
        return node;
    }

private:
    /// A node is published if it is a union of atoms: none with a leaf of it reaches outside it, and no leaf of it is withheld.
    void find_published(const Batches& batches) {
        std::vector<bool> broken(hierarchy_.nodes.size(), false);
        for (NodeId leaf = first_leaf(hierarchy_); leaf < hierarchy_.nodes.size(); ++leaf) {
            if (!batches.has_data(leaf)) continue;
            const NodeId top = set_of_batch_[leaf] == no_id ? no_id : tops_[set_of_batch_[leaf]];
            bool inside = false;
            for (NodeId n = leaf; n != no_id; n = hierarchy_.nodes[n].parent) {
                inside = inside || n == top;
                if (inside) published_[n] = true;
                else broken[n] = true;
            }
        }
        for (std::size_t n = 0; n < published_.size(); ++n) published_[n] = published_[n] && !broken[n];
    }

    const Hierarchy& hierarchy_;
    std::vector<std::uint32_t> set_of_batch_;
    std::vector<NodeId> tops_;  ///< [atom]
    std::vector<bool> published_;
};

/// A unit without an order yet.
struct Draft {
    Unit unit;
    NodeId node = no_id;        ///< its own node, if it is one
    std::uint32_t set = no_id;  ///< its atom, if it is one
};

/// @return drafts by the node that contains them, no_id's last
std::vector<std::vector<Draft>> drafts_of(const Hierarchy& hierarchy, const Layout& layout, const std::vector<Set>& atoms) {
    std::vector<std::vector<Draft>> drafts(hierarchy.nodes.size() + 1);
    const auto add = [&](NodeId under, Draft draft) { drafts[std::min<std::size_t>(under, hierarchy.nodes.size())].push_back(std::move(draft)); };
    for (NodeId n = 0; n < hierarchy.nodes.size(); ++n) {
        if (!layout.is_published(n)) continue;
        const auto& node = hierarchy.nodes[n];
        add(node.parent == no_id ? no_id : layout.nearest_published(node.parent),
            {{node.name, node.level, false, no_id, 0, 0, {n}}, n, hierarchy.is_leaf(n) ? layout.set_of(n) : no_id});
    }
    std::map<std::string, std::uint32_t> names;
    for (std::uint32_t a = 0; a < atoms.size(); ++a) {
        const auto& batches = atoms[a].batches;
        if (batches.size() == 1 && batches[0] < hierarchy.nodes.size()) continue;
        const auto named = names_to_tell(hierarchy, batches);
        std::string name = cohort_name(named, batches.size(), hierarchy.nodes[layout.top(a)].name);
        if (const std::uint32_t uses = ++names[name]; uses > 1) name += fmt::format(" {}", uses);
        add(layout.above(a), {{std::move(name), hierarchy.leaf_level(), true, no_id, 0, 0, batches, named}, no_id, a});
    }
    for (auto& siblings : drafts)
        std::sort(siblings.begin(), siblings.end(), [](const Draft& a, const Draft& b) { return a.unit.name < b.unit.name; });
    return drafts;
}

/// Depth-first, siblings by name.
class Ordering {
public:
    Ordering(std::vector<std::vector<Draft>> drafts, std::vector<Set>& atoms, Partition& partition)
        : drafts_(std::move(drafts)), atoms_(atoms), partition_(partition) {}

    /// @param node no_id for units that no published node contains
    void place_children_of(NodeId node, std::uint32_t parent_unit) {
        for (Draft& child : drafts_[std::min<std::size_t>(node, drafts_.size() - 1)]) place(child, parent_unit);
    }

private:
    void place(Draft& draft, std::uint32_t parent_unit) {
        const auto index = static_cast<std::uint32_t>(partition_.units.size());
        const AtomId first_atom = partition_.num_atoms();
        draft.unit.parent = parent_unit;
        draft.unit.first_atom = first_atom;
        partition_.units.push_back(std::move(draft.unit));
        if (draft.set != no_id) {
            for (const BatchId batch : atoms_[draft.set].batches) partition_.atom_of_batch[batch] = first_atom;
            partition_.atom_unit.push_back(index);
            partition_.atom_facts.push_back(std::move(atoms_[draft.set].facts));
        }
        // A leaf that is an atom has no children; a node above may have newcomers of its own beside them.
        if (draft.node != no_id && draft.set == no_id) place_children_of(draft.node, index);
        partition_.units[index].num_atoms = partition_.num_atoms() - first_atom;
        if (draft.node != no_id) partition_.fates[draft.node] = {NodeStatus::published, index, ""};
    }

    std::vector<std::vector<Draft>> drafts_;
    std::vector<Set>& atoms_;
    Partition& partition_;
};

/// A leaf that is not published: merged into a cohort, or withheld; with the rule that it failed by itself.
void tell_leaf_fates(const Hierarchy& hierarchy, const Batches& batches, NodeId first, Partition& partition) {
    for (NodeId leaf = first; leaf < partition.fates.size(); ++leaf) {
        auto& fate = partition.fates[leaf];
        if (!batches.has_data(leaf) && batches.has_newcomers(leaf) && !hierarchy.is_crossed()) fate.rule = "joined";
        if (!batches.has_data(leaf) || fate.status == NodeStatus::published) continue;
        const AtomId atom = partition.atom_of_batch[leaf];
        fate.status = atom == no_id ? NodeStatus::withheld : NodeStatus::merged;
        fate.unit = atom == no_id ? no_id : partition.atom_unit[atom];
        fate.rule = batches.reason(leaf);
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

std::uint64_t subjects_of(const model::SetFacts& facts) {
    std::vector<std::int64_t> top(facts.num_top);
    std::uint64_t most = 0;
    for (std::uint32_t slot = 0; slot < facts.slots; ++slot) most = std::max(most, model::cell_of(facts, slot, top).contributors);
    return most;
}

/// What every level has and lacks.
void tally_levels(const Hierarchy& hierarchy, const Batches& batches, NodeId first, Partition& partition) {
    struct Amount {
        std::int64_t energy_wh = 0;
        std::uint64_t subjects = 0;
    };
    std::vector<Amount> amounts(hierarchy.nodes.size());
    partition.levels.resize(hierarchy.levels.size());
    for (auto node = static_cast<NodeId>(hierarchy.nodes.size()); node-- > 0;) {
        if (node >= first) {
            const model::SetFacts facts = batches.counted(node);
            amounts[node] = {facts.slots == 0 ? 0 : facts.grand_total(), subjects_of(facts)};
        }
        if (const NodeId parent = hierarchy.nodes[node].parent; parent != no_id) {
            amounts[parent].energy_wh += amounts[node].energy_wh;
            amounts[parent].subjects += amounts[node].subjects;
        }
        auto& level = partition.levels[hierarchy.nodes[node].level];
        const auto status = static_cast<std::size_t>(partition.fates[node].status);
        ++level.nodes[status];
        level.energy_wh[status] += amounts[node].energy_wh;
        level.subjects[status] += amounts[node].subjects;
    }
    for (NodeId leaf = first; leaf < hierarchy.nodes.size(); ++leaf) {
        if (!batches.has_newcomers(leaf)) continue;
        const AtomId atom = partition.atom_of_batch[model::batch_of(hierarchy, leaf, true)];
        for (std::uint32_t level = 0; level < partition.levels.size(); ++level)
            if (atom == no_id || level == hierarchy.leaf_level()) partition.levels[level].waiting += subjects_of(batches.newcomers(leaf));
    }
}

}  // namespace

NodeId top_of(const Hierarchy& hierarchy, const Set& set) {
    NodeId top = model::home_of(hierarchy, set.batches[0]);
    for (const BatchId batch : set.batches) {
        const NodeId home = model::home_of(hierarchy, batch);
        while (hierarchy.nodes[home].level < hierarchy.nodes[top].level || hierarchy.ancestor(home, hierarchy.nodes[top].level) != top) top = hierarchy.nodes[top].parent;
    }
    return top;
}

Partition lay_out(model::Channel channel, const Hierarchy& hierarchy, const Batches& batches, std::vector<Set> atoms) {
    for (Set& atom : atoms) std::erase_if(atom.batches, [&](BatchId b) { return b < hierarchy.nodes.size() && !batches.has_data(b); });
    Partition partition;
    partition.channel = channel;
    partition.atom_of_batch.assign(2 * hierarchy.nodes.size(), no_id);
    partition.fates.resize(hierarchy.nodes.size());
    const NodeId first = first_leaf(hierarchy);
    const Layout layout(hierarchy, batches, atoms);
    Ordering(drafts_of(hierarchy, layout, atoms), atoms, partition).place_children_of(no_id, no_id);
    tell_leaf_fates(hierarchy, batches, first, partition);
    tell_upper_fates(hierarchy, first, partition);
    tally_levels(hierarchy, batches, first, partition);
    return partition;
}

}  // namespace meterveil::cohort
