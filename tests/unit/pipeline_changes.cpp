// Which corrections wait, decided on numbers made by hand; and the same as the gate would say.
#include "pipeline/changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "meterveil/model/ledger.hpp"
#include "meterveil/protect/rules.hpp"
#include "meterveil/prove/run.hpp"

namespace meterveil::pipeline {
namespace {

using model::no_id;

model::Pseudonym name_of(std::uint32_t number) {
    std::mt19937_64 random(number + 1);
    model::Pseudonym name;
    for (auto& byte : name.value) byte = static_cast<std::byte>(random());
    return name;
}

/// @param released [release] atom, content, energy
MeterMonth month(std::uint32_t subject, std::uint64_t content, std::int64_t energy_wh, std::vector<ReleasedMonth> released) {
    return {subject, name_of(subject), 0, content, energy_wh, std::move(released), true};
}

model::RuleSet rules(const std::map<std::string, std::vector<double>>& parameters, model::Scope scope = model::Scope::period) {
    model::RuleSet set;
    set.scope = scope;
    for (const auto& [name, values] : parameters) set.classes[0].rules.push_back(protect::make_rule(name, values).value());
    return set;
}

/// Shares of meters, of which each is one subject's.
std::vector<ChangedShare> shares(ChangedSet set, const std::vector<std::int64_t>& energies_wh, std::uint32_t first_subject = 0) {
    std::vector<ChangedShare> all;
    for (const std::int64_t wh : energies_wh) all.push_back({set, name_of(first_subject++), 0, wh});
    return all;
}

std::set<ChangedSet> failing(const std::vector<model::RuleSet>& asked, std::vector<ChangedShare> all) {
    ChangedFacts facts(asked);
    facts.fold(std::move(all));
    return facts.failing();
}

/// What the door does, on one rank.
void settle(std::vector<MeterMonth>& months, const std::vector<model::RuleSet>& asked) {
    while (hold_back(months, failing(asked, shares_of(months)))) {}
}

TEST(Changes, OfAMonthThatIsAsAllReleasesHaveItThereAreNone) { EXPECT_TRUE(shares_of(std::vector{month(1, 7, 100, {{0, 3, 7, 100}, {1, 5, 7, 100}})}).empty()); }

TEST(Changes, AreOfTheSumOfEachReleaseAndOfTheVersion) {
    const auto all = shares_of(std::vector{month(1, 7, 100, {{0, 3, 6, 90}, {2, 5, 6, 95}})});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], (ChangedShare{{0, 3}, name_of(1), 0, 10}));
    EXPECT_EQ(all[1], (ChangedShare{{1, no_id}, name_of(1), 0, 10}));
    EXPECT_EQ(all[2], (ChangedShare{{2, 5}, name_of(1), 0, 10}));  // of the version: as the first release that has it
}

TEST(Changes, ThatWereTakenBackAreOfTheReleaseThatHasThem) {
    const auto all = shares_of(std::vector{month(1, 7, 100, {{0, 3, 7, 100}, {1, 3, 6, 100}})});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0], (ChangedShare{{1, 3}, name_of(1), 0, 1}));  // no energy, and yet a change
    EXPECT_EQ(all[1], (ChangedShare{{1, no_id}, name_of(1), 0, 1}));
}

TEST(Changes, OfTwoKindsAreTwoVersions) {
    std::set<ChangedSet> sets;
    for (const auto& share : shares_of(std::vector{month(1, 7, 100, {{0, 3, 5, 80}, {1, 3, 6, 90}})})) sets.insert(share.set);
    EXPECT_EQ(sets, (std::set<ChangedSet>{{0, 3}, {1, 3}, {1, no_id}, {2, no_id}}));
}

TEST(Changes, CountSubjectsAndNotMeters) {
    const ChangedSet set{0, 3};
    auto five = shares(set, {10, 10, 10, 10, 10});
    EXPECT_TRUE(failing({rules({{"min_contributors", {5}}})}, five).empty());
    for (auto& share : five) share.subject = name_of(0);
    EXPECT_EQ(failing({rules({{"min_contributors", {5}}})}, five), std::set{set});
}

TEST(Changes, AreJudgedByWhatTheyAddOrTake) {
    const ChangedSet set{0, 3};
    const auto asked = rules({{"min_contributors", {3}}, {"dominance", {1, 0.5}}});
    EXPECT_TRUE(failing({asked}, shares(set, {50, 25, 25})).empty());
    EXPECT_EQ(failing({asked}, shares(set, {52, 25, 25})), std::set{set});
}

TEST(Changes, PassTheRulesOfEveryRelease) {
    const ChangedSet set{0, 3};
    const auto three = rules({{"min_contributors", {3}}}), four = rules({{"min_contributors", {4}}});
    EXPECT_TRUE(failing({three, three}, shares(set, {1, 1, 1})).empty());
    EXPECT_EQ(failing({three, four}, shares(set, {1, 1, 1})), std::set{set});
}

TEST(Changes, AreJudgedByTheRulesThatTheGateHasForThem) {
    const ChangedSet set{0, 3};
    const std::map<std::string, std::vector<double>> all = {{"min_contributors", {3}}, {"dominance", {1, 0.5}}, {"diversity", {0.5}}};
    EXPECT_FALSE(failing({rules(all)}, shares(set, {10, 10, 10})).empty());  // all alike
    EXPECT_TRUE(failing({rules(all, model::Scope::month)}, shares(set, {10, 10, 10})).empty());
    EXPECT_FALSE(failing({rules(all, model::Scope::month)}, shares(set, {10, 1, 1})).empty());
    EXPECT_TRUE(failing({rules(all, model::Scope::interval)}, shares(set, {10, 1, 1})).empty());
    EXPECT_FALSE(failing({rules(all, model::Scope::interval)}, shares(set, {10, 10})).empty());
}

TEST(Changes, OfEachClassPassItsOwnRules) {
    model::RuleSet asked;
    asked.classes = {{"home", {protect::make_rule("min_contributors", std::vector<double>{3}).value()}}, {"other", {protect::make_rule("min_contributors", std::vector<double>{2}).value()}}};
    const ChangedSet set{0, 3};
    auto all = shares(set, {1, 1, 1, 1, 1});
    all[3].subject_class = all[4].subject_class = 1;
    EXPECT_TRUE(failing({asked}, all).empty());
    all.pop_back();
    EXPECT_EQ(failing({asked}, all), std::set{set});
}

TEST(Changes, WaitOnlyIfTheyAreNewAndIfTheyCan) {
    std::vector<MeterMonth> months = {month(1, 7, 100, {{0, 3, 6, 90}}), month(2, 7, 100, {{0, 3, 6, 90}}), month(3, 7, 100, {{0, 3, 6, 90}, {1, 3, 7, 100}}), month(4, 7, 100, {{0, 4, 6, 90}})};
    months[1].can_wait = false;
    EXPECT_TRUE(hold_back(months, {{0, 3}}));
    EXPECT_TRUE(months[0].waits && months[0].content == 6 && months[0].energy_wh == 90);
    EXPECT_FALSE(months[1].waits || months[2].waits || months[3].waits);
    EXPECT_FALSE(hold_back(months, {{0, 3}}));  // nothing that did not wait already
}

TEST(Changes, WaitUntilTheyAreEnough) {
    const std::vector asked = {rules({{"min_contributors", {3}}})};
    std::vector<MeterMonth> months;
    for (std::uint32_t m = 0; m < 5; ++m) months.push_back(month(m, 7, 100, {{0, m < 3 ? 1U : 2U, 6, 90}}));
    settle(months, asked);
    for (std::uint32_t m = 0; m < 5; ++m) EXPECT_EQ(months[m].waits, m >= 3) << m;
}

TEST(Changes, ThatAreTooFewWithoutThoseThatWaitWaitToo) {
    // Together they are three in the first release; in the second one of them is alone.
    const std::vector asked = {rules({{"min_contributors", {3}}})};
    std::vector<MeterMonth> months;
    for (std::uint32_t m = 0; m < 3; ++m) months.push_back(month(m, 7, 100, {{0, 1, 6, 90}, {1, m == 0 ? 8U : 9U, 6, 90}}));
    for (std::uint32_t m = 3; m < 6; ++m) months.push_back(month(m, 7, 100, {{1, 9, 6, 90}}));
    settle(months, asked);
    for (std::uint32_t m = 0; m < 6; ++m) EXPECT_EQ(months[m].waits, m < 3) << m;
}

TEST(ChangedFacts, AreTheSameHoweverSubjectsAreSpread) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector asked = {rules({{"min_contributors", {4}}, {"dominance", {2, 0.6}}, {"diversity", {0.2}}})};
    for (int round = 0; round < 200; ++round) {
        std::vector<ChangedShare> all;
        std::vector<std::vector<ChangedShare>> parts(1 + random() % 4);
        for (std::uint32_t count = static_cast<std::uint32_t>(random() % 40); count > 0; --count) {
            const auto subject = static_cast<std::uint32_t>(random() % 20);
            all.push_back({{static_cast<std::uint32_t>(random() % 2), static_cast<model::AtomId>(random() % 2 == 0 ? random() % 3 : no_id)}, name_of(subject), 0, 1 + static_cast<std::int64_t>(random() % 50)});
            parts[subject % parts.size()].push_back(all.back());
        }
        ChangedFacts whole(asked), merged(asked);
        whole.fold(all);
        for (auto& part : parts) {
            ChangedFacts facts(asked);
            facts.fold(std::move(part));
            merged.merge(facts.told());
        }
        EXPECT_EQ(merged.told(), whole.told());
        EXPECT_EQ(merged.failing(), whole.failing());
    }
}

/// One month of a utility of three feeders, released once, and then as it is now.
struct Story {
    std::vector<MeterMonth> months;

    [[nodiscard]] model::LedgerRecord record(bool is_now, const model::RuleSet& asked) const {
        model::LedgerRecord record;
        record.entry.months_s = {0, 1000};
        record.entry.number = is_now ? 0 : 1;
        record.entry.subject_classes = {""};
        record.entry.scope = "period";
        for (const auto& rule : asked.classes[0].rules) record.entry.rules.push_back(rule->statement());
        record.units.leaves = {"leaf"};
        for (const char* name : {"f0", "f1", "f2"}) {
            const auto atom = static_cast<model::AtomId>(record.units.channels[0].size());
            record.units.channels[0].push_back({name, 1, no_id, false, atom, 1});
        }
        record.members.num_months = 1;
        std::vector<const MeterMonth*> sorted;
        for (const MeterMonth& m : months) sorted.push_back(&m);
        std::ranges::sort(sorted, {}, [](const MeterMonth* m) { return name_of(1000 + m->meter); });
        for (const MeterMonth* m : sorted) {
            const ReleasedMonth& then = m->released[0];
            record.members.members.push_back({name_of(1000 + m->meter), m->subject, 0, 0, {then.atom, no_id}, {is_now ? m->energy_wh : then.energy_wh, 0}});
            record.members.contents.insert(record.members.contents.end(), {is_now ? m->content : then.content, 0});
        }
        return record;
    }

    /// What the gate says of now beside then.
    [[nodiscard]] bool is_safe(const model::RuleSet& asked) const {
        const auto now = record(true, asked), then = record(false, asked);
        bool safe = false;
        par::run_on_threads(1, [&](par::Comm& comm) { safe = prove::compare(comm, {&now, &then}, prove::Relation::same_intervals).value().at(0).report.verdict == prove::Verdict::safe; });
        return safe;
    }
};

TEST(Changes, WaitIfAndOnlyIfTheGateWouldRefuseThem) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int refused = 0, let_in = 0, some_wait = 0;
    for (int round = 0; round < 200; ++round) {
        const auto asked = random() % 2 == 0 ? rules({{"min_contributors", {3}}}) : rules({{"min_contributors", {3}}, {"dominance", {1, 0.6}}});
        Story story;
        const std::uint32_t one_in = 1 + static_cast<std::uint32_t>(random() % 6);
        for (std::uint32_t m = 0; m < 24; ++m) {
            const bool is_changed = random() % (2 * one_in) < 2;
            const auto subject = m % 8 == 7 ? m - 1 : m;
            story.months.push_back(month(subject, is_changed ? 7 : 6, is_changed ? 1000 + static_cast<std::int64_t>(random() % 40) : 1000, {{0, m % 8 == 7 ? (m - 1) % 3 : m % 3, 6, 1000}}));
            story.months.back().meter = m;
        }
        Story settled = story;
        settle(settled.months, {asked});
        const auto waits = std::ranges::count_if(settled.months, &MeterMonth::waits);
        EXPECT_TRUE(settled.is_safe(asked)) << round;
        EXPECT_EQ(story.is_safe(asked), waits == 0) << round;
        refused += waits > 0 ? 1 : 0;
        let_in += waits == 0 && std::ranges::any_of(story.months, &MeterMonth::is_corrected) ? 1 : 0;
        some_wait += waits > 0 && std::ranges::any_of(settled.months, &MeterMonth::is_corrected) ? 1 : 0;
    }
    EXPECT_GT(refused, 10);
    EXPECT_GT(let_in, 10);
    EXPECT_GT(some_wait, 10);
}

}  // namespace
}  // namespace meterveil::pipeline
