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
    bool may_be_unproven = false;
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
        const std::uint32_t most_units = std::max(1U, recipe_.most_rows / recipe_.num_forests);
        for (std::uint32_t f = 0; f < recipe_.num_forests; ++f) c.problem.forests.push_back(forest(c.num_classes, most_units));
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
            for (std::uint32_t s = 0; s < recipe_.num_slots; ++s) {
                const bool is_vacant = below(8) == 0, is_large = below(8) == 0;
                member.quanta.push_back(is_vacant ? 0 : is_large ? 20 + below(30) : 5 + below(10));
            }
            c.members.push_back(member);
        }
    }

    std::mt19937& random_;
    const Recipe& recipe_;
    std::uint64_t next_subject_ = 1000000;
};

struct Counts {
    int safe = 0, unsafe = 0, hidden = 0;  ///< hidden: only a combination fails
};

/// Each violation holds; and what a trial finds, the kernel finds.
void compare(const Case& c, std::int64_t most, bool may_be_unproven, Counts& counts) {
    const auto report = prove(c.problem);
    ASSERT_TRUE(report.ok()) << report.error().what;
    if (!may_be_unproven) ASSERT_NE(report.value().verdict, Verdict::unproven);
    int num_combinations = 0;
    for (const auto& violation : report.value().violations) {
        const bool is_of_units = violation.kind == Kind::unit || violation.kind == Kind::pair;
        ASSERT_FALSE(c.sum_passes(c.sum_of(violation.terms, is_of_units))) << violation.explanation;
        if (violation.kind == Kind::combination) ++num_combinations;
    }
    const bool fails = c.fails_by_trial(most);
    if (fails) ASSERT_NE(report.value().verdict, Verdict::safe);
    if (report.value().verdict == Verdict::safe) ++counts.safe;
    if (report.value().verdict == Verdict::unsafe) ++counts.unsafe;
    if (report.value().violations.size() == static_cast<std::size_t>(num_combinations) && num_combinations > 0) ++counts.hidden;
}

template <class Make>
void run_cases(int num_cases, std::int64_t most, bool may_be_unproven, Make make) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Counts counts;
    for (int i = 0; i < num_cases && !testing::Test::HasFatalFailure(); ++i) {
        SCOPED_TRACE(i);
        compare(make(random), most, may_be_unproven, counts);
    }
    EXPECT_GT(counts.safe, num_cases / 100);
    EXPECT_GT(counts.unsafe, num_cases / 100);
    std::printf("seed %u: %d safe, %d unsafe, of which %d by combinations alone\n", seed, counts.safe, counts.unsafe, counts.hidden);
}

void run(const Recipe& recipe, int num_cases) {
    run_cases(num_cases, 3, recipe.may_be_unproven, [&](std::mt19937& random) { return Maker(random, recipe).make(); });
}

/// Two flat releases of `side` units: nearly all stay, some move from each to each, join and leave.
Case movers(std::mt19937& random, ClassId side, double k, bool is_consecutive) {
    Case c;
    c.problem.is_consecutive = is_consecutive;
    c.rules = {{"min_contributors", all_groups, k, 0}};
    std::vector<std::vector<ClassId>> from(side + 1), to(side + 1);
    std::uint64_t subject = 0;
    for (ClassId a = 0; a <= side; ++a)
        for (ClassId b = 0; b <= side; ++b) {
            if ((a == side && b == side) || (a != b && random() % 3 == 0)) continue;
            for (std::size_t n = a == b ? 9 : 1 + random() % 5; n > 0; --n) c.members.push_back({c.num_classes, 0, subject++, {7}});
            from[a].push_back(c.num_classes);
            to[b].push_back(c.num_classes++);
        }
    for (const auto* units : {&from, &to}) {
        Forest forest;
        forest.first_class = {0};
        for (ClassId u = 0; u < side; ++u) {
            forest.parent.push_back(no_unit);
            forest.classes.insert(forest.classes.end(), (*units)[u].begin(), (*units)[u].end());
            forest.first_class.push_back(forest.classes.size());
        }
        c.problem.forests.push_back(forest);
    }
    c.fill();
    return c;
}

/// A table of 3 x 3 classes, published by row, by column and by one or both diagonals.
Case tables(std::mt19937& random, const std::vector<trial::PlainRule>& rules, std::uint32_t num_forests, std::size_t most_members) {
    Case c;
    c.rules = rules;
    c.num_classes = 9;
    std::uint64_t subject = 0;
    for (ClassId cls = 0; cls < 9; ++cls)
        for (std::size_t n = random() % most_members; n > 0; --n)
            c.members.push_back({cls, 0, subject++, {static_cast<std::int64_t>(1 + random() % 20)}});
    for (ClassId f = 0; f < num_forests; ++f) {
        Forest forest;
        forest.first_class = {0};
        for (ClassId u = 0; u < 3; ++u) {
            forest.parent.push_back(no_unit);
            for (ClassId cls = 0; cls < 9; ++cls) {
                const ClassId row = cls / 3, column = cls % 3;
                const ClassId unit[] = {row, column, (row + column) % 3, (row + 2 * column) % 3};
                if (unit[f] == u) forest.classes.push_back(cls);
            }
            forest.first_class.push_back(forest.classes.size());
        }
        c.problem.forests.push_back(forest);
    }
    c.fill();
    return c;
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
TEST(ProveByTrial, DiversityOfSubjectsInSeveralClasses) { run({2, 6, 8, 1, 1, {{"diversity", all_groups, 0.5, 0}}, true, false, true}, 3000); }
TEST(ProveByTrial, SeveralSlotsAndRules) {
    run({2, 6, 7, 3, 1, {{"min_contributors", all_groups, 3, 0}, {"dominance", all_groups, 1, 0.6}}, true}, 1000);
}
TEST(ProveByTrial, RulesForGroupsOfSubjects) {
    run({2, 6, 7, 1, 2, {{"min_contributors", 0, 3, 0}, {"min_contributors", 1, 4, 0}, {"dominance", all_groups, 2, 0.7}}, true}, 1000);
}
TEST(ProveByTrial, ConsecutivePeriods) { run({2, 6, 7, 1, 1, {{"min_contributors", all_groups, 5, 0}}, false, true}, 1000); }
TEST(ProveByTrial, Movers) {
    run_cases(150, 1, false, [](std::mt19937& random) { return movers(random, 3, 8, false); });
}
TEST(ProveByTrial, MoversBetweenConsecutivePeriods) {
    run_cases(250, 1, false, [](std::mt19937& random) { return movers(random, 2 + random() % 2, 4, true); });
}
TEST(ProveByTrial, TwoTables) {
    run_cases(150, 3, false, [](std::mt19937& random) { return tables(random, {{"min_contributors", all_groups, 5, 0}}, 2, 6); });
}
TEST(ProveByTrial, ThreeTables) {
    run_cases(300, 1, false, [](std::mt19937& random) { return tables(random, {{"min_contributors", all_groups, 5, 0}}, 3, 8); });
}
TEST(ProveByTrial, ThreeTablesUnderDominance) {
    run_cases(300, 1, false, [](std::mt19937& random) { return tables(random, {{"dominance", all_groups, 2, 0.5}}, 3, 14); });
}

}  // namespace
}  // namespace meterveil::prove
