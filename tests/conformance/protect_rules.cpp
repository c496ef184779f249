// What every disclosure rule promises, asked of the whole table.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

using model::SetFacts;

/// Parameters to test each rule with.
const std::map<std::string, std::vector<double>> sample_parameters = {{"min_contributors", {5}}, {"dominance", {2, 0.5}}};

model::RuleSet rules_of(const RuleKind& kind) {
    model::RuleSet rules;
    rules.classes[0].rules = {kind.make(sample_parameters.at(kind.name)).value()};
    return rules;
}

SetFacts random_set(std::mt19937& random, const model::RuleSet& rules, std::size_t most) {
    SetFacts set(1, rules.num_top());
    for (std::size_t n = random() % most; n > 0; --n) set.fold({static_cast<std::int64_t>(random() % (random() % 8 == 0 ? 2000 : 100))});
    return set;
}

TEST(EveryRule, IsMonotone) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const RuleKind& kind : rule_kinds()) {
        const auto rules = rules_of(kind);
        int both_passed = 0;
        for (int i = 0; i < 20000; ++i) {
            SetFacts a = random_set(random, rules, 20), b = random_set(random, rules, 20);
            if (!model::judge(rules, a).passes || !model::judge(rules, b).passes) continue;
            ++both_passed;
            a.merge(b);
            ASSERT_TRUE(model::judge(rules, a).passes) << kind.name;
        }
        EXPECT_GT(both_passed, 100) << kind.name;
    }
}

TEST(EveryRule, DoesNotDependOnOrder) {
    std::mt19937 random(5);
    for (const RuleKind& kind : rule_kinds()) {
        const auto rules = rules_of(kind);
        for (int i = 0; i < 500; ++i) {
            std::vector<std::int64_t> values(random() % 12);
            for (auto& v : values) v = static_cast<std::int64_t>(random() % 100);
            SetFacts a(1, rules.num_top()), b(1, rules.num_top());
            for (const auto v : values) a.fold({v});
            std::shuffle(values.begin(), values.end(), random);
            for (const auto v : values) b.fold({v});
            ASSERT_EQ(model::judge(rules, a).passes, model::judge(rules, b).passes);
        }
    }
}

TEST(EveryRule, FindsThePlantedViolationAndIsSilentOnTheCleanTwin) {
    for (const RuleKind& kind : rule_kinds()) {
        const auto rules = rules_of(kind);
        SetFacts clean(1, rules.num_top()), few(1, rules.num_top()), dominated(1, rules.num_top());
        for (int i = 0; i < 10; ++i) {
            clean.fold({100});
            dominated.fold({i < 2 ? 10000 : 100});
        }
        for (int i = 0; i < 3; ++i) few.fold({100});
        EXPECT_TRUE(model::judge(rules, clean).passes) << kind.name;
        const bool counts = std::string(kind.name) == "min_contributors";
        EXPECT_FALSE(model::judge(rules, counts ? few : dominated).passes) << kind.name;
        EXPECT_EQ(model::judge(rules, counts ? few : dominated).rule, kind.name);
    }
}

TEST(EveryRule, SaysWhatItIsAndRefusesNonsense) {
    for (const RuleKind& kind : rule_kinds()) {
        EXPECT_FALSE(std::string(kind.summary).empty());
        EXPECT_FALSE(std::string(kind.source).empty());
        EXPECT_FALSE(std::string(kind.guarantee).empty());
        for (const std::vector<double>& bad : {std::vector<double>{}, {-1}, {0.5}, {1, 2, 3}, {1, 1.5}}) EXPECT_FALSE(kind.make(bad).ok()) << kind.name;
    }
}

TEST(Dominance, IsExactAtTheThreshold) {
    const std::vector<double> parameters = {1, 0.25};
    model::RuleSet rules;
    rules.classes[0].rules = {make_rule("dominance", parameters).value()};
    SetFacts set(1, 1);
    for (int i = 0; i < 4; ++i) set.fold({25});
    EXPECT_TRUE(model::judge(rules, set).passes);
    set.fold({35});  // 35 of 135 is over a quarter
    EXPECT_FALSE(model::judge(rules, set).passes);
}

TEST(MakeRule, NamesTheNearest) {
    const auto outcome = make_rule("min_contributor", {});
    ASSERT_FALSE(outcome.ok());
    EXPECT_NE(outcome.error().what.find("did you mean 'min_contributors'"), std::string::npos);
}

TEST(ContributorBand, StartsAtTheThresholdAndIsNeverFiner) {
    EXPECT_EQ(contributor_band(9, 10), "< 10");
    EXPECT_EQ(contributor_band(10, 10), "10-19");
    EXPECT_EQ(contributor_band(19, 10), "10-19");
    EXPECT_EQ(contributor_band(20, 10), "20-49");
    EXPECT_EQ(contributor_band(199, 10), "100-199");
    EXPECT_EQ(contributor_band(14, 7), "14-19");
    for (std::uint64_t n = 10; n < 3000; ++n) {
        const std::string band = contributor_band(n, 10);
        const auto low = std::stoull(band), high = std::stoull(band.substr(band.find('-') + 1));
        ASSERT_TRUE(low <= n && n <= high) << band;
    }
}

TEST(ShareBand, SaysNoMoreThanItsWords) {
    EXPECT_EQ(share_band(0, 100), "0");
    EXPECT_EQ(share_band(1, 1000), "< 1 %");
    EXPECT_EQ(share_band(1, 100), "1-5 %");
    EXPECT_EQ(share_band(5, 100), "5-10 %");
    EXPECT_EQ(share_band(10, 100), ">= 10 %");
}

}  // namespace
}  // namespace meterveil::protect
