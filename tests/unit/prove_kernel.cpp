// Parts of the proof: rules, facts, cuts, budgets, damaged input.
#include <gtest/gtest.h>

#include <random>

#include "meterveil/prove/derivable.hpp"
#include "prove/cut_graph.hpp"
#include "prove/judge.hpp"
#include "prove/prime_field.hpp"

namespace meterveil::prove {
namespace {

TEST(ProveRules, AreReadAsTheManifestStatesThem) {
    const std::vector<std::string> groups{"residential"};
    const auto rules = parse_rules(std::vector<std::string>{"min_contributors = 15", "dominance = [2, 0.25]", "p_percent = 10", "diversity = 0.1",
                                                            "class residential: min_contributors = 100"},
                                   groups)
                           .value();
    EXPECT_EQ(rules[0].k, 15U);
    EXPECT_EQ(rules[0].group, all_groups);
    EXPECT_EQ(rules[1].n, 2U);
    EXPECT_EQ(rules[1].millionths, 250000);
    EXPECT_EQ(rules[2].millionths, 10000000);
    EXPECT_EQ(rules[3].millionths, 100000);
    EXPECT_EQ(rules[4].group, 0U);
    EXPECT_EQ(rules[4].k, 100U);
}

TEST(ProveRules, ThatAreNotUnderstoodAreNeverSkipped) {
    for (const char* statement :
         {"", "min_contributors", "min_contributors = ", "min_contributors = x", "min_contributors = 2.5", "min_contributors = 0", "dominance = 0.25",
          "dominance = [1, 0.25", "dominance = [0, 0.25]", "dominance = [1, 25]", "p_percent = [1, 2]", "p_percent = nan", "entropy = 2",
          "class commercial: min_contributors = 5", "class residential min_contributors = 5", "min_contributors = 5 or so"}) {
        const auto rules = parse_rules(std::vector<std::string>{"min_contributors = 5", statement}, std::vector<std::string>{"residential"});
        ASSERT_FALSE(rules.ok()) << statement;
        EXPECT_EQ(rules.error().code, Code::input);
    }
    EXPECT_FALSE(parse_rules({}, {}).ok());
}

/// A question of one rule about one class of homes.
bool passes_alone(const std::string& statement, const std::vector<std::int64_t>& wh) {
    Facts facts({1, 1, 1, 4});
    for (const auto value : wh) facts.fold(0, 0, std::vector<std::int64_t>{value});
    const auto question = whole_questions(parse_rules(std::vector<std::string>{statement}, {}).value(), 1, 0)[0];
    const ClassId cls = 0;
    return question.failing(question.tally(facts, std::span(&cls, 1))) == nullptr;
}

TEST(ProveRules, AreExactAtTheThreshold) {
    EXPECT_TRUE(passes_alone("min_contributors = 3", {1, 1, 1, 0}));
    EXPECT_FALSE(passes_alone("min_contributors = 3", {1, 1, 0, 0}));
    EXPECT_TRUE(passes_alone("dominance = [1, 0.25]", {25, 25, 25, 25}));
    EXPECT_FALSE(passes_alone("dominance = [1, 0.25]", {26, 25, 25, 25}));
    EXPECT_FALSE(passes_alone("dominance = [2, 0.5]", {1'000'000'000'000'000'000, 1'000'000'000'000'000'000, 2'000'000'000'000'000'000}));
    EXPECT_TRUE(passes_alone("p_percent = 10", {100, 50, 10}));
    EXPECT_FALSE(passes_alone("p_percent = 10", {100, 50, 9}));
    EXPECT_TRUE(passes_alone("diversity = 0.1", {11, 10, 10}));
    EXPECT_FALSE(passes_alone("diversity = 0.1", {10, 10, 10, 0}));
    EXPECT_TRUE(passes_alone("min_contributors = 3", {0, 0}));  // nothing is derivable of nothing
}

TEST(ProveFacts, AreTheSameInPartsAndInOne) {
    std::mt19937 random(7);
    const Shape shape{3, 2, 2, 3};
    Facts whole(shape), one(shape), other(shape);
    for (int i = 0; i < 200; ++i) {
        const auto cls = static_cast<ClassId>(random() % 3), group = static_cast<std::uint32_t>(random() % 2);
        const std::vector<std::int64_t> wh{static_cast<std::int64_t>(random() % 50), static_cast<std::int64_t>(random() % 3)};
        Facts& part = random() % 2 == 0 ? one : other;
        const auto subject = random() % 10;
        if (random() % 3 == 0) {
            whole.span(cls, group, subject, wh);
            part.span(cls, group, subject, wh);
        } else {
            whole.fold(cls, group, wh);
            part.fold(cls, group, wh);
        }
    }
    one.merge(other);
    const std::vector<ClassId> classes{0, 1, 2};
    for (const auto group : {all_groups, 0U, 1U}) {
        const Question question{{}, group, 0, 2, 0};
        const auto a = question.tally(whole, classes), b = question.tally(one, classes);
        for (std::size_t s = 0; s < 2; ++s) {
            EXPECT_EQ(a[s].contributors, b[s].contributors);
            EXPECT_EQ(a[s].total, b[s].total);
            EXPECT_EQ(a[s].smallest, b[s].smallest);
            EXPECT_EQ(a[s].top, b[s].top);
        }
    }
}

TEST(ProveField, FindsSmallFractions) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 10000; ++i) {
        const auto a = static_cast<std::int64_t>(random() % 1000) - 500, b = static_cast<std::int64_t>(1 + random() % 500);
        const field::Value numerator = a < 0 ? field::negate(static_cast<field::Value>(-a)) : static_cast<field::Value>(a);
        const auto fraction = field::fraction_of(field::multiply(numerator, field::inverse(static_cast<field::Value>(b))));
        ASSERT_TRUE(fraction.has_value());
        ASSERT_EQ(fraction->numerator * b, a * fraction->denominator);
        ASSERT_GT(fraction->denominator, 0);
    }
    for (int i = 0; i < 10000; ++i) ASSERT_FALSE(field::fraction_of(random() % field::prime).has_value());
}

/// Weight of the lightest set of edges that separates two vertices, by trying every side.
std::int64_t lightest_cut(const CutGraph& graph, const std::vector<std::int64_t>& weights, std::uint32_t a, std::uint32_t b) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::uint32_t side = 0; side < 1U << graph.num_vertices; ++side) {
        if ((side >> a & 1) == 0 || (side >> b & 1) == 1) continue;
        std::int64_t weight = 0;
        for (std::size_t e = 0; e < weights.size(); ++e)
            if ((side >> graph.edges[e].tail & 1) != (side >> graph.edges[e].head & 1)) weight += weights[e];
        least = std::min(least, weight);
    }
    return least;
}

TEST(ProveCuts, InseparableEndsAreSeparatedByNoLighterCut) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int num_marked = 0, num_heavy = 0;
    for (int i = 0; i < 2000; ++i) {
        CutGraph graph{2 + static_cast<std::uint32_t>(random() % 6), {}};
        std::vector<std::int64_t> weights;
        for (std::size_t e = random() % 14; e > 0; --e) {
            const auto tail = static_cast<std::uint32_t>(random() % graph.num_vertices);
            const auto head = static_cast<std::uint32_t>(random() % graph.num_vertices);
            if (tail == head) continue;
            graph.edges.push_back({tail, head, static_cast<ClassId>(e)});
            weights.push_back(static_cast<std::int64_t>(random() % 6));
        }
        const std::int64_t threshold = 1 + static_cast<std::int64_t>(random() % 10);
        const auto marked = inseparable(graph, weights, threshold);
        bool any_marked = false, all_heavy = true, star_light = false;
        for (std::size_t e = 0; e < weights.size(); ++e) {
            const auto cut = lightest_cut(graph, weights, graph.edges[e].tail, graph.edges[e].head);
            if (marked[e]) ASSERT_GE(cut, threshold);
            any_marked = any_marked || marked[e];
            all_heavy = all_heavy && cut >= threshold;
            num_marked += marked[e] ? 1 : 0;
            num_heavy += cut >= threshold ? 1 : 0;
        }
        for (std::uint32_t v = 0; v < graph.num_vertices; ++v) {
            std::int64_t star = 0;
            bool is_used = false;
            for (std::size_t e = 0; e < weights.size(); ++e)
                if (graph.edges[e].tail == v || graph.edges[e].head == v) star += weights[e], is_used = true;
            star_light = star_light || (is_used && star < threshold);
        }
        if (!weights.empty()) ASSERT_TRUE(any_marked || star_light);  // so a loop of scans goes on until a light cut is in sight
    }
    EXPECT_GT(num_marked, num_heavy / 2);
}

/// Units of one forest, each with some of the classes.
Forest flat(const std::vector<std::vector<ClassId>>& units) {
    Forest forest;
    forest.first_class = {0};
    for (const auto& classes : units) {
        forest.parent.push_back(no_unit);
        forest.classes.insert(forest.classes.end(), classes.begin(), classes.end());
        forest.first_class.push_back(forest.classes.size());
    }
    return forest;
}

/// Three tables over a grid of classes of `homes` homes each, by row, by column and by diagonal: no class passes alone.
Problem grid(ClassId side, std::int64_t homes, const std::string& rule) {
    Problem problem;
    problem.statements = {rule};
    problem.facts = Facts({side * side, 1, 1, 2});
    std::vector<std::vector<ClassId>> rows(side), columns(side), diagonals(side);
    for (ClassId r = 0; r < side; ++r)
        for (ClassId c = 0; c < side; ++c) {
            for (std::int64_t h = 0; h < homes; ++h) problem.facts.fold(r * side + c, 0, std::vector<std::int64_t>{5});
            rows[r].push_back(r * side + c);
            columns[c].push_back(r * side + c);
            diagonals[(r + c) % side].push_back(r * side + c);
        }
    problem.forests = {flat(rows), flat(columns), flat(diagonals)};
    return problem;
}

TEST(Prove, SaysUnprovenWhereItDidNotFinish) {
    const Problem problem = grid(4, 3, "min_contributors = 4");
    Limits limits;
    EXPECT_EQ(prove(problem, limits).value().verdict, Verdict::safe);
    for (limits.combination_work = 1; limits.combination_work < 1000; limits.combination_work *= 3) {
        const auto report = prove(problem, limits).value();
        EXPECT_EQ(report.verdict, Verdict::unproven);
        EXPECT_EQ(report.num_violations, 0U);
        EXPECT_EQ(report.num_unproven, 1U);
    }
}

TEST(Prove, SaysUnprovenWherePairsWereNotListed) {
    Problem problem;
    problem.statements = {"dominance = [1, 0.5]"};
    problem.facts = Facts({3, 1, 1, 1});
    for (ClassId cls = 0; cls < 3; ++cls)
        for (int h = 0; h < 3; ++h) problem.facts.fold(cls, 0, std::vector<std::int64_t>{cls == 0 ? 90 : 10});
    problem.forests = {flat({{0, 1}}), flat({{0, 2}})};
    Limits limits;
    EXPECT_EQ(prove(problem, limits).value().verdict, Verdict::safe);
    EXPECT_EQ(prove(problem, limits).value().num_pairs_listed, 1U);
    limits.pair_work = 2;
    EXPECT_EQ(prove(problem, limits).value().verdict, Verdict::unproven);
}

TEST(Prove, LooksAtEveryBlock) {
    const auto report = prove(grid(3, 6, "min_contributors = 10")).value();
    EXPECT_EQ(report.num_classes, 9U);
    EXPECT_EQ(report.num_atoms, 9U);
    EXPECT_EQ(report.num_blocks, 1U);
    EXPECT_EQ(report.num_pairs, 27U);
}

/// Two classes, each diverse; together their two customers have the same. Others are diverse in any union.
Problem alike_together() {
    Problem problem;
    problem.statements = {"diversity = 0.5"};
    problem.facts = Facts({6, 1, 1, 1});
    for (std::uint64_t customer = 0; customer < 2; ++customer)
        for (ClassId cls = 0; cls < 2; ++cls) problem.facts.span(cls, 0, customer, std::vector<std::int64_t>{cls == customer ? 1 : 2});
    for (ClassId cls = 2; cls < 6; ++cls)
        for (const std::int64_t wh : {1, 5}) problem.facts.fold(cls, 0, std::vector<std::int64_t>{wh});
    return problem;
}

TEST(Prove, DoesNotTakeAUnionForDiverseWhereCustomersAreInBothParts) {
    Problem problem = alike_together();
    problem.forests = {flat({{0}, {1}})};
    EXPECT_EQ(prove(problem).value().verdict, Verdict::unproven);
    problem.forests = {flat({{0}, {2}})};
    EXPECT_EQ(prove(problem).value().verdict, Verdict::safe);
}

TEST(Prove, FindsAUnionThatIsAlikeWithinABlock) {
    Problem problem = alike_together();
    problem.forests = {flat({{0, 2, 3}, {1, 4, 5}}), flat({{0}, {1}, {3, 5}})};
    const auto report = prove(problem).value();
    EXPECT_EQ(report.verdict, Verdict::unsafe);
    ASSERT_EQ(report.violations.size(), 1U);
    EXPECT_EQ(report.violations[0].kind, Kind::combination);
}

TEST(Prove, RowsThatAreEqualInSeveralReleasesAreOne) {
    Problem problem = grid(3, 6, "min_contributors = 10");
    problem.forests = {problem.forests[0], problem.forests[0], problem.forests[0]};
    const auto report = prove(problem).value();
    EXPECT_EQ(report.verdict, Verdict::safe);
    EXPECT_EQ(report.num_blocks, 0U);
}

TEST(Prove, ComparesAUnitWithAllBelowIt) {
    Problem problem = grid(2, 9, "min_contributors = 5");
    problem.forests = {problem.forests[0]};
    problem.forests[0].parent = {no_unit, 0, 1};
    problem.forests[0].first_class = {0, 1, 2, 4};
    EXPECT_EQ(prove(problem).value().num_pairs, 3U);
}

TEST(Prove, RefusesWhatDoesNotBelongTogether) {
    Problem good = grid(2, 9, "min_contributors = 5");
    ASSERT_TRUE(prove(good).ok());
    const auto refused = [&](auto damage) {
        Problem problem = good;
        damage(problem);
        const auto report = prove(problem);
        return !report.ok() && report.error().code == Code::input;
    };
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].classes[0] = 99; }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].classes[0] = p.forests[0].classes[1]; }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].first_class.pop_back(); }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].first_class.back() = 1; }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].parent[0] = 1; }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].parent[0] = 0; }));
    EXPECT_TRUE(refused([](Problem& p) { p.forests[0].unit_names = {"a"}; }));
    EXPECT_TRUE(refused([](Problem& p) { p.statements = {"dominance = [3, 0.5]"}; }));  // the facts keep two
    EXPECT_TRUE(refused([](Problem& p) { p.statements = {"entropy = 1"}; }));
}

TEST(Prove, ExplainsNoMoreThanAsked) {
    Limits limits;
    limits.max_explained = 2;
    const auto report = prove(grid(4, 1, "min_contributors = 10"), limits).value();
    EXPECT_EQ(report.verdict, Verdict::unsafe);
    EXPECT_EQ(report.violations.size(), 2U);
    EXPECT_GT(report.num_violations, 2U);
}

TEST(Refine, MembersOfOneClassAreTogetherEverywhere) {
    const auto refined = refine({{0, 0, 1, no_unit}, {0, 1, 1, 0}}, {2, 2});
    EXPECT_EQ(refined.num_classes, 4U);
    const auto same = refine({{0, 0, 1, 1, 0}, {1, 1, 0, 0, 1}}, {2, 2});
    EXPECT_EQ(same.num_classes, 2U);
    EXPECT_EQ(same.class_of, (std::vector<ClassId>{0, 0, 1, 1, 0}));
    EXPECT_EQ(same.first_class[1], (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_EQ(same.classes[1], (std::vector<ClassId>{1, 0}));
}

}  // namespace
}  // namespace meterveil::prove
