#include "meterveil/model/hierarchy.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace meterveil::model {
namespace {

using NodePath = std::vector<std::string>;

/// A name is told apart by its parents only where a level uses it twice: as few of them as needed.
std::string unique_name(const NodePath& path, const std::map<std::string, int>& uses) {
    std::string name = path.back();
    for (auto parent = path.rbegin() + 1; parent != path.rend() && uses.at(path.back()) > 1; ++parent)
        name = *parent + "/" + name;
    return name;
}

}  // namespace

std::string path_of(const Hierarchy& hierarchy, NodeId node) {
    const Node& here = hierarchy.nodes[node];
    return here.level <= 1 ? here.name : path_of(hierarchy, here.parent) + '\x1f' + here.name;
}

NodeId first_leaf(const Hierarchy& hierarchy) {
    const auto leaf = std::partition_point(hierarchy.nodes.begin(), hierarchy.nodes.end(), [&](const Node& node) { return node.level < hierarchy.leaf_level(); });
    return static_cast<NodeId>(leaf - hierarchy.nodes.begin());
}

Hierarchy build_hierarchy(std::vector<std::string> job_levels, std::vector<std::vector<std::string>> paths) {
    Hierarchy tree;
    tree.levels.emplace_back("total");
    std::move(job_levels.begin(), job_levels.end(), std::back_inserter(tree.levels));
    tree.nodes.push_back({"total", 0, no_id, no_id, 0});
    std::map<NodePath, NodeId> above = {{{}, 0}};
    for (std::uint32_t level = 1; level < tree.levels.size(); ++level) {
        std::set<NodePath> distinct;
        for (const auto& path : paths) distinct.insert({path.begin(), path.begin() + level});
        std::map<std::string, int> uses;
        for (const auto& path : distinct) ++uses[path.back()];
        std::map<NodePath, NodeId> here;
        for (const auto& path : distinct) {  // sorted by path: by parent, then by name
            const auto id = static_cast<NodeId>(tree.nodes.size());
            const NodeId parent = above.at({path.begin(), path.end() - 1});
            Node& up = tree.nodes[parent];
            if (up.num_children++ == 0) up.first_child = id;
            tree.nodes.push_back({unique_name(path, uses), level, parent, no_id, 0});
            here.emplace(path, id);
        }
        above = std::move(here);
    }
    return tree;
}

}  // namespace meterveil::model
