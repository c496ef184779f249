#include "meterveil/model/hierarchy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace meterveil::model {
namespace {

const std::vector<std::string> levels = {"region", "feeder"};

TEST(BuildHierarchy, PutsATotalAboveTheJobsLevels) {
    const Hierarchy h = build_hierarchy(levels, {{"north", "f1"}, {"north", "f2"}, {"south", "f3"}});
    EXPECT_EQ(h.levels, (std::vector<std::string>{"total", "region", "feeder"}));
    ASSERT_EQ(h.nodes.size(), 6U);
    EXPECT_EQ(h.nodes[0].parent, no_id);
    EXPECT_EQ(h.nodes[0].num_children, 2U);
    EXPECT_EQ(h.nodes[1].name, "north");
    EXPECT_EQ(h.nodes[1].num_children, 2U);
    EXPECT_EQ(h.ancestor(3, 1), 1U);
    EXPECT_EQ(h.ancestor(5, 0), 0U);
    EXPECT_TRUE(h.is_leaf(5));
    EXPECT_FALSE(h.is_leaf(2));
}

TEST(BuildHierarchy, DoesNotDependOnOrderOrRepeats) {
    std::vector<std::vector<std::string>> paths = {{"n", "a"}, {"n", "b"}, {"s", "c"}, {"s", "d"}, {"s", "e"}};
    const Hierarchy expected = build_hierarchy(levels, paths);
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 20; ++i) {
        paths.push_back(paths[random() % 5]);
        std::shuffle(paths.begin(), paths.end(), random);
        EXPECT_EQ(build_hierarchy(levels, paths), expected);
    }
}

TEST(BuildHierarchy, TellsOneNameUnderTwoParentsApart) {
    const Hierarchy h = build_hierarchy(levels, {{"north", "f1"}, {"south", "f1"}, {"south", "f2"}});
    std::set<std::string> names;
    for (const Node& node : h.nodes)
        if (node.level == 2) names.insert(node.name);
    EXPECT_EQ(names, (std::set<std::string>{"north/f1", "south/f1", "f2"}));
}

TEST(BuildHierarchy, ChildrenAreConsecutiveAndPointBack) {
    const Hierarchy h = build_hierarchy(levels, {{"n", "a"}, {"s", "b"}, {"n", "c"}, {"e", "d"}});
    for (NodeId id = 0; id < h.nodes.size(); ++id)
        for (std::uint32_t c = 0; c < h.nodes[id].num_children; ++c)
            EXPECT_EQ(h.nodes[h.nodes[id].first_child + c].parent, id);
}

std::vector<std::string> names_at(const Hierarchy& h, std::uint32_t level) {
    std::vector<std::string> names;
    for (const Node& node : h.nodes)
        if (node.level == level) names.push_back(node.name);
    return names;
}

Hierarchy crossed() { return cross(build_hierarchy(levels, {{"n", "a"}, {"n", "b"}, {"s", "c"}}), "tariff", {"std", "tou"}); }

TEST(Cross, PutsEveryClassUnderEveryLeaf) {
    const Hierarchy h = crossed();
    EXPECT_EQ(h.levels, (std::vector<std::string>{"total", "region", "feeder", "tariff"}));
    EXPECT_EQ(names_at(h, 3), (std::vector<std::string>{"a/std", "a/tou", "b/std", "b/tou", "c/std", "c/tou"}));
    EXPECT_TRUE(h.is_crossed());
    EXPECT_FALSE(build_hierarchy(levels, {{"n", "a"}}).is_crossed());
}

TEST(Turn, PutsTheClassBelowTheLevelThatIsAsked) {
    const Turned first = turn(crossed(), 0), middle = turn(crossed(), 1), last = turn(crossed(), 2);
    EXPECT_EQ(first.hierarchy.levels, (std::vector<std::string>{"total", "tariff", "region", "feeder"}));
    EXPECT_EQ(names_at(first.hierarchy, 1), (std::vector<std::string>{"std", "tou"}));
    EXPECT_EQ(names_at(first.hierarchy, 2), (std::vector<std::string>{"std/n", "std/s", "tou/n", "tou/s"}));
    EXPECT_EQ(names_at(first.hierarchy, 3), (std::vector<std::string>{"std/a", "std/b", "std/c", "tou/a", "tou/b", "tou/c"}));
    EXPECT_EQ(middle.hierarchy.levels, (std::vector<std::string>{"total", "region", "tariff", "feeder"}));
    EXPECT_EQ(names_at(middle.hierarchy, 2), (std::vector<std::string>{"n/std", "n/tou", "s/std", "s/tou"}));
    EXPECT_EQ(names_at(last.hierarchy, 3), names_at(crossed(), 3));
}

TEST(Turn, KeepsEveryLeaf) {
    const Hierarchy h = crossed();
    for (std::uint32_t depth = 0; depth < 3; ++depth) {
        const Turned turned = turn(h, depth);
        EXPECT_EQ(std::set<NodeId>(turned.leaf.begin(), turned.leaf.end()).size(), 6U);
        for (std::size_t i = 0; i < turned.leaf.size(); ++i) {
            const std::string place = std::string(1, "abc"[i / 2]), tariff = h.classes[i % 2];
            const std::string& name = turned.hierarchy.nodes[turned.leaf[i]].name;
            EXPECT_EQ(name, depth == 2 ? place + "/" + tariff : tariff + "/" + place);
            EXPECT_TRUE(turned.hierarchy.is_leaf(turned.leaf[i]));
        }
        for (NodeId id = 0; id < turned.hierarchy.nodes.size(); ++id)
            for (std::uint32_t c = 0; c < turned.hierarchy.nodes[id].num_children; ++c) EXPECT_EQ(turned.hierarchy.nodes[turned.hierarchy.nodes[id].first_child + c].parent, id);
    }
}

}  // namespace
}  // namespace meterveil::model
