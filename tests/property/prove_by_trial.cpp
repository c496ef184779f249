// The kernel against all small combinations, on thousands of small random cases.
#include <gtest/gtest.h>

#include <random>

#include "derivable_by_trial.hpp"

namespace meterveil::prove {
namespace {

using trial::Case;

struct Recipe {
    std::uint32_t num_forests = 2;
    std::uint32_t most_rows = 6;
    std::uint32_t most_classes = 8;
    std::uint32_t num_slots = 1;
    std::uint32_t num_groups = 1;
    std::vector<trial::PlainRule> rules;
    bool has_spanning = false;
    bool is_consecutive = false;
};

class Maker {
public:
    Maker(std::mt19937& random, const Recipe& recipe) : random_(random), recipe_(recipe) {}

    Case make() {
        Case c;
        c.num_classes = 2 + below(recipe_.most_classes - 1);
        c.num_slots = recipe_.num_slots;
        c.num_groups = recipe_.num_groups;
        c.rules = recipe_.rules;
        for (std::uint32_t g = 0; g < recipe_.num_groups; ++g) c.problem.groups.push_back(std::string(1, static_cast<char>('a' + g)));
        c.problem.is_consecutive = recipe_.is_consecutive;
        for (std::uint32_t f = 0; f < recipe_.num_forests; ++f) c.problem.forests.push_back(forest(c.num_classes, std::max(1U, recipe_.most_rows / recipe_.num_forests)));
        for (ClassId cls = 0; cls < c.num_classes; ++cls) add_members(c, cls);
        c.fill();
        return c;
    }

private:
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

    Forest forest(std::uint32_t num_classes, std::uint32_t most_units) {
        Forest result;
        result.name = "release " + std::to_string(random_() % 100);
        const std::uint32_t num_units = 1 + below(most_units);
        std::vector<std::vector<ClassId>> own(num_units);
        for (ClassId cls = 0; cls < num_classes; ++cls)
            if (below(8) != 0) own[below(num_units)].push_back(cls);
        result.first_class = {0};
        for (UnitId u = 0; u < num_units; ++u) {
            result.parent.push_back(u > 0 && below(2) == 0 ? below(u) : no_unit);
            result.classes.insert(result.classes.end(), own[u].rbegin(), own[u].rend());
            result.first_class.push_back(result.classes.size());
        }
        return result;
    }

    void add_members(Case& c, ClassId cls) {
        const std::uint32_t num_members = below(3) == 0 ? 1 + below(2) : below(2) == 0 ? 5 + below(8) : below(6);
        for (std::uint32_t i = 0; i < num_members; ++i) {
            trial::Member member{cls, below(recipe_.num_groups), 0, {}};
            member.subject = recipe_.has_spanning && below(2) == 0 ? below(6) + 1000 * member.group : next_subject_++;
            for (std::uint32_t s = 0; s < recipe_.num_slots; ++s) member.quanta.push_back(below(8) == 0 ? 0 : below(8) == 0 ? 20 + below(30) : 5 + below(10));
            c.members.push_back(member);
        }
    }

    std::mt19937& random_;
    const Recipe& recipe_;
    std::uint64_t next_subject_ = 1000000;
};

struct Counts {
    int safe = 0, unsafe = 0, combinations = 0;
};

/// Each violation holds; and what a trial finds, the kernel finds.
void compare(const Case& c, std::int64_t most, Counts& counts) {
    const auto report = prove(c.problem);
    ASSERT_TRUE(report.ok()) << report.error().what;
    ASSERT_NE(report.value().verdict, Verdict::unproven);
    for (const auto& violation : report.value().violations) {
        ASSERT_FALSE(c.sum_passes(c.sum_of(violation.terms, violation.kind != Kind::combination && violation.kind != Kind::atom))) << violation.explanation;
        if (violation.kind == Kind::combination) ++counts.combinations;
    }
    const bool fails = c.fails_by_trial(most);
    if (fails) ASSERT_EQ(report.value().verdict, Verdict::unsafe);
    ++(report.value().verdict == Verdict::safe ? counts.safe : counts.unsafe);
}

void run(const Recipe& recipe, int num_cases, std::int64_t most = 3) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Counts counts;
    for (int i = 0; i < num_cases && !testing::Test::HasFatalFailure(); ++i) {
        SCOPED_TRACE(i);
        compare(Maker(random, recipe).make(), most, counts);
    }
    EXPECT_GT(counts.safe, num_cases / 100);
    EXPECT_GT(counts.unsafe, num_cases / 100);
    std::printf("seed %u: %d safe, %d unsafe, %d combinations explained\n", seed, counts.safe, counts.unsafe, counts.combinations);
}

TEST(ProveByTrial, OneRelease) { run({1, 4, 6, 1, 1, {{"min_contributors", all_groups, 5, 0}}}, 2000); }
TEST(ProveByTrial, CountOverTwoReleases) { run({2, 6, 8, 1, 1, {{"min_contributors", all_groups, 5, 0}}}, 2000); }
TEST(ProveByTrial, CountOverThreeReleases) { run({3, 6, 8, 1, 1, {{"min_contributors", all_groups, 5, 0}}}, 2000); }
TEST(ProveByTrial, CountOfSubjectsInSeveralClasses) { run({2, 6, 8, 1, 1, {{"min_contributors", all_groups, 5, 0}}, true}, 1000); }
TEST(ProveByTrial, DominanceOfOne) { run({2, 6, 8, 1, 1, {{"dominance", all_groups, 1, 0.4}}}, 1000); }
TEST(ProveByTrial, DominanceOfTwo) { run({2, 6, 8, 1, 1, {{"dominance", all_groups, 2, 0.5}}}, 1000); }
TEST(ProveByTrial, DominanceOfTwoOverThreeReleases) { run({3, 6, 7, 1, 1, {{"dominance", all_groups, 2, 0.5}}, true}, 1000); }
TEST(ProveByTrial, PPercent) { run({2, 6, 8, 1, 1, {{"p_percent", all_groups, 50, 0}}}, 1000); }
TEST(ProveByTrial, Diversity) { run({2, 6, 8, 1, 1, {{"diversity", all_groups, 0.5, 0}}}, 1000); }
TEST(ProveByTrial, DiversityOfSubjectsInSeveralClasses) { run({2, 6, 8, 1, 1, {{"diversity", all_groups, 0.5, 0}}, true}, 1000); }
TEST(ProveByTrial, SeveralSlotsAndRules) {
    run({2, 6, 7, 3, 1, {{"min_contributors", all_groups, 3, 0}, {"dominance", all_groups, 1, 0.6}}, true}, 1000);
}
TEST(ProveByTrial, RulesForGroupsOfSubjects) {
    run({2, 6, 7, 1, 2, {{"min_contributors", 0, 3, 0}, {"min_contributors", 1, 4, 0}, {"dominance", all_groups, 2, 0.7}}, true}, 1000);
}
TEST(ProveByTrial, ConsecutivePeriods) { run({2, 6, 7, 1, 1, {{"min_contributors", all_groups, 5, 0}}, false, true}, 1000); }

}  // namespace
}  // namespace meterveil::prove
