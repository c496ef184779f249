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

}  // namespace meterveil::model
