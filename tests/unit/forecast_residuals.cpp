#include "forecast/residuals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace meterveil::forecast {
namespace {

constexpr double half_bin = 1.0 / 256;

TEST(Residuals, GiveTheSortedErrorOfTheConformalRank) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> error(0.3, 1.2);
    for (const std::size_t n : {1U, 2U, 19U, 100U, 5000U}) {
        Residuals residuals(1, 48);
        std::vector<double> sorted;
        for (std::size_t i = 0; i < n; ++i) {
            sorted.push_back(std::clamp(error(random), -7.9, 7.9));
            residuals.add(0, 10, sorted.back());
        }
        std::sort(sorted.begin(), sorted.end());
        for (const double p : {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99}) {
            const double rank = p * static_cast<double>(n + 1);
            const auto k = std::clamp(static_cast<std::size_t>(p < 0.5 ? std::floor(rank) : std::ceil(rank)), std::size_t{1}, n);
            ASSERT_NEAR(residuals.quantile(0, 10, p), sorted[k - 1], half_bin + 1e-12) << n << " errors, p = " << p;
        }
    }
}

TEST(Residuals, KeepLeadDaysAndPartsOfTheDayApart) {
    Residuals residuals(2, 48);
    residuals.add(1, 6, 2.5);  // the second part: slots 6 to 11
    EXPECT_NEAR(residuals.quantile(1, 11, 0.5), 2.5, half_bin);
    EXPECT_EQ(residuals.quantile(1, 5, 0.5), 0);
    EXPECT_EQ(residuals.quantile(1, 12, 0.5), 0);
    for (std::uint32_t s = 0; s < 48; ++s) EXPECT_EQ(residuals.quantile(0, s, 0.5), 0);
}

TEST(Residuals, CountAnErrorBeyondEightDeviationsAtTheEnd) {
    Residuals residuals(1, 24);
    residuals.add(0, 0, 1e9);
    EXPECT_NEAR(residuals.quantile(0, 0, 0.5), 8, 2 * half_bin);
    residuals.add(0, 23, -1e9);
    EXPECT_NEAR(residuals.quantile(0, 23, 0.5), -8, 2 * half_bin);
}

TEST(Residuals, GiveAllQuantilesAtOnceInOrder) {
    std::mt19937 random(7);
    std::normal_distribution<double> error;
    Residuals residuals(2, 50);  // parts of unequal length
    for (int i = 0; i < 4000; ++i) residuals.add(static_cast<std::uint32_t>(random() % 2), static_cast<std::uint32_t>(random() % 50), error(random));
    const std::vector<double> p = {0.05, 0.5, 0.95};
    const auto all = residuals.quantiles(p);
    ASSERT_EQ(all.size(), 2U * 50 * 3);
    for (std::uint32_t d = 0; d < 2; ++d)
        for (std::uint32_t s = 0; s < 50; ++s)
            for (std::size_t i = 0; i < 3; ++i) {
                const std::size_t at = (d * 50U + s) * 3 + i;
                EXPECT_EQ(all[at], residuals.quantile(d, s, p[i]));
                EXPECT_TRUE(i == 0 || all[at - 1] < all[at]);
            }
}

TEST(Residuals, OfTwoRanksAddUp) {
    Residuals a(1, 24), b(1, 24), both(1, 24);
    for (int i = 0; i < 200; ++i) {
        (i % 3 == 0 ? a : b).add(0, static_cast<std::uint32_t>(i % 24), i / 50.0 - 2);
        both.add(0, static_cast<std::uint32_t>(i % 24), i / 50.0 - 2);
    }
    for (std::size_t c = 0; c < a.counts().size(); ++c) a.counts()[c] += b.counts()[c];
    EXPECT_TRUE(std::equal(a.counts().begin(), a.counts().end(), both.counts().begin()));
}

}  // namespace
}  // namespace meterveil::forecast
