// What a unit adds is bounded whatever its readings are: the sensitivity that the noise is for.
#include "protect/private/bounded_contribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace meterveil::protect {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Values = std::vector<std::int64_t>;

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min(), highest = std::numeric_limits<std::int64_t>::max();

Integer exact_squared_norm(const Values& values) {
    Integer sum = 0;
    for (const std::int64_t value : values) sum += Integer(value) * value;
    return sum;
}

Values bounded(Values values, const ContributionBounds& bounds) {
    bound_contribution(values, bounds);
    return values;
}

std::int64_t random_up_to(std::mt19937_64& random, std::int64_t most) {
    return static_cast<std::int64_t>((random() >> 1) % (static_cast<std::uint64_t>(most) + 1)) >> random() % 62;
}

Values random_values(std::mt19937_64& random) {
    Values values(random() % 60);
    const std::uint64_t shift = random() % 64;
    for (auto& value : values) {
        value = static_cast<std::int64_t>(random()) >> shift;
        if (random() % 16 == 0) value = random() % 2 == 0 ? lowest : highest;
        if (random() % 4 == 0) value = 0;
    }
    return values;
}

class EveryContribution : public ::testing::Test {
protected:
    unsigned seed_ = std::random_device{}();
    std::mt19937_64 random_{seed_};
    ::testing::ScopedTrace trace_{__FILE__, __LINE__, seed_};
    ContributionBounds random_bounds() {
        return {random_up_to(random_, ContributionBounds::most_clip), random_up_to(random_, ContributionBounds::most_norm)};
    }
};

TEST_F(EveryContribution, KeepsBothBoundsAndItsSigns) {
    int scaled = 0;
    for (int round = 0; round < 20000; ++round) {
        const Values before = random_values(random_);
        const ContributionBounds bounds = random_bounds();
        const Values after = bounded(before, bounds);
        ASSERT_LE(exact_squared_norm(after), Integer(bounds.norm) * bounds.norm);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const std::int64_t clamped = std::clamp(before[i], -bounds.clip, bounds.clip);
            ASSERT_LE(std::abs(after[i]), std::abs(clamped));
            ASSERT_TRUE(after[i] == 0 || (after[i] > 0) == (clamped > 0));
            scaled += after[i] != clamped ? 1 : 0;
        }
    }
    EXPECT_GT(scaled, 1000);
}

TEST_F(EveryContribution, IsItsClampedValuesTimesARatioTowardZero) {
    for (int round = 0; round < 20000; ++round) {
        const Values before = random_values(random_);
        const ContributionBounds bounds = random_bounds();
        Values clamped = before;
        for (auto& value : clamped) value = std::clamp(value, -bounds.clip, bounds.clip);
        const Integer square = exact_squared_norm(clamped);
        if (square > Integer(bounds.norm) * bounds.norm) {
            const Integer floor = sqrt(square), norm = floor * floor == square ? floor : Integer(floor + 1);
            for (auto& value : clamped) value = static_cast<std::int64_t>(Integer(Integer(value) * bounds.norm / norm));
        }
        ASSERT_EQ(bounded(before, bounds), clamped);
    }
}

TEST_F(EveryContribution, WithinTheBoundsStaysAsItIs) {
    for (int round = 0; round < 5000; ++round) {
        Values values(1 + random_() % 40);
        for (auto& value : values) value = static_cast<std::int64_t>(random_() % 2001) - 1000;
        const auto norm = static_cast<std::int64_t>(square_root_up(squared_norm(values)));
        ASSERT_EQ(bounded(values, {1000, norm}), values);
        ASSERT_EQ(bounded(values, {1000, ContributionBounds::most_norm}), values);
        if (norm > 0 && Integer(norm) * norm == exact_squared_norm(values)) ASSERT_NE(bounded(values, {1000, norm - 1}), values);
        const Values once = bounded(values, {500, norm / 2});
        ASSERT_EQ(bounded(once, {500, norm / 2}), once);
    }
}

TEST_F(EveryContribution, IsTheSameInAnyOrder) {
    for (int round = 0; round < 2000; ++round) {
        const Values values = random_values(random_);
        const ContributionBounds bounds = random_bounds();
        std::vector<std::size_t> order(values.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), random_);
        Values shuffled, expected;
        const Values after = bounded(values, bounds);
        for (const std::size_t i : order) shuffled.push_back(values[i]), expected.push_back(after[i]);
        ASSERT_EQ(bounded(shuffled, bounds), expected);
    }
}

/// The proof by trial: a sum over units with one more or less changes by at most the norm.
TEST_F(EveryContribution, ChangesASumByAtMostTheNorm) {
    for (int round = 0; round < 2000; ++round) {
        const ContributionBounds bounds{1 + random_up_to(random_, 1000000), 1 + random_up_to(random_, 1000000)};
        std::vector<Values> units(2 + random_() % 5, Values(12));
        for (Values& unit : units)
            for (auto& value : unit) value = static_cast<std::int64_t>(random_()) >> random_() % 64;
        Values with(12, 0), without(12, 0), difference(12);
        for (std::size_t u = 0; u < units.size(); ++u) {
            const Values added = bounded(units[u], bounds);
            for (std::size_t i = 0; i < 12; ++i) with[i] += added[i], without[i] += u == 0 ? 0 : added[i];
        }
        for (std::size_t i = 0; i < 12; ++i) difference[i] = with[i] - without[i];
        ASSERT_LE(exact_squared_norm(difference), Integer(bounds.norm) * bounds.norm);
    }
}

TEST(BoundContribution, HasTheValuesOfItsExamples) {
    EXPECT_EQ(bounded({3, -4}, {100, 2}), (Values{1, -1}));
    EXPECT_EQ(bounded({3, -4}, {100, 5}), (Values{3, -4}));
    EXPECT_EQ(bounded({3, -4}, {3, 5}), (Values{3, -3}));
    EXPECT_EQ(bounded({1, 1}, {1, 1}), (Values{0, 0}));  // a norm of 1.41, taken for 2
    EXPECT_EQ(bounded({lowest, highest}, {10, 1000}), (Values{-10, 10}));
    EXPECT_EQ(bounded({5, 0, -5}, {0, 10}), (Values{0, 0, 0}));
    EXPECT_EQ(bounded({5, 0, -5}, {10, 0}), (Values{0, 0, 0}));
    EXPECT_EQ(bounded({}, {10, 10}), Values{});
}

TEST(BoundContribution, HoldsAtTheLargestBounds) {
    const Values all(100000, lowest);
    const auto after = bounded(all, {ContributionBounds::most_clip, ContributionBounds::most_clip});
    EXPECT_LE(exact_squared_norm(after), Integer(ContributionBounds::most_clip) * ContributionBounds::most_clip);
    EXPECT_LT(after.front(), -400000000000);  // 2^47 / sqrt(100000) is 4.45e11
}

TEST(SquareRootUp, IsTheLeastWhoseSquareIsNotLess) {
    std::mt19937_64 random(1);
    EXPECT_EQ(square_root_up(0), 0U);
    EXPECT_EQ(square_root_up(1), 1U);
    EXPECT_EQ(square_root_up(2), 2U);
    EXPECT_EQ(square_root_up(static_cast<model::uint128>(1) << 126), std::uint64_t{1} << 63);
    for (int round = 0; round < 20000; ++round) {
        const std::uint64_t root = 1 + (random() >> (1 + random() % 63));
        const model::uint128 square = static_cast<model::uint128>(root) * root;
        if (square > static_cast<model::uint128>(1) << 126) continue;
        ASSERT_EQ(square_root_up(square), root);
        ASSERT_EQ(square_root_up(square - 1), root == 1 ? 0 : root);
        if (root < std::uint64_t{1} << 63) ASSERT_EQ(square_root_up(square + 1), root + 1);
    }
}

}  // namespace
}  // namespace meterveil::protect
