// The limit of an exact series, and the attack that it is a limit of.
#include "protect/length_guard.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <vector>

#include "meterveil/model/release.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {
namespace {

TEST(Log2Choices, IsTheBinomialCoefficient) {
    EXPECT_DOUBLE_EQ(log2_choices(4, 0), 0);
    EXPECT_DOUBLE_EQ(log2_choices(4, 4), 0);
    EXPECT_NEAR(log2_choices(4, 2), 2.584962500721156, 1e-12);  // 6
    EXPECT_NEAR(log2_choices(20, 10), 17.495261691472315, 1e-9);  // 184,756
    EXPECT_NEAR(log2_choices(400, 100), 320.0697899447392, 1e-6);
    EXPECT_NEAR(log2_choices(1000000, 10), log2_choices(1000000, 999990), 1e-9);
}

TEST(LongestSeries, IsAPowerOfTwoThatGrowsWithTheGroup) {
    EXPECT_EQ(longest_series(10000, 10), 8U);   // 9.3
    EXPECT_EQ(longest_series(10000, 100), 64U);  // 66.9
    EXPECT_EQ(longest_series(20, 10), 1U);      // 1.5
    EXPECT_EQ(longest_series(10, 4), 0U);       // 0.6
    EXPECT_EQ(longest_series(0, 0), 0U);
    std::uint64_t before = 0;
    for (std::uint64_t meters = 1; meters <= 500; ++meters) {
        const std::uint64_t longest = longest_series(1000, meters);
        EXPECT_GE(longest, before);
        EXPECT_TRUE(longest == 0 || std::has_single_bit(longest));
        before = longest;
    }
    EXPECT_EQ(longest_series(1000, 999), before);  // most of them: as half of them
    EXPECT_EQ(longest_series(1000, 1000), before);
}

TEST(LengthGuard, IsLongerFromTheFirstValueBeyond) {
    EXPECT_FALSE((model::LengthGuard{8, 8}.is_longer()));
    EXPECT_TRUE((model::LengthGuard{9, 8}.is_longer()));
    EXPECT_TRUE((model::LengthGuard{1, 0}.is_longer()));
}

TEST(ContributorBandFloor, IsWhereTheBandStarts) {
    EXPECT_EQ(contributor_band_floor(9, 10), 0U);
    for (std::uint64_t n = 10; n < 3000; ++n) EXPECT_EQ(contributor_band_floor(n, 10), std::stoull(contributor_band(n, 10)));
}

constexpr int num_candidates = 22, num_members = 11;

/// The raw curves of all candidates, as an adversary holds them: [candidate] values of 12 bit.
using Curves = std::vector<std::vector<std::int64_t>>;

/// The attack by trial: how many choices of members fit the first `length` values of the published sums. Every choice of so
/// few candidates can be tried; for many, box-constrained least squares does the same.
int choices_that_fit(const Curves& curves, const std::vector<std::int64_t>& sums, std::size_t length) {
    int fit = 0;
    for (std::uint32_t choice = (1U << num_members) - 1; choice < 1U << num_candidates;) {
        bool fits = true;
        for (std::size_t t = 0; fits && t < length; ++t) {
            std::int64_t sum = 0;
            for (int m = 0; m < num_candidates; ++m) sum += (choice >> m & 1U) != 0 ? curves[static_cast<std::size_t>(m)][t] : 0;
            fits = sum == sums[t];
        }
        fit += fits ? 1 : 0;
        const std::uint32_t low = choice & (~choice + 1), ripple = choice + low;  // the next number with as many ones
        choice = ripple | (((choice ^ ripple) >> 2) / low);
    }
    return fit;
}

TEST(Unmixing, FindsTheMembersFromALongSeriesAndNotFromOneWithinTheLimit) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::uint64_t limit = longest_series(num_candidates, num_members);
    ASSERT_EQ(limit, 1U);  // 19.4 bit name the choice: 1.6 values
    const std::size_t length = 8 * limit;
    int within = 0;
    for (int round = 0; round < 3; ++round) {
        Curves curves(num_candidates, std::vector<std::int64_t>(length));
        std::vector<std::int64_t> sums(length, 0);
        for (int m = 0; m < num_candidates; ++m)
            for (std::size_t t = 0; t < length; ++t) {
                auto& value = curves[static_cast<std::size_t>(m)][t];
                value = static_cast<std::int64_t>(random() % (1U << model::LengthGuard::bits_per_value));
                sums[t] += m % 2 == 0 ? value : 0;  // every other candidate is a member
            }
        EXPECT_EQ(choices_that_fit(curves, sums, length), 1);  // positive control: unmixed
        within += choices_that_fit(curves, sums, limit);
    }
    EXPECT_GT(within, 15);  // about 705,432 choices over some 14,000 sums, three times; few of a sum far out
}

}  // namespace
}  // namespace meterveil::protect
