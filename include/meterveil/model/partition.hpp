#pragma once
// The one partition: atoms, and the published units that are unions of atoms.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/model/rules.hpp"

namespace meterveil::model {

/// What became of a node of the hierarchy.
enum class NodeStatus : std::uint8_t {
    published,  ///< it is a union of atoms: it has a unit
    merged,     ///< part of it was pooled with others: named with the cohort that absorbed it
    withheld,   ///< its pool failed at the root
    no_data,    ///< no meter of it takes part
};
const char* name_of(NodeStatus status);

/// Meters of a leaf that are summed together: those that stand there, whose batch is the leaf's node id, or the
/// newcomers that wait until they are enough, whose batch is the number of nodes + the leaf's node id.
using BatchId = std::uint32_t;

/// The batch of a meter of `leaf`.
inline BatchId batch_of(const Hierarchy& hierarchy, NodeId leaf, bool is_newcomer) { return leaf + (is_newcomer ? static_cast<BatchId>(hierarchy.nodes.size()) : 0); }
inline NodeId leaf_of(const Hierarchy& hierarchy, BatchId batch) { return batch < hierarchy.nodes.size() ? batch : batch - static_cast<BatchId>(hierarchy.nodes.size()); }
/// The lowest node whose sum has the batch in it, once the batch is in an atom: newcomers that wait are not in their leaf's.
inline NodeId home_of(const Hierarchy& hierarchy, BatchId batch) { return batch < hierarchy.nodes.size() ? batch : hierarchy.nodes[leaf_of(hierarchy, batch)].parent; }
/// The leaf's name, with "(new)" for newcomers.
std::string name_of(const Hierarchy& hierarchy, BatchId batch);

/// A row of the release: a published node, or a cohort of pooled leaves. Units form a forest; the
/// sum of a unit's children is the unit, exactly.
struct Unit {
    std::string name;             ///< node name, or the cohort's: members joined by "+", shortened with a digest
    std::uint32_t level = 0;      ///< a cohort of several leaves stands in the leaf level
    bool is_cohort = false;       ///< true: a pool of several batches
    std::uint32_t parent = no_id; ///< index of the smallest unit that contains it
    AtomId first_atom = 0;        ///< its atoms are consecutive
    AtomId num_atoms = 0;
    std::vector<BatchId> members; ///< the node itself, or the pooled batches, ascending
    std::vector<std::string> named = {};  ///< of a cohort: the members whose names may be told
    bool operator==(const Unit&) const = default;
};

/// What became of every node, and why.
struct NodeFate {
    NodeStatus status = NodeStatus::no_data;
    std::uint32_t unit = no_id;  ///< published: its unit; merged: the cohort that absorbed (part of) it
    std::string rule;            ///< merged or withheld: the rule that it failed, if itself failed
    bool operator==(const NodeFate&) const = default;
};

/// What a level has and lacks, by the status of its nodes. Exact: for evidence in bands.
struct LevelTally {
    std::uint64_t nodes[4] = {0, 0, 0, 0};    ///< [NodeStatus]
    std::int64_t energy_wh[4] = {0, 0, 0, 0}; ///< [NodeStatus] of who takes part
    std::uint64_t subjects[4] = {0, 0, 0, 0}; ///< [NodeStatus] of every leaf added up, in its fullest slot
    std::uint64_t waiting = 0;                ///< newcomers in no sum of the level: subjects
    bool operator==(const LevelTally&) const = default;
};

/// The partition of one channel. The same on every rank. Units are in depth-first order, a parent
/// before its children, siblings by name; a unit without children is an atom.
/// A crossed hierarchy has two for each channel, of the same atoms in another order: its own, then the one by class.
struct Partition {
    Channel channel = Channel::import;
    std::vector<NodeId> turned_leaf = {};  ///< by class: [node id - id of the first leaf of the crossed hierarchy] the leaf of its own that ids are of; else empty
    NodeId first_leaf = 0;                 ///< of the crossed hierarchy; by class only
    std::vector<Unit> units;
    std::vector<std::uint32_t> atom_unit;  ///< [atom] its unit
    std::vector<AtomId> atom_of_batch;     ///< [batch]: no_id if not a leaf's, not there, or not published
    std::vector<NodeFate> fates;           ///< [node id]
    std::vector<LevelTally> levels;        ///< [level]
    std::vector<SetFacts> atom_facts;      ///< [atom], on the owner part_of(num_atoms, ranks, atom) only; others empty

    [[nodiscard]] AtomId num_atoms() const { return static_cast<AtomId>(atom_unit.size()); }
    [[nodiscard]] bool is_by_class() const { return !turned_leaf.empty(); }
    /// The atom of a meter. @param leaf of the job's hierarchy, turned or not
    [[nodiscard]] AtomId atom_of(NodeId leaf, bool is_newcomer) const {
        const NodeId here = is_by_class() ? turned_leaf[leaf - first_leaf] : leaf;
        return atom_of_batch[here + (is_newcomer ? atom_of_batch.size() / 2 : 0)];
    }
};

/// [atom of a channel's own partition] its number in the one by class.
std::vector<AtomId> numbers_by_class(const Partition& own, const Partition& by_class);

}  // namespace meterveil::model
