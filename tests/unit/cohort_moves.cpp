// Who moved since the period before: who is let in, who waits, and with whom.
#include <gtest/gtest.h>

#include <algorithm>

#include "cohort/moves.hpp"
#include "plain_rules.hpp"

namespace meterveil::cohort {
namespace {

using model::BatchId;
using model::no_id;
using model::NodeId;
using model::SetFacts;

SetFacts customers(int n) {
    if (n == 0) return {};
    SetFacts facts(1, 0);
    for (int i = 0; i < n; ++i) facts.fold({10});
    return facts;
}
int size_of(const SetFacts& facts) { return facts.slots == 0 ? 0 : static_cast<int>(facts.contributors[0]); }

/// Substations s1 (f1, f2, f3) and s2 (f4); each feeder was an atom of its number.
struct Utility {
    model::Hierarchy hierarchy = model::build_hierarchy({"substation", "feeder"}, {{"s1", "f1"}, {"s1", "f2"}, {"s1", "f3"}, {"s2", "f4"}});
    model::RuleSet rules = testing::five_or_more();
    std::vector<std::uint32_t> main_atom = {1, 2, 3, 4};

    [[nodiscard]] NodeId leaf(NodeId number) const { return first_leaf(hierarchy) + number - 1; }
    [[nodiscard]] BatchId own(NodeId number) const { return leaf(number); }
    [[nodiscard]] BatchId waiting(NodeId number) const { return model::batch_of(hierarchy, leaf(number), true); }
};

/// From an atom to a feeder (0: nowhere), how many.
struct Step {
    std::uint32_t atom, feeder;
    int count;
};

Settled settled(const Utility& utility, std::vector<Step> steps) {
    std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return std::pair(a.atom, a.feeder - 1) < std::pair(b.atom, b.feeder - 1); });
    Moves moves{{}, {}, utility.main_atom};
    for (const Step& step : steps) {
        moves.moves.push_back({step.atom, step.feeder == 0 ? no_id : utility.leaf(step.feeder)});
        moves.facts.push_back(customers(step.count));
    }
    return settle(moves, utility.hierarchy, utility.rules);
}

const Utility utility;
using Waits = std::vector<bool>;

TEST(Moves, WhoStandsDoesNotWait) {
    const Settled s = settled(utility, {{1, 1, 20}, {2, 2, 3}});
    EXPECT_EQ(s.waits, (Waits{false, true}));  // three alone are too few, wherever they stood
    EXPECT_TRUE(s.history.flows.empty());
}

TEST(Moves, OneWhoMovedIsAFlowToThoseWhoWait) {
    const Settled s = settled(utility, {{1, 1, 19}, {1, 2, 1}, {2, 2, 20}});
    EXPECT_EQ(s.waits, (Waits{false, true, false}));
    ASSERT_EQ(s.history.flows.size(), 1U);
    EXPECT_EQ(s.history.flows[0].from, utility.own(1));
    EXPECT_EQ(s.history.flows[0].to, utility.waiting(2));
    EXPECT_TRUE(s.history.strays.empty());
}

TEST(Moves, ManyWhoMovedAreLetInAndOneWhoLeftIsOfTheFeederTheyLeft) {
    const Settled s = settled(utility, {{1, 1, 6}, {1, 2, 5}, {1, 0, 1}, {2, 2, 20}});
    EXPECT_EQ(s.waits, (Waits{false, false, false, false}));
    EXPECT_TRUE(s.history.flows.empty());
    EXPECT_EQ(size_of(s.history.left[0]), 1);
    EXPECT_EQ(size_of(s.history.left[1]), 0);
}

TEST(Moves, AFeederWithAnotherNameIsTheSame) {
    Utility other;
    other.main_atom[3] = no_id;  // no feeder was called f4
    const Settled s = settled(other, {{9, 4, 11}, {9, 0, 1}, {1, 1, 20}});
    EXPECT_TRUE(std::none_of(s.waits.begin(), s.waits.end(), [](bool waits) { return waits; }));
    EXPECT_EQ(size_of(s.history.left[3]), 1);
}

TEST(Moves, OfAFeederThatIsNoMoreAllOrNobodyIsLetIn) {
    const Settled quiet = settled(utility, {{1, 1, 20}, {2, 2, 20}, {9, 1, 6}, {9, 2, 6}});
    EXPECT_EQ(quiet.waits, (Waits{false, false, false, false}));
    const Settled loud = settled(utility, {{1, 1, 20}, {2, 2, 20}, {9, 1, 6}, {9, 2, 7}, {9, 0, 1}});
    EXPECT_EQ(loud.waits, (Waits{false, false, true, true, false}));
    EXPECT_EQ(size_of(loud.history.left[0]) + size_of(loud.history.left[1]), 0);  // costs nobody else a row
    ASSERT_EQ(loud.history.strays.size(), 3U);
    EXPECT_TRUE(loud.history.strays[2].has_left);
    EXPECT_EQ(loud.history.strays[2].batch, utility.waiting(2));
}

TEST(Moves, AnAtomIsWhereAPartOfItPasses) {
    // Six moved on; two stand, and use more than all of them.
    Moves moves{{{1, utility.leaf(1)}, {1, utility.leaf(2)}}, {SetFacts(1, 0), customers(6)}, utility.main_atom};
    for (int i = 0; i < 2; ++i) moves.facts[0].fold({1000});
    const Settled s = settle(moves, utility.hierarchy, utility.rules);
    EXPECT_EQ(s.waits, (Waits{true, true}));
    ASSERT_EQ(s.history.flows.size(), 1U);
    EXPECT_EQ(s.history.flows[0].from, utility.waiting(2));
    EXPECT_EQ(s.history.flows[0].to, utility.waiting(1));
}

TEST(Moves, PartsOfAnEarlierCohortThatAreTooFewAreBoundToWhatItTakes) {
    Utility cohort;
    cohort.main_atom = {1, 1, 1, 4};
    EXPECT_EQ(settled(cohort, {{1, 1, 20}, {1, 2, 5}, {1, 3, 8}}).history.bond, (std::vector<std::uint32_t>{no_id, no_id, no_id, no_id}));
    EXPECT_EQ(settled(cohort, {{1, 1, 20}, {1, 2, 3}, {1, 3, 8}}).history.bond, (std::vector<std::uint32_t>{no_id, 1, 1, no_id}));
    EXPECT_EQ(settled(cohort, {{1, 1, 3}, {1, 2, 3}, {1, 3, 8}}).history.bond, (std::vector<std::uint32_t>{1, 1, no_id, no_id}));
    EXPECT_EQ(settled(cohort, {{1, 1, 2}, {1, 2, 2}}).waits, (Waits{true, true}));
}

/// The rows of a release after what happened.
struct Release {
    LeafFacts standing = {customers(20), customers(20), customers(20), customers(20)};
    History history;

    Release() {
        history.left.resize(4);
        history.joined.resize(4);
        history.moved.resize(4);
        history.bond.assign(4, no_id);
    }
    void flow(NodeId from, NodeId to, int count) {
        history.flows.push_back({utility.own(from), utility.waiting(to), customers(count)});
        waits(to, count);
    }
    void waits(NodeId at, int count) {
        if (history.moved[at - 1].slots == 0) history.moved[at - 1] = SetFacts(1, 0);
        history.moved[at - 1].merge(customers(count));
    }
    void stray(std::uint32_t atom, NodeId at, int count, bool has_left = false) {
        history.strays.push_back({atom, utility.waiting(at), has_left, customers(count)});
        if (!has_left) waits(at, count);
    }
    [[nodiscard]] std::vector<std::string> rows() const {
        std::vector<std::string> names;
        for (const auto& unit : build_partition(model::Channel::import, utility.hierarchy, standing, utility.rules, history).units) names.push_back(unit.name);
        return names;
    }
};
using Rows = std::vector<std::string>;

TEST(Flows, OneWhoMovedStaysInTheSumThatHeWasIn) {
    Release release;
    release.flow(1, 2, 1);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1+f2 (new)", "f2", "f3", "s2", "f4"}));
}

TEST(Flows, FeedersThatExchangeAFewAreTwoSumsStill) {
    Release release;
    release.flow(1, 2, 3);
    release.flow(2, 1, 2);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1+f2 (new)", "f2+f1 (new)", "f3", "s2", "f4"}));
}

TEST(Flows, OneWhoMovedToAnotherSubstationCostsTheOneThatHeLeft) {
    Release release;
    release.flow(1, 4, 1);
    EXPECT_EQ(release.rows(), (Rows{"total", "f1+f4 (new)", "f2", "f3", "s2", "f4"}));
}

TEST(Flows, OneWhoJoinedElsewhereDoesNotKeepMoversApart) {
    Release release;
    release.flow(1, 3, 2);
    release.history.joined[1] = customers(1);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1+f3 (new)", "f2", "f3", "s2", "f4"}));
}

TEST(Flows, EnoughToHideEachOtherNeedNoCompany) {
    Release release;
    release.flow(1, 2, 3);
    release.flow(1, 3, 3);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1", "f2", "f2 (new)+f3 (new)", "f3", "s2", "f4"}));
}

TEST(Strays, OfTwoAtomsHideNobody) {
    Release of_one, of_two;
    of_one.stray(8, 1, 3);
    of_one.stray(8, 2, 3);
    EXPECT_EQ(of_one.rows(), (Rows{"total", "s1", "f1", "f1 (new)+f2 (new)", "f2", "f3", "s2", "f4"}));
    of_two.stray(8, 1, 3);
    of_two.stray(9, 2, 3);
    EXPECT_EQ(of_two.rows(), (Rows{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));
}

TEST(Strays, AreCountedWithThoseWhoJoinedAndTheirLeaversMustPass) {
    Release release;
    release.stray(8, 1, 3);
    release.history.joined[1] = customers(4);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));  // four who joined follow from the sum with all of atom 8
    release.history.joined[2] = customers(1);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1", "f1 (new)+f2 (new)+f3 (new)", "f2", "f3", "s2", "f4"}));
    release.stray(8, 1, 1, true);
    EXPECT_EQ(release.rows(), (Rows{"total", "s1", "f1", "f2", "f3", "s2", "f4"}));
}

}  // namespace
}  // namespace meterveil::cohort
