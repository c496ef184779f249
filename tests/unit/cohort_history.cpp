// Joiners and leavers of the period before.
#include <gtest/gtest.h>

#include "cohort/pool.hpp"
#include "plain_rules.hpp"

namespace meterveil::cohort {
namespace {

using model::NodeId;
using model::NodeStatus;
using model::SetFacts;

SetFacts customers(int n) {
    if (n == 0) return {};
    SetFacts facts(1, 0);
    for (int i = 0; i < n; ++i) facts.fold({10});
    return facts;
}

LeafFacts leaves(const std::vector<int>& counts) {
    LeafFacts facts;
    for (const int n : counts) facts.push_back(customers(n));
    return facts;
}

/// Substations s1 (f1, f2, f3) and s2 (f4).
struct Case {
    model::Hierarchy hierarchy = model::build_hierarchy({"substation", "feeder"}, {{"s1", "f1"}, {"s1", "f2"}, {"s1", "f3"}, {"s2", "f4"}});
    LeafFacts standing = leaves({20, 20, 20, 20});
    History history{leaves({0, 0, 0, 0}), leaves({0, 0, 0, 0}), std::vector<std::uint32_t>(4, model::no_id)};

    [[nodiscard]] model::Partition partition() const {
        const model::RuleSet rules = testing::five_or_more();
        return build_partition(model::Channel::import, hierarchy, standing, rules, history);
    }
    [[nodiscard]] NodeId leaf(NodeId number) const { return first_leaf(hierarchy) + number; }
};

std::vector<std::string> names_of(const model::Partition& p) {
    std::vector<std::string> names;
    for (const auto& unit : p.units) names.push_back(unit.name);
    return names;
}

TEST(History, NothingThatChangedChangesNothing) {
    Case c;
    EXPECT_EQ(names_of(c.partition()), (std::vector<std::string>{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));
}

TEST(History, OneWhoLeftIsHiddenAmongThoseWhoLeftNextDoor) {
    Case c;
    c.history.left = leaves({1, 6, 4, 0});
    const auto p = c.partition();
    EXPECT_EQ(names_of(p), (std::vector<std::string>{"total", "s1", "f1+f3", "f2", "s2", "f4"}));
    EXPECT_EQ(p.fates[c.leaf(0)].rule, "left");
    EXPECT_EQ(p.fates[c.leaf(1)].status, NodeStatus::published);
}

TEST(History, WhatWasTakenInBeforeTheOneThatWasNeededIsGivenBack) {
    Case c;
    c.standing = leaves({20, 5, 20, 20});  // f2 is the cheapest, and hides nobody who left
    c.history.left = leaves({1, 0, 6, 0});
    EXPECT_EQ(names_of(c.partition()), (std::vector<std::string>{"total", "s1", "f1+f3", "f2", "s2", "f4"}));
}

TEST(History, OneWhoLeftAloneLeavesOnlyNothing) {
    Case c;
    c.history.left = leaves({1, 0, 0, 0});
    const auto p = c.partition();
    EXPECT_EQ(p.fates[c.leaf(0)].status, NodeStatus::withheld);
    EXPECT_EQ(p.fates[1].status, NodeStatus::withheld);  // s1 has it in its sum
    EXPECT_EQ(p.fates[c.leaf(3)].status, NodeStatus::published);
}

TEST(History, NewcomersThatPassAreLetInAtOnce) {
    Case c;
    c.history.joined = leaves({5, 0, 0, 0});
    const auto p = c.partition();
    EXPECT_EQ(names_of(p), (std::vector<std::string>{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));
    EXPECT_EQ(p.atom_facts[p.atom_of_batch[c.leaf(0)]].contributors[0], 25U);
}

TEST(History, AFewNewcomersWaitAndTheirFeederIsPublishedWithoutThem) {
    Case c;
    c.history.joined = leaves({1, 0, 0, 1});
    const auto p = c.partition();
    EXPECT_EQ(names_of(p), (std::vector<std::string>{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));
    EXPECT_EQ(p.atom_of_batch[model::batch_of(c.hierarchy, c.leaf(0), true)], model::no_id);
    EXPECT_EQ(p.fates[0].status, NodeStatus::published);
    EXPECT_EQ(p.atom_facts[p.atom_of_batch[c.leaf(0)]].contributors[0], 20U);
}

TEST(History, NewcomersOfSeveralFeedersThatPassTogetherCountFromTheirSubstationUp) {
    Case c;
    c.history.joined = leaves({3, 2, 0, 0});
    const auto p = c.partition();
    EXPECT_EQ(names_of(p), (std::vector<std::string>{"total", "s1", "f1", "f1 (new)+f2 (new)", "f2", "f3", "s2", "f4"}));
    EXPECT_EQ(p.units[3].parent, 1U);
    EXPECT_EQ(p.units[1].num_atoms, 4U);
}

TEST(History, ANewFeederIsThereOrWaits) {
    Case c;
    c.standing = leaves({20, 20, 0, 0});
    c.history.joined = leaves({0, 0, 9, 2});
    const auto p = c.partition();
    EXPECT_EQ(p.fates[c.leaf(2)].status, NodeStatus::published);
    EXPECT_EQ(p.fates[c.leaf(3)].status, NodeStatus::no_data);
    EXPECT_EQ(p.fates[c.leaf(3)].rule, "joined");
    EXPECT_EQ(p.fates[0].status, NodeStatus::published);
}

TEST(History, AnEarlierCohortWithAFewInOneOfItsFeedersStaysTogether) {
    Case c;
    c.history.bond = {7, 7, model::no_id, model::no_id};
    EXPECT_EQ(names_of(c.partition()), (std::vector<std::string>{"total", "s1", "f1+f2", "f3", "s2", "f4"}));
    EXPECT_EQ(c.partition().fates[c.leaf(0)].rule, "bond");
}

TEST(History, AFeederThatEverybodyLeftGoesWithTheCohortItWasIn) {
    Case c;
    c.standing = leaves({20, 0, 20, 20});
    c.history.left = leaves({2, 3, 0, 0});
    c.history.bond = {7, 7, model::no_id, model::no_id};
    const auto p = c.partition();
    EXPECT_EQ(names_of(p), (std::vector<std::string>{"total", "s1", "f1", "f3", "s2", "f4"}));
    EXPECT_EQ(p.fates[c.leaf(1)].status, NodeStatus::no_data);
    EXPECT_EQ(p.atom_of_batch[c.leaf(1)], model::no_id);
}

}  // namespace
}  // namespace meterveil::cohort
