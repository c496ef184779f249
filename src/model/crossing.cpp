// A class of meters that stands across the levels of the geography.

#include <algorithm>
#include <utility>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/hierarchy.hpp"

namespace meterveil::model {
namespace {

void add_child(Hierarchy& tree, NodeId parent, std::string name) {
    const auto id = static_cast<NodeId>(tree.nodes.size());
    if (tree.nodes[parent].num_children++ == 0) tree.nodes[parent].first_child = id;
    tree.nodes.push_back({std::move(name), tree.nodes[parent].level + 1, parent, no_id, 0});
}

class Turning {
public:
    Turning(const Hierarchy& crossed, std::uint32_t depth) : from_(crossed), depth_(depth), first_leaf_(first_leaf(crossed)) {}

    Turned turned() {
        Hierarchy& tree = turned_.hierarchy;
        tree.levels = from_.levels;
        const auto class_level = tree.levels.begin() + 1 + depth_;
        std::rotate(class_level, tree.levels.end() - 1, tree.levels.end());
        tree.classes = from_.classes;
        tree.nodes.push_back({from_.nodes[0].name, 0, no_id, no_id, 0});
        places_ = {{0, no_id}};
        for (NodeId first = 0, level = 0; level + 1 < tree.levels.size(); ++level) {
            const auto last = static_cast<NodeId>(tree.nodes.size());
            for (NodeId node = first; node < last; ++node) add_children(node);
            first = last;
        }
        find_leaves();
        return std::move(turned_);
    }

private:
    /// The node of the geography that a node is made of, and its class, or no_id above the level of the class.
    struct Place {
        NodeId node = 0;
        std::uint32_t of_class = no_id;
    };

    void add_children(NodeId node) {
        const Place here = places_[node];
        const Node& geography = from_.nodes[here.node];
        if (turned_.hierarchy.nodes[node].level == depth_) {
            for (std::uint32_t c = 0; c < from_.classes.size(); ++c) add(node, {here.node, c}, (here.node == 0 ? "" : geography.name + "/") + from_.classes[c]);
            return;
        }
        const std::string of_class = here.of_class == no_id ? "" : from_.classes[here.of_class] + "/";
        for (NodeId child = geography.first_child; child < geography.first_child + geography.num_children; ++child) add(node, {child, here.of_class}, of_class + from_.nodes[child].name);
    }
    void add(NodeId parent, Place place, std::string name) {
        add_child(turned_.hierarchy, parent, std::move(name));
        places_.push_back(place);
    }

    void find_leaves() {
        turned_.leaf.resize(from_.nodes.size() - first_leaf_);
        for (NodeId leaf = first_leaf(turned_.hierarchy); leaf < turned_.hierarchy.nodes.size(); ++leaf)
            turned_.leaf[from_.nodes[places_[leaf].node].first_child + places_[leaf].of_class - first_leaf_] = leaf;
    }

    const Hierarchy& from_;
    std::uint32_t depth_;
    NodeId first_leaf_;
    std::vector<Place> places_;  ///< [node of the turned]
    Turned turned_;
};

}  // namespace

Hierarchy cross(Hierarchy hierarchy, std::string level, std::vector<std::string> classes) {
    for (auto leaf = first_leaf(hierarchy), last = static_cast<NodeId>(hierarchy.nodes.size()); leaf < last; ++leaf)
        for (const std::string& value : classes) add_child(hierarchy, leaf, hierarchy.nodes[leaf].name + "/" + value);
    hierarchy.levels.push_back(std::move(level));
    hierarchy.classes = std::move(classes);
    return hierarchy;
}

std::vector<std::string> class_first(std::vector<std::string> levels) {
    std::rotate(levels.begin() + 1, levels.end() - 1, levels.end());
    return levels;
}

Turned turn(const Hierarchy& crossed, std::uint32_t depth) {
    EXPECTS(crossed.is_crossed() && depth + 2 <= crossed.levels.size());
    return Turning(crossed, depth).turned();
}

}  // namespace meterveil::model
