// An attacker adds and subtracts published sums. Whatever set of leaves comes out must pass the rules.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>
#include <set>

#include "cohort/pool.hpp"
#include "plain_rules.hpp"

namespace meterveil::cohort {
namespace {

using model::NodeId;
using model::NodeStatus;
using model::SetFacts;

model::RuleSet rules() { return testing::five_or_more_none_over_half(); }

struct Case {
    model::Hierarchy hierarchy;
    LeafFacts facts;
};

unsigned draw(std::mt19937& random, unsigned least, unsigned most) { return least + static_cast<unsigned>(random() % (most - least + 1)); }

/// Two regions, substations of one to four feeders, each with no, few or many customers, some dominated.
Case random_case(std::mt19937& random) {
    std::vector<std::vector<std::string>> paths;
    for (unsigned r = 0; r < 2; ++r)
        for (unsigned s = 0, n = draw(random, 1, 2); s < n; ++s)
            for (unsigned f = 0, m = draw(random, 1, 3); f < m; ++f) paths.push_back({fmt::format("r{}", r), fmt::format("s{}{}", r, s), fmt::format("f{}{}{}", r, s, f)});
    Case c{model::build_hierarchy({"region", "substation", "feeder"}, paths), {}};
    c.facts.resize(c.hierarchy.nodes.size() - first_leaf(c.hierarchy));
    for (SetFacts& facts : c.facts) {
        if (random() % 8 == 0) continue;
        facts = SetFacts(1, 1);
        for (unsigned n = draw(random, 1, 12); n > 0; --n) facts.fold({static_cast<std::int64_t>(1 + random() % 50)});
        if (random() % 4 == 0) facts.fold({static_cast<std::int64_t>(100 + random() % 1000)});
    }
    return c;
}

using Leaves = std::set<NodeId>;

Leaves leaves_of(const model::Hierarchy& hierarchy, const LeafFacts& facts, const std::vector<NodeId>& members) {
    Leaves leaves;
    for (NodeId leaf = first_leaf(hierarchy); leaf < hierarchy.nodes.size(); ++leaf)
        for (const NodeId member : members)
            if (facts[leaf - first_leaf(hierarchy)].slots != 0 && hierarchy.ancestor(leaf, hierarchy.nodes[member].level) == member) leaves.insert(leaf);
    return leaves;
}

/// True if some sum of published sets, each with weight -1, 0 or 1, is a set of leaves (weights 0 and 1) that fails the rules.
bool attack_succeeds(const Case& c, const std::vector<Leaves>& published) {
    const NodeId first = first_leaf(c.hierarchy);
    std::vector<int> weight(c.facts.size(), 0);
    const auto fails = [&] {
        SetFacts sum(1, 1);
        bool any = false;
        for (std::size_t i = 0; i < weight.size(); ++i) {
            if (weight[i] != 0 && weight[i] != 1) return false;
            if (weight[i] == 0) continue;
            any = true;
            sum.merge(c.facts[i]);
        }
        return any && !model::judge(rules(), sum).passes;
    };
    const auto search = [&](auto&& self, std::size_t next) -> bool {
        if (next == published.size()) return fails();
        for (const int w : {0, 1, -1}) {
            for (const NodeId leaf : published[next]) weight[leaf - first] += w;
            const bool found = self(self, next + 1);
            for (const NodeId leaf : published[next]) weight[leaf - first] -= w;
            if (found) return true;
        }
        return false;
    };
    return search(search, 0);
}

std::vector<Leaves> published_by(const Case& c, const model::Partition& partition) {
    std::set<Leaves> distinct;
    for (const model::Unit& unit : partition.units) distinct.insert(leaves_of(c.hierarchy, c.facts, unit.members));
    return {distinct.begin(), distinct.end()};
}

TEST(OnePartition, NoSumOrDifferenceOfPublishedUnitsFailsARule) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int published_something = 0;
    for (int i = 0; i < 300; ++i) {
        const Case c = random_case(random);
        const auto partition = build_partition(model::Channel::import, c.hierarchy, c.facts, rules());
        const auto sets = published_by(c, partition);
        if (sets.size() > 11) continue;  // 3^11 combinations are enough to search
        published_something += sets.size() > 2 ? 1 : 0;
        ASSERT_FALSE(attack_succeeds(c, sets)) << "case " << i;
    }
    EXPECT_GT(published_something, 50);
}

TEST(OnePartition, TheAttackBreaksSuppressionNodeByNode) {
    std::mt19937 random(1);
    int broken = 0;
    for (int i = 0; i < 100; ++i) {
        const Case c = random_case(random);
        std::set<Leaves> naive;  // every node that passes by itself
        for (NodeId n = 0; n < c.hierarchy.nodes.size(); ++n) {
            const Leaves leaves = leaves_of(c.hierarchy, c.facts, {n});
            SetFacts sum(1, 1);
            for (const NodeId leaf : leaves) sum.merge(c.facts[leaf - first_leaf(c.hierarchy)]);
            if (!leaves.empty() && model::judge(rules(), sum).passes) naive.insert(leaves);
        }
        if (naive.size() <= 11) broken += attack_succeeds(c, {naive.begin(), naive.end()}) ? 1 : 0;
    }
    EXPECT_GT(broken, 10);
}

TEST(OnePartition, EveryLeafWithDataHasOneFateAndUnitsAddUp) {
    std::mt19937 random(2);
    for (int i = 0; i < 300; ++i) {
        const Case c = random_case(random);
        const auto p = build_partition(model::Channel::import, c.hierarchy, c.facts, rules());
        const NodeId first = first_leaf(c.hierarchy);
        for (NodeId leaf = first; leaf < c.hierarchy.nodes.size(); ++leaf) {
            const auto status = p.fates[leaf].status;
            ASSERT_EQ(status == NodeStatus::no_data, c.facts[leaf - first].slots == 0);
            ASSERT_EQ(p.atom_of_batch[leaf] != model::no_id, status == NodeStatus::published || status == NodeStatus::merged);
        }
        for (std::uint32_t u = 0; u < p.units.size(); ++u) {
            Leaves of_children;
            std::size_t total = 0;
            for (const auto& child : p.units)
                if (child.parent == u) {
                    const Leaves leaves = leaves_of(c.hierarchy, c.facts, child.members);
                    of_children.insert(leaves.begin(), leaves.end());
                    total += leaves.size();
                }
            ASSERT_TRUE(total == 0 || (of_children == leaves_of(c.hierarchy, c.facts, p.units[u].members) && total == of_children.size()));
        }
        for (const SetFacts& facts : p.atom_facts) ASSERT_TRUE(model::judge(rules(), facts).passes);
    }
}

/// A set of `n` customers of the same use.
SetFacts customers(int n, std::int64_t wh = 10) {
    SetFacts facts(1, 1);
    for (int i = 0; i < n; ++i) facts.fold({wh});
    return facts;
}

TEST(OnePartition, ASmallFeederJoinsItsCheapestNeighbourAndIsNamed) {
    const auto h = model::build_hierarchy({"region", "feeder"}, {{"a", "f1"}, {"a", "f2"}, {"a", "f3"}, {"b", "f4"}});
    const auto p = build_partition(model::Channel::import, h, {customers(2), customers(9), customers(20), customers(8)}, rules());
    const NodeId first = first_leaf(h);
    EXPECT_EQ(p.fates[first].status, NodeStatus::merged);
    EXPECT_EQ(p.fates[first].rule, "five");
    EXPECT_EQ(p.units[p.fates[first].unit].name, "f1+f2");
    EXPECT_EQ(p.fates[first + 1].status, NodeStatus::merged);
    EXPECT_EQ(p.fates[first + 1].rule, "");
    EXPECT_EQ(p.fates[first + 2].status, NodeStatus::published);
    for (NodeId n = 0; n < first; ++n) EXPECT_EQ(p.fates[n].status, NodeStatus::published);
}

TEST(OnePartition, TwoSmallFeedersThatPassTogetherCostNobodyElse) {
    const auto h = model::build_hierarchy({"feeder"}, {{"f1"}, {"f2"}, {"f3"}});
    const auto p = build_partition(model::Channel::import, h, {customers(3), customers(3), customers(9)}, rules());
    EXPECT_EQ(p.num_atoms(), 2U);
    EXPECT_EQ(p.fates[3].status, NodeStatus::published);
}

TEST(OnePartition, WhatNoUnionCanHideIsWithheldWithEveryNodeAboveIt) {
    const auto h = model::build_hierarchy({"region", "feeder"}, {{"a", "f1"}, {"a", "f2"}, {"b", "f3"}});
    const auto p = build_partition(model::Channel::import, h, {customers(1, 100000), customers(9), customers(9)}, rules());
    EXPECT_EQ(p.fates[3].status, NodeStatus::withheld);
    EXPECT_EQ(p.fates[0].status, NodeStatus::withheld);
    EXPECT_EQ(p.fates[1].status, NodeStatus::withheld);
    EXPECT_EQ(p.fates[2].status, NodeStatus::published);
    EXPECT_EQ(p.fates[4].status, NodeStatus::published);
}

}  // namespace
}  // namespace meterveil::cohort
