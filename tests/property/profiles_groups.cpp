// Whatever the stratum: every group passes, or there are none.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "load_shapes.hpp"
#include "meterveil/exec/parallel.hpp"
#include "profiles/groups.hpp"
#include "profiles/mdav.hpp"
#include "profiles/split.hpp"

namespace meterveil::profiles {
namespace {

using testing::any_shapes;
using testing::homes;

/// All but the two largest have at least a tenth of the largest.
class Tenth final : public model::Rule {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return 10 * (cell.total - cell.top[0] - cell.top[1]) >= cell.top[0]; }
    [[nodiscard]] std::uint32_t num_top() const override { return 2; }
    [[nodiscard]] std::string statement() const override { return "test"; }

private:
    std::string name_ = "tenth";
};

/// The largest has at least one and a half times the smallest that lies wholly in the set.
class Diverse final : public model::Rule {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return cell.contributors == 0 || (cell.least > 0 && 2 * cell.top[0] >= 3 * cell.least); }
    [[nodiscard]] std::uint32_t num_top() const override { return 1; }
    [[nodiscard]] std::string statement() const override { return "test"; }

private:
    std::string name_ = "diverse";
};

model::RuleSet rules(std::size_t num_classes = 1) {
    model::RuleSet set;
    set.classes.resize(num_classes);
    for (auto& of_class : set.classes) of_class.rules = {std::make_shared<Tenth>(), std::make_shared<Diverse>()};
    return set;
}

model::Pseudonym subject_of(std::uint32_t number) {
    model::Pseudonym name;
    name.value[3] = static_cast<std::byte>(number >> 8);
    name.value[9] = static_cast<std::byte>(number);
    return name;
}

struct Stratum {
    Shapes shapes;
    std::vector<model::Pseudonym> subjects;
    std::vector<std::uint8_t> is_elsewhere;
    std::vector<std::int64_t> quanta;  ///< [row x slots]
    std::size_t slots = 1;
    [[nodiscard]] Members members() const { return {subjects, quanta, is_elsewhere}; }
};

/// Some subjects have several meters, some meters are vacant, some subjects are large, some lie elsewhere too; two classes and months.
Stratum any_stratum(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto one_in = [&](std::uint64_t n) { return random() % n == 0; };
    const std::size_t rows = one_in(8) ? 1 + random() % 12 : 20 + random() % 400, bins = seed % 3 == 0 ? 3 : 1, classes = 1 + seed % 2;
    Stratum stratum{seed % 4 == 0 ? any_shapes(rows, 4, 3, seed) : homes(rows, 24, seed), {}, {}, {}, bins * classes};
    for (std::uint32_t row = 0; row < rows; ++row) {
        const std::uint32_t subject = one_in(4) && row > 0 ? static_cast<std::uint32_t>(random() % row) : row;
        stratum.subjects.push_back(subject_of(subject));
        stratum.is_elsewhere.push_back(one_in(30) ? 1 : 0);
        const bool is_vacant = one_in(10);
        const std::int64_t scale = one_in(25) ? 100000 : 1000;
        for (std::size_t slot = 0; slot < stratum.slots; ++slot)
            stratum.quanta.push_back(is_vacant || slot / bins != subject % classes ? 0 : scale + static_cast<std::int64_t>(random() % 1000));
    }
    return stratum;
}

/// By other code than the room's: what the rules ask of these rows.
bool may_be_published(const Stratum& stratum, const std::vector<std::uint32_t>& rows, std::uint32_t k) {
    std::map<model::Pseudonym, std::vector<std::int64_t>> here;
    std::map<model::Pseudonym, bool> is_whole;
    std::set<std::uint32_t> inside(rows.begin(), rows.end());
    for (const std::uint32_t row : rows) {
        auto& sums = here[stratum.subjects[row]];
        sums.resize(stratum.slots);
        for (std::size_t slot = 0; slot < stratum.slots; ++slot) sums[slot] += stratum.quanta[row * stratum.slots + slot];
        is_whole[stratum.subjects[row]] = true;
    }
    for (std::uint32_t row = 0; row < stratum.subjects.size(); ++row)
        if (is_whole.contains(stratum.subjects[row]) && (inside.count(row) == 0 || stratum.is_elsewhere[row] != 0)) is_whole[stratum.subjects[row]] = false;
    std::uint32_t with_energy = 0;
    for (const auto& [subject, sums] : here) with_energy += *std::max_element(sums.begin(), sums.end()) > 0 ? 1 : 0;
    if (with_energy < k) return false;
    const std::size_t classes = stratum.slots % 2 == 0 ? 2 : 1, bins = stratum.slots / classes;
    for (std::size_t c = 0; c < classes; ++c) {
        bool is_there = false, passes = true;
        for (std::size_t slot = c * bins; slot < (c + 1) * bins; ++slot) {
            std::vector<std::int64_t> all{0, 0};
            std::int64_t total = 0, least = INT64_MAX;
            for (const auto& [subject, sums] : here) {
                all.push_back(sums[slot]);
                total += sums[slot];
                if (sums[slot] > 0 && is_whole[subject]) least = std::min(least, sums[slot]);
            }
            std::sort(all.rbegin(), all.rend());
            is_there = is_there || total > 0;
            if (total == 0) continue;
            passes = passes && 10 * (total - all[0] - all[1]) >= all[0] && least != INT64_MAX && 2 * all[0] >= 3 * least;
        }
        if (is_there && !passes) return false;
    }
    return true;
}

TEST(Groups, EveryGroupPassesAndEveryRowIsInOne) {
    std::size_t merged = 0, plain = 0, refused = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE(seed);
        const Stratum stratum = any_stratum(seed);
        const auto set = rules(stratum.slots % 2 == 0 ? 2 : 1);
        const std::uint32_t k = 3 + static_cast<std::uint32_t>(seed % 4);
        const auto result = microaggregate(stratum.shapes, stratum.members(), {k, set}, seed % 2 == 0 ? 50 : 20000);
        std::vector<std::uint32_t> all(stratum.shapes.size());
        for (std::uint32_t row = 0; row < all.size(); ++row) all[row] = row;
        ASSERT_EQ(!result.groups.empty(), may_be_published(stratum, all, k));
        EXPECT_EQ(result.finding.passes, !result.groups.empty());
        refused += result.groups.empty() ? 1 : 0;
        std::vector<std::uint32_t> seen;
        for (const Group& group : result.groups) {
            EXPECT_TRUE(group.finding.passes);
            EXPECT_TRUE(may_be_published(stratum, group.rows, k));
            EXPECT_TRUE(std::is_sorted(group.rows.begin(), group.rows.end()));
            EXPECT_GE(group.rows.size(), k);
            if (!group.is_merged) EXPECT_LT(group.rows.size(), 2 * k);
            else EXPECT_GE(group.rows.size(), 2 * k);
            (group.is_merged ? merged : plain) += 1;
            seen.insert(seen.end(), group.rows.begin(), group.rows.end());
        }
        std::sort(seen.begin(), seen.end());
        if (!result.groups.empty()) EXPECT_EQ(seen, all);
    }
    EXPECT_GT(merged, 100U);
    EXPECT_GT(plain, 100U);
    EXPECT_GT(refused, 0U);
}

TEST(Groups, AreThoseOfMdavIfNoneFails) {
    Stratum stratum{homes(300, 24, 5), {}, {}, {}, 1};
    for (std::uint32_t row = 0; row < 300; ++row) {
        stratum.subjects.push_back(subject_of(row));
        stratum.quanta.push_back(row % 2 == 0 ? 1000 : 1900);
    }
    const model::RuleSet none;
    const auto result = microaggregate(stratum.shapes, stratum.members(), {5, none}, 20000);
    std::vector<std::uint32_t> numbers(300, 0);
    for (std::uint32_t g = 0; g < result.groups.size(); ++g) {
        EXPECT_FALSE(result.groups[g].is_merged);
        for (const std::uint32_t row : result.groups[g].rows) numbers[row] = g;
    }
    const Grouping plain = mdav_reference(stratum.shapes, 5);
    ASSERT_EQ(result.groups.size(), plain.num_groups);
    for (std::uint32_t a = 0; a < 300; ++a)
        for (std::uint32_t b = 0; b < a; ++b) ASSERT_EQ(numbers[a] == numbers[b], plain.group_of[a] == plain.group_of[b]);
}

TEST(Groups, OneThatFailsJoinsTheNearest) {
    // Threes at 0, 100, 250 and 1000; the one at 100 has a dominant subject: 0 is nearer than 250.
    const Shapes shapes{1, {0, 1, 2, 100, 101, 102, 250, 251, 252, 1000, 1001, 1002}};
    Stratum stratum{shapes, {}, {}, {100, 160, 150, 90000, 100, 150, 150, 100, 150, 150, 150, 100}, 1};
    for (std::uint32_t row = 0; row < 12; ++row) stratum.subjects.push_back(subject_of(row));
    const auto set = rules();
    EXPECT_EQ(microaggregate(shapes, stratum.members(), {3, set}).finding.rule, "tenth");  // 90000 needs 9000 of the others
    stratum.quanta[3] = 3000;
    const auto result = microaggregate(shapes, stratum.members(), {3, set});
    ASSERT_EQ(result.groups.size(), 3U);
    EXPECT_EQ(result.groups[0].rows, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
    EXPECT_TRUE(result.groups[0].is_merged);
    EXPECT_FALSE(result.groups[1].is_merged);
}

/// Rows without energy fail alone; one with energy is enough.
std::vector<Group> merged(const Shapes& shapes, const std::vector<std::vector<std::uint32_t>>& groups, std::vector<std::int64_t> quanta) {
    Stratum stratum{shapes, {}, {}, std::move(quanta), 1};
    for (std::uint32_t row = 0; row < shapes.size(); ++row) stratum.subjects.push_back(subject_of(row));
    const model::RuleSet none;
    const Judging judging(stratum.members(), {1, none});
    std::vector<Group> parts;
    for (const auto& rows : groups) parts.push_back({rows, false, judging.judge(rows)});
    return merge_failing(shapes, judging, std::move(parts));
}

TEST(Groups, OneThatFailsJoinsWhereLeastIsLost) {
    // Row 0 at 50: two rows at 60 lose 100 * 2 / 3, one at 39 loses 121 / 2.
    const auto groups = merged(Shapes{1, {50, 60, 60, 39}}, {{0}, {1, 2}, {3}}, {0, 7, 7, 7});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].rows, (std::vector<std::uint32_t>{0, 3}));
}

TEST(Groups, AMergedOneHasItsNewMeanAndLowestRow) {
    // Row 2 joins row 0: the mean is 90.5, on the grid 90, as far from 50 as the two at 10; and row 0 is lower than row 1.
    const auto groups = merged(Shapes{1, {90, 10, 91, 50, 10}}, {{0}, {1, 4}, {2}, {3}}, {7, 7, 0, 0, 7});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].rows, (std::vector<std::uint32_t>{0, 2, 3}));
    EXPECT_EQ(groups[1].rows, (std::vector<std::uint32_t>{1, 4}));
}

TEST(Groups, MetersOfOneSubjectCountOnceAndVacantOnesNever) {
    const Shapes shapes{1, {0, 1, 2, 3}};
    Stratum stratum{shapes, {subject_of(1), subject_of(2), subject_of(3), subject_of(4)}, {}, {10, 20, 30, 40}, 1};
    const model::RuleSet none;
    EXPECT_EQ(microaggregate(shapes, stratum.members(), {4, none}).groups.size(), 1U);
    stratum.subjects[3] = subject_of(1);
    EXPECT_EQ(microaggregate(shapes, stratum.members(), {4, none}).finding.rule, "group_size");
    stratum.subjects[3] = subject_of(4);
    stratum.quanta[3] = 0;
    EXPECT_EQ(microaggregate(shapes, stratum.members(), {4, none}).finding.rule, "group_size");
}

TEST(Groups, ALeafThatFailsAsAWholeJoinsAGroupOfAnother) {
    // Two leaves of six; in the lower one all are the meters of one subject.
    const Shapes shapes{1, {0, 1, 2, 3, 4, 5, 500, 501, 502, 900, 901, 902}};
    Stratum stratum{shapes, {}, {}, std::vector<std::int64_t>(12, 100), 1};
    for (std::uint32_t row = 0; row < 12; ++row) stratum.subjects.push_back(subject_of(row < 6 ? 0 : row));
    const model::RuleSet none;
    const auto result = microaggregate(shapes, stratum.members(), {3, none}, 6);
    ASSERT_EQ(result.groups.size(), 2U);
    EXPECT_EQ(result.groups[0].rows, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Groups, AreTheSameOnAnyNumberOfThreads) {
    for (std::uint64_t seed = 200; seed < 215; ++seed) {
        const Stratum stratum = any_stratum(seed);
        const auto set = rules(stratum.slots % 2 == 0 ? 2 : 1);
        std::vector<Microaggregation> results;
        for (const int threads : {1, 2, 3, 8}) {
            const exec::ThreadBudget budget(threads);
            results.push_back(microaggregate(stratum.shapes, stratum.members(), {4, set}, seed % 2 == 0 ? 60 : 20000));
        }
        for (const auto& result : results) {
            ASSERT_EQ(result.groups.size(), results[0].groups.size()) << "seed " << seed;
            for (std::size_t g = 0; g < result.groups.size(); ++g) EXPECT_EQ(result.groups[g].rows, results[0].groups[g].rows) << "seed " << seed;
        }
    }
}

TEST(Groups, OfALeafNeedNoOtherRows) {
    for (std::uint64_t seed = 300; seed < 320; ++seed) {
        SCOPED_TRACE(seed);
        const Stratum stratum = any_stratum(seed);
        const auto set = rules(stratum.slots % 2 == 0 ? 2 : 1);
        const Judging judging(stratum.members(), {3, set});
        for (const auto& leaf : split(stratum.shapes, 60)) {
            const std::set<std::uint32_t> inside(leaf.begin(), leaf.end());
            Stratum alone{stratum.shapes.of(leaf), {}, {}, {}, stratum.slots};
            for (const std::uint32_t row : leaf) {
                bool is_elsewhere = false;
                for (std::uint32_t other = 0; other < stratum.subjects.size(); ++other)
                    is_elsewhere = is_elsewhere || (stratum.subjects[other] == stratum.subjects[row] && (inside.count(other) == 0 || stratum.is_elsewhere[other] != 0));
                alone.subjects.push_back(stratum.subjects[row]);
                alone.is_elsewhere.push_back(is_elsewhere ? 1 : 0);
                for (std::size_t slot = 0; slot < stratum.slots; ++slot) alone.quanta.push_back(stratum.quanta[row * stratum.slots + slot]);
            }
            std::vector<std::uint32_t> rows(leaf.size());
            std::iota(rows.begin(), rows.end(), 0U);
            const auto expected = groups_of_leaf(stratum.shapes, leaf, judging, 3, 1);
            const auto groups = groups_of_leaf(alone.shapes, rows, Judging(alone.members(), {3, set}), 3, 2);
            ASSERT_EQ(groups.size(), expected.size());
            for (std::size_t g = 0; g < groups.size(); ++g) {
                ASSERT_EQ(groups[g].rows.size(), expected[g].rows.size());
                for (std::size_t i = 0; i < groups[g].rows.size(); ++i) EXPECT_EQ(leaf[groups[g].rows[i]], expected[g].rows[i]);
                EXPECT_EQ(groups[g].finding.passes, expected[g].finding.passes);
            }
        }
    }
}

double lost_with_leaves_of(const Shapes& shapes, std::size_t max_leaf_rows) {
    Stratum stratum{shapes, {}, {}, std::vector<std::int64_t>(shapes.size(), 100), 1};
    for (std::uint32_t row = 0; row < shapes.size(); ++row) stratum.subjects.push_back(subject_of(row));
    const model::RuleSet none;
    return lost_variance(shapes, microaggregate(shapes, stratum.members(), {5, none}, max_leaf_rows).groups);
}

TEST(Groups, SplittingLosesLittle) {
    const Shapes shapes = homes(3000, 48, 11);
    const double whole = lost_with_leaves_of(shapes, 3000), halves = lost_with_leaves_of(shapes, 1500);
    EXPECT_GT(whole, 0.01);
    EXPECT_LT(whole, 0.6);
    EXPECT_LE(halves, 1.05 * whole);
}

TEST(Groups, LostVarianceIsThatOfItsDefinition) {
    const Shapes shapes{1, {0, 2, 10, 12}};
    const std::vector<Group> groups = {{{0, 1}, false, {}}, {{2, 3}, false, {}}};
    EXPECT_DOUBLE_EQ(lost_variance(shapes, groups), 4.0 / 104.0);  // around 1, 1, 11, 11; around 6
    EXPECT_DOUBLE_EQ(lost_variance(Shapes{1, {3, 3}}, std::vector<Group>{{{0, 1}, false, {}}}), 0.0);
}

}  // namespace
}  // namespace meterveil::profiles
