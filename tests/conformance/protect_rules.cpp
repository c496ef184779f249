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
const std::map<std::string, std::vector<double>> sample_parameters = {{"min_contributors", {5}}, {"dominance", {2, 0.5}}, {"p_percent", {25}}, {"diversity", {0.5}}};
/// The same, stricter in every way.
const std::map<std::string, std::vector<double>> stricter_parameters = {{"min_contributors", {6}}, {"dominance", {3, 0.4}}, {"p_percent", {40}}, {"diversity", {0.75}}};
/// A cell that passes each rule, and one that fails it alone.
const std::map<std::string, std::vector<std::int64_t>> clean_cells = {
    {"min_contributors", {100, 100, 100, 100, 100}}, {"dominance", {100, 100, 100, 100}}, {"p_percent", {1000, 900, 250}}, {"diversity", {150, 100, 120}}};
const std::map<std::string, std::vector<std::int64_t>> planted_cells = {
    {"min_contributors", {100, 100, 100, 100, 0}}, {"dominance", {101, 100, 100, 100}}, {"p_percent", {1000, 900, 249}}, {"diversity", {149, 100, 120}}};

model::RuleSet rules_of(const RuleKind& kind) {
    model::RuleSet rules;
    rules.classes[0].rules = {kind.make(sample_parameters.at(kind.name)).value()};
    return rules;
}

model::Pseudonym subject(unsigned number) {
    model::Pseudonym p;
    p.value[15] = static_cast<std::byte>(number);
    return p;
}

/// Subjects of this set alone, some of them alike; and with `spans`, parts of subjects that other sets hold parts of too.
SetFacts random_set(std::mt19937& random, const model::RuleSet& rules, std::size_t most, bool spans) {
    SetFacts set(1, rules.num_top());
    const unsigned alike = random() % 3 == 0 ? 4 : 100;
    const auto energy = [&] { return static_cast<std::int64_t>(random() % 16 == 0 ? random() % 2000 : random() % 8 == 0 ? 0 : 40 + random() % alike); };
    for (std::size_t n = random() % most; n > 0; --n) set.fold({energy()});
    for (std::size_t n = spans ? random() % 4 : 0; n > 0; --n) set.span(subject(static_cast<unsigned>(random() % 3)), {energy()});
    return set;
}

SetFacts set_of(const model::RuleSet& rules, const std::vector<std::int64_t>& energies) {
    SetFacts set(1, rules.num_top());
    for (const std::int64_t energy : energies) set.fold({energy});
    return set;
}

TEST(EveryRule, IsMonotone) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const RuleKind& kind : rule_kinds()) {
        const auto rules = rules_of(kind);
        for (const bool spans : {false, true}) {
            int both_passed = 0;
            for (int i = 0; i < 20000; ++i) {
                SetFacts a = random_set(random, rules, 12, spans), b = random_set(random, rules, 12, spans);
                if (!model::judge(rules, a).passes || !model::judge(rules, b).passes) continue;
                ++both_passed;
                a.merge(b);
                ASSERT_TRUE(model::judge(rules, a).passes) << kind.name;
            }
            EXPECT_GT(both_passed, 100) << kind.name;
        }
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
        EXPECT_TRUE(model::judge(rules, set_of(rules, clean_cells.at(kind.name))).passes) << kind.name;
        const auto finding = model::judge(rules, set_of(rules, planted_cells.at(kind.name)));
        EXPECT_FALSE(finding.passes) << kind.name;
        EXPECT_EQ(finding.rule, kind.name);
    }
}

TEST(EveryRule, KnowsWhichParametersAreStricter) {
    std::mt19937 random(7);
    for (const RuleKind& kind : rule_kinds()) {
        const std::vector<double>&sample = sample_parameters.at(kind.name), &stricter = stricter_parameters.at(kind.name);
        EXPECT_TRUE(kind.is_as_strict(stricter, sample) && kind.is_as_strict(sample, sample)) << kind.name;
        EXPECT_FALSE(kind.is_as_strict(sample, stricter)) << kind.name;
        for (std::size_t i = 0; i < sample.size(); ++i) {  // one that is laxer in one of them
            std::vector<double> laxer = stricter;
            laxer[i] = sample[i];
            EXPECT_FALSE(kind.is_as_strict(laxer, stricter)) << kind.name;
        }
        const auto rule = kind.make(sample).value(), strict = kind.make(stricter).value();
        model::RuleSet both;
        both.classes[0].rules = {rule, strict};
        std::vector<std::int64_t> top;
        for (int i = 0; i < 5000; ++i) {
            const SetFacts set = random_set(random, both, 12, false);
            const model::CellFacts cell = model::cell_of(set, 0, top);
            ASSERT_TRUE(rule->passes(cell) || !strict->passes(cell)) << kind.name;
        }
    }
}

TEST(EveryRule, SaysWhatItIsAndRefusesNonsense) {
    for (const RuleKind& kind : rule_kinds()) {
        EXPECT_FALSE(std::string(kind.summary).empty());
        EXPECT_FALSE(std::string(kind.source).empty());
        EXPECT_FALSE(std::string(kind.guarantee).empty());
        for (const std::vector<double>& bad : {std::vector<double>{}, {-1}, {0.001}, {1, 2, 3}, {1, 1.5}, {1e9}}) EXPECT_FALSE(kind.make(bad).ok()) << kind.name;
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

TEST(PPercent, FailsWhereFactsCannotBe) {
    model::RuleSet rules;
    rules.classes[0].rules = {make_rule("p_percent", std::vector<double>{10}).value()};
    SetFacts set = set_of(rules, {100, 100, 100});
    EXPECT_TRUE(model::judge(rules, set).passes);
    set.top[0] = set.total[0];  // the two largest have more than there is
    EXPECT_FALSE(model::judge(rules, set).passes);
}

TEST(Diversity, ASubjectThatSpansIsNotTheSmallest) {
    model::RuleSet rules;
    rules.classes[0].rules = {make_rule("diversity", std::vector<double>{0.5}).value()};
    SetFacts a = set_of(rules, {200}), b = set_of(rules, {200});
    a.span(subject(1), {100});
    b.span(subject(1), {100});
    EXPECT_FALSE(model::judge(rules, a).passes);  // else the union, three of 200, would have to pass
    a.merge(b);
    EXPECT_FALSE(model::judge(rules, a).passes);
    a.fold({130});
    EXPECT_TRUE(model::judge(rules, a).passes);
    SetFacts all_span(1, 1);
    for (unsigned i = 0; i < 3; ++i) all_span.span(subject(i), {100 + 100 * i});
    EXPECT_FALSE(model::judge(rules, all_span).passes);
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
