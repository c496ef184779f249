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

}  // namespace
}  // namespace meterveil::model
