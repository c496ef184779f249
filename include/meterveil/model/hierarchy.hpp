#pragma once
// The published geography: a tree of named nodes, the same on every rank.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/model/ids.hpp"

namespace meterveil::model {

struct Node {
    std::string name;            ///< the topology's own name, unique within its level
    std::uint32_t level = 0;     ///< index into Hierarchy::levels
    NodeId parent = no_id;       ///< no_id for the root
    NodeId first_child = no_id;  ///< children are consecutive
    std::uint32_t num_children = 0;
    bool operator==(const Node&) const = default;
};

/// Level 0 is always "total" with the single root node 0; then the job's levels, top first.
/// Nodes are ordered by level, then by parent, then by name: so the order depends on the data alone.
struct Hierarchy {
    std::vector<std::string> levels;
    std::vector<Node> nodes;
    /// If a level is of a class of meters, such as a tariff, which stands across the others: its values, ascending.
    std::vector<std::string> classes = {};

    [[nodiscard]] bool is_crossed() const { return !classes.empty(); }

    [[nodiscard]] std::uint32_t leaf_level() const { return static_cast<std::uint32_t>(levels.size() - 1); }
    [[nodiscard]] bool is_leaf(NodeId node) const { return nodes[node].level == leaf_level(); }
    /// The ancestor of `node` at `level` (itself if it is there).
    [[nodiscard]] NodeId ancestor(NodeId node, std::uint32_t level) const {
        while (nodes[node].level > level) node = nodes[node].parent;
        return node;
    }
    bool operator==(const Hierarchy&) const = default;
};

/// Names from the job's first level down to the node, joined by the unit separator, which no name has.
std::string path_of(const Hierarchy& hierarchy, NodeId node);

/// Builds the tree from paths (one name per job level, top first). Pure; order of paths and
/// repeats do not matter. Names must be unique within a level up to their full path: two nodes of
/// one level with one name and different parents are told apart as "parent/name".
Hierarchy build_hierarchy(std::vector<std::string> job_levels, std::vector<std::vector<std::string>> paths);

/// Id of the first leaf node; leaves are the last nodes.
NodeId first_leaf(const Hierarchy& hierarchy);

/// Adds a level below the leaves: under every leaf a node "leaf/class" for each class, in order, whether or not somebody is there. So the
/// tree does not tell where a class is. Pure.
/// @param level its name
/// @param classes values, ascending
Hierarchy cross(Hierarchy hierarchy, std::string level, std::vector<std::string> classes);

/// Levels whose last is of a class, with that right below the total.
std::vector<std::string> class_first(std::vector<std::string> levels);

/// The same leaves in another order of levels.
struct Turned {
    Hierarchy hierarchy;
    std::vector<NodeId> leaf;  ///< [node id - id of the first leaf, before] the same leaf now
};
/// Puts the level of the class right below `depth` levels of the job: 0 for right below the total. Pure. Nodes below it are "class/name".
/// Example: total, region, feeder, tariff turned to 0 is total, tariff, region, feeder.
/// @param crossed its last level is of a class
Turned turn(const Hierarchy& crossed, std::uint32_t depth);

}  // namespace meterveil::model
