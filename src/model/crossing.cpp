// A class of meters that stands across the levels of the geography.

#include <algorithm>
#include <map>
#include <set>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/hierarchy.hpp"

namespace meterveil::model {
namespace {

NodeId add_child(Hierarchy& tree, NodeId parent, std::string name) {
    const auto id = static_cast<NodeId>(tree.nodes.size());
    if (tree.nodes[parent].num_children++ == 0) tree.nodes[parent].first_child = id;
    tree.nodes.push_back({std::move(name), tree.nodes[parent].level + 1, parent, no_id, 0});
    return id;
}

/// A node of a turned hierarchy: the node of the geography it is made of, and the class, or no_id above its level.
struct Place {
    NodeId node = 0;
    std::uint32_t of_class = no_id;
};

class Turning {
public:
    Turning(const Hierarchy& crossed, std::uint32_t depth) : from_(crossed), depth_(depth), first_leaf_(first_leaf(crossed)), classes_under_(first_leaf_) {
        for (NodeId leaf = first_leaf_; leaf < from_.nodes.size(); ++leaf)
            for (NodeId node = from_.nodes[leaf].parent; node != no_id; node = from_.nodes[node].parent) classes_under_[node].insert(class_of(leaf));
    }

    Turned turned() {
        Hierarchy& tree = turned_.hierarchy;
        tree.levels = from_.levels;
        std::string of_class = std::move(tree.levels.back());
        tree.levels.pop_back();
        tree.levels.insert(tree.levels.begin() + 1 + depth_, std::move(of_class));
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
    [[nodiscard]] std::uint32_t class_of(NodeId leaf) const { return from_.class_of_leaf[leaf - first_leaf_]; }

    void add_children(NodeId node) {
        const Place here = places_[node];
        if (turned_.hierarchy.nodes[node].level == depth_) {
            for (const std::uint32_t c : classes_under_[here.node]) add(node, {here.node, c}, (here.node == 0 ? "" : from_.nodes[here.node].name + "/") + from_.classes[c]);
            return;
        }
        const Node& geography = from_.nodes[here.node];
        for (NodeId child = geography.first_child; child < geography.first_child + geography.num_children; ++child) {
            if (here.of_class == no_id) add(node, {child, no_id}, from_.nodes[child].name);
            else if (classes_under_[child].contains(here.of_class)) add(node, {child, here.of_class}, from_.classes[here.of_class] + "/" + from_.nodes[child].name);
        }
    }
    void add(NodeId parent, Place place, std::string name) {
        add_child(turned_.hierarchy, parent, std::move(name));
        places_.push_back(place);
    }

    void find_leaves() {
        Hierarchy& tree = turned_.hierarchy;
        std::map<Crossing, NodeId> now;
        for (NodeId leaf = first_leaf(tree); leaf < tree.nodes.size(); ++leaf) {
            now[{places_[leaf].node, places_[leaf].of_class}] = leaf;
            tree.class_of_leaf.push_back(places_[leaf].of_class);
        }
        for (NodeId leaf = first_leaf_; leaf < from_.nodes.size(); ++leaf) turned_.leaf.push_back(now.at({from_.nodes[leaf].parent, class_of(leaf)}));
    }

    const Hierarchy& from_;
    std::uint32_t depth_;
    NodeId first_leaf_;
    std::vector<std::set<std::uint32_t>> classes_under_;  ///< [node above the leaves]
    std::vector<Place> places_;                           ///< [node of the turned]
    Turned turned_;
};

}  // namespace

Hierarchy cross(Hierarchy hierarchy, std::string level, std::vector<std::string> classes, const std::vector<Crossing>& crossings) {
    for (const auto& [leaf, c] : crossings) {
        add_child(hierarchy, leaf, hierarchy.nodes[leaf].name + "/" + classes[c]);
        hierarchy.class_of_leaf.push_back(c);
    }
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
