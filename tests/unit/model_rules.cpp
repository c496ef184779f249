#include "meterveil/model/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>

namespace meterveil::model {
namespace {

/// Fails below three contributors, or where the largest has over half.
class ThreeAndHalf final : public Rule {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const CellFacts& cell) const override {
        return cell.contributors >= 3 && 2 * cell.top[0] <= cell.total;
    }
    [[nodiscard]] std::uint32_t num_top() const override { return 1; }
    [[nodiscard]] std::string statement() const override { return "three and half"; }

private:
    std::string name_ = "three_and_half";
};

RuleSet rules_of(Scope scope) {
    RuleSet rules;
    rules.classes[0].rules = {std::make_shared<ThreeAndHalf>()};
    rules.scope = scope;
    return rules;
}

Pseudonym subject(int number) {
    Pseudonym p;
    p.value[15] = static_cast<std::byte>(number);
    return p;
}

TEST(SetFacts, CountsOnlySubjectsThatContribute) {
    SetFacts set(2, 1);
    set.fold({5, 0});
    set.fold({7, 3});
    std::vector<std::int64_t> top;
    top.resize(1);
    EXPECT_EQ(cell_of(set, 0, top).contributors, 2U);
    EXPECT_EQ(cell_of(set, 0, top).total, 12);
    EXPECT_EQ(cell_of(set, 0, top).top[0], 7);
    EXPECT_EQ(cell_of(set, 1, top).contributors, 1U);
}

TEST(SetFacts, ASubjectInTwoSetsIsCountedOnceWhenTheyMerge) {
    SetFacts a(1, 2), b(1, 2);
    a.fold({10});
    a.span(subject(1), {6});
    b.span(subject(1), {5});
    b.fold({3});
    a.merge(b);
    std::vector<std::int64_t> top(2);
    const CellFacts cell = cell_of(a, 0, top);
    EXPECT_EQ(cell.contributors, 3U);
    EXPECT_EQ(cell.total, 24);
    EXPECT_EQ(cell.top[0], 11);
    EXPECT_EQ(cell.top[1], 10);
    EXPECT_EQ(a.grand_total(), 24);
}

TEST(SetFacts, MergingIsTheSameInAnyOrderAsFoldingAtOnce) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
        SetFacts whole(3, 2);
        std::vector<SetFacts> parts(4, SetFacts(3, 2));
        for (int i = 0; i < 30; ++i) {
            const auto draw = [&](unsigned below) { return static_cast<std::int64_t>(random() % below); };
            const std::vector<std::int64_t> quanta = {draw(4), draw(100), draw(1000)};
            auto& part = parts[random() % parts.size()];
            if (random() % 3 == 0) {
                const auto who = subject(static_cast<int>(random() % 5));
                whole.span(who, quanta);
                part.span(who, quanta);
            } else {
                whole.fold(quanta);
                part.fold(quanta);
            }
        }
        std::shuffle(parts.begin(), parts.end(), random);
        SetFacts merged(3, 2);
        for (const SetFacts& part : parts) merged.merge(part);
        EXPECT_EQ(merged, whole);
    }
}

TEST(Judge, FailsAnEmptySet) { EXPECT_FALSE(judge(rules_of(Scope::period), SetFacts(1, 1)).passes); }

TEST(Judge, NamesTheRuleThatFailed) {
    SetFacts set(1, 1);
    for (int i = 0; i < 4; ++i) set.fold({10});
    EXPECT_TRUE(judge(rules_of(Scope::period), set).passes);
    set.fold({1000});
    EXPECT_FALSE(judge(rules_of(Scope::period), set).passes);
    EXPECT_EQ(judge(rules_of(Scope::period), set).rule, "three_and_half");
}

TEST(FailingShare, IsTheShareOfSlotsThatFail) {
    SetFacts set(4, 1);
    for (int i = 0; i < 4; ++i) set.fold({10, 10, 10, i == 0 ? 10 : 0});
    EXPECT_DOUBLE_EQ(failing_share(rules_of(Scope::interval), set), 0.25);
    RuleSet tolerant = rules_of(Scope::interval);
    EXPECT_FALSE(judge(tolerant, set).passes);
    tolerant.max_failing_share = 0.25;
    EXPECT_TRUE(judge(tolerant, set).passes);
}

}  // namespace
}  // namespace meterveil::model
