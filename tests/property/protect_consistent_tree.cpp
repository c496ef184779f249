// The fit is that of dense least squares, adds up exactly, and is the same in any order of the nodes.
#include "protect/private/consistent_tree.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "meterveil/model/ids.hpp"

namespace meterveil::protect {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

struct Forest {
    std::vector<std::uint32_t> parent;
    std::vector<double> variance;
    std::vector<std::int64_t> measured;
    [[nodiscard]] std::size_t size() const { return parent.size(); }
    [[nodiscard]] ConsistentTree tree() const { return {parent, variance}; }
    [[nodiscard]] std::vector<bool> is_childless() const {
        std::vector<bool> childless(size(), true);
        for (const std::uint32_t p : parent)
            if (p != model::no_id) childless[p] = false;
        return childless;
    }
};

Forest random_forest(std::mt19937& random, std::size_t most) {
    Forest forest;
    const std::size_t size = 1 + random() % most, reach = 1 + random() % most;  // a small reach makes chains, a large one bushes
    std::uniform_real_distribution<double> log_variance(-4, 4);
    for (std::uint32_t i = 0; i < size; ++i) {
        const std::uint32_t back = static_cast<std::uint32_t>(1 + random() % std::min<std::size_t>(reach, std::max<std::uint32_t>(i, 1)));
        forest.parent.push_back(i == 0 || random() % 24 == 0 ? model::no_id : i - back);
        forest.variance.push_back(std::exp(log_variance(random)));
        forest.measured.push_back(static_cast<std::int64_t>(random() % 2000001) - 1000000);
    }
    return forest;
}

using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using Vector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

/// Generalised least squares over the childless nodes: x = A b, A' W A b = A' W y, covariance A (A' W A)^-1 A'.
struct Dense {
    Vector estimate, variance;
    bool is_determined;
    explicit Dense(const Forest& forest) {
        const auto childless = forest.is_childless();
        const auto n = static_cast<Eigen::Index>(forest.size()), k = std::count(childless.begin(), childless.end(), true);
        Matrix sums = Matrix::Zero(n, k);
        for (Eigen::Index i = n, column = 0; i-- > 0;) {
            if (childless[static_cast<std::size_t>(i)]) sums(i, column++) = 1;
            const std::uint32_t p = forest.parent[static_cast<std::size_t>(i)];
            if (p != model::no_id) sums.row(p) += sums.row(i);
        }
        Vector root_weight(n), y(n);
        for (Eigen::Index i = 0; i < n; ++i) {
            root_weight(i) = 1 / std::sqrt(static_cast<long double>(forest.variance[static_cast<std::size_t>(i)]));
            y(i) = static_cast<long double>(forest.measured[static_cast<std::size_t>(i)]);
        }
        const Matrix weighted = root_weight.asDiagonal() * sums;
        const Eigen::ColPivHouseholderQR<Matrix> qr(weighted);
        is_determined = qr.rank() == k;
        if (!is_determined) return;
        estimate = sums * qr.solve(Vector(root_weight.asDiagonal() * y));
        variance = (sums * (weighted.transpose() * weighted).ldlt().solve(Matrix(sums.transpose()))).diagonal();
    }
};

class EveryConsistentTree : public ::testing::Test {
protected:
    unsigned seed_ = std::random_device{}();
    std::mt19937 random_{seed_};
    ::testing::ScopedTrace trace_{__FILE__, __LINE__, seed_};

    static void expect_dense(const Forest& forest, const Dense& dense) {
        const ConsistentTree tree = forest.tree();
        const auto estimates = tree.estimates(forest.measured);
        const auto largest = static_cast<double>(std::abs(*std::max_element(forest.measured.begin(), forest.measured.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); })));
        for (std::size_t i = 0; i < forest.size(); ++i) {
            const auto at = static_cast<Eigen::Index>(i);
            ASSERT_NEAR(estimates[i], static_cast<double>(dense.estimate(at)), 1e-9 * std::max(largest, 1e5));
            ASSERT_NEAR(tree.variance()[i] / static_cast<double>(dense.variance(at)), 1, 1e-9);
        }
    }
};

TEST_F(EveryConsistentTree, IsTheDenseSolution) {
    for (int round = 0; round < 600; ++round) {
        const Forest forest = random_forest(random_, 40);
        ASSERT_NO_FATAL_FAILURE(expect_dense(forest, Dense(forest)));
    }
}

TEST_F(EveryConsistentTree, IsTheDenseSolutionWhereMeasurementsAreMissing) {
    int determined = 0, undetermined = 0;
    for (int round = 0; round < 1500; ++round) {
        Forest forest = random_forest(random_, 25);
        for (auto& variance : forest.variance)
            if (random_() % 6 == 0) variance = infinite;
        const Dense dense(forest);
        if (dense.is_determined) {
            ++determined;
            ASSERT_NO_FATAL_FAILURE(expect_dense(forest, dense));
        } else {
            ++undetermined;
            const auto variance = forest.tree().variance();
            ASSERT_TRUE(std::find(variance.begin(), variance.end(), infinite) != variance.end());
        }
    }
    EXPECT_GT(determined, 100);
    EXPECT_GT(undetermined, 100);
}

TEST_F(EveryConsistentTree, AddsUpExactlyAndIsNearTheEstimates) {
    for (int round = 0; round < 2000; ++round) {
        Forest forest = random_forest(random_, 80);
        for (auto& variance : forest.variance)
            if (random_() % 8 == 0) variance = infinite;
        const ConsistentTree tree = forest.tree();
        const auto whole = tree.fit(forest.measured);
        const auto estimates = tree.estimates(forest.measured);
        const auto childless = forest.is_childless();
        std::vector<std::int64_t> sum(forest.size(), 0), below(forest.size(), 0);
        for (std::size_t i = forest.size(); i-- > 0;) {
            if (childless[i]) below[i] = 1;
            if (!childless[i]) ASSERT_EQ(whole[i], sum[i]);
            ASSERT_LE(std::abs(static_cast<double>(whole[i]) - estimates[i]), 0.5 * static_cast<double>(below[i]) + 1e-3);
            if (forest.parent[i] == model::no_id) continue;
            sum[forest.parent[i]] += whole[i];
            below[forest.parent[i]] += below[i];
        }
    }
}

TEST_F(EveryConsistentTree, IsTheSameInAnyOrderOfTheNodes) {
    for (int round = 0; round < 500; ++round) {
        Forest forest = random_forest(random_, 80);
        for (auto& measured : forest.measured) measured *= 977;
        // A random order in which a parent is before its children.
        std::vector<std::uint32_t> order, waiting;
        const auto release_children_of = [&](std::uint32_t p) {
            for (std::uint32_t i = 0; i < forest.size(); ++i)
                if (forest.parent[i] == p) waiting.push_back(i);
        };
        for (release_children_of(model::no_id); !waiting.empty();) {
            std::swap(waiting[random_() % waiting.size()], waiting.back());
            order.push_back(waiting.back());
            waiting.pop_back();
            release_children_of(order.back());
        }
        std::vector<std::uint32_t> place(forest.size());
        for (std::uint32_t k = 0; k < order.size(); ++k) place[order[k]] = k;
        Forest other;
        for (const std::uint32_t i : order) {
            other.parent.push_back(forest.parent[i] == model::no_id ? model::no_id : place[forest.parent[i]]);
            other.variance.push_back(forest.variance[i]);
            other.measured.push_back(forest.measured[i]);
        }
        const auto here = forest.tree(), there = other.tree();
        const auto fit = here.fit(forest.measured), other_fit = there.fit(other.measured);
        const auto exact = here.estimates(forest.measured), other_exact = there.estimates(other.measured);
        for (std::uint32_t i = 0; i < forest.size(); ++i) {
            ASSERT_EQ(fit[i], other_fit[place[i]]);
            ASSERT_EQ(exact[i], other_exact[place[i]]);
            ASSERT_EQ(here.variance()[i], there.variance()[place[i]]);
        }
    }
}

TEST(ConsistentTree, HasTheValuesOfItsExample) {
    // A parent says 100, its children 30 and 40, all with a variance of 1: the 30 that are missing are shared by three.
    const ConsistentTree tree({model::no_id, 0, 0}, std::vector<double>{1, 1, 1});
    EXPECT_EQ(tree.fit(std::vector<std::int64_t>{100, 30, 40}), (std::vector<std::int64_t>{90, 40, 50}));
    EXPECT_NEAR(tree.variance()[0], 2.0 / 3, 1e-15);
    EXPECT_NEAR(tree.variance()[1], 2.0 / 3, 1e-15);
}

TEST(ConsistentTree, FindsAChildThatWasNotMeasuredAndSharesAmongSeveral) {
    const ConsistentTree one({model::no_id, 0, 0}, std::vector<double>{2, 3, infinite});
    EXPECT_EQ(one.fit(std::vector<std::int64_t>{100, 30, -7}), (std::vector<std::int64_t>{100, 30, 70}));
    EXPECT_EQ(one.variance(), (std::vector<double>{2, 3, 5}));
    const ConsistentTree two({model::no_id, 0, 0, 0}, std::vector<double>{2, 3, infinite, infinite});
    EXPECT_EQ(two.fit(std::vector<std::int64_t>{100, 30, -7, 9}), (std::vector<std::int64_t>{100, 30, 35, 35}));
    EXPECT_EQ(two.variance(), (std::vector<double>{2, 3, infinite, infinite}));
}

TEST(ConsistentTree, KeepsNegativeValues) {
    const ConsistentTree tree({model::no_id, 0}, std::vector<double>{1, 1});
    EXPECT_EQ(tree.fit(std::vector<std::int64_t>{-100, -50}), (std::vector<std::int64_t>{-75, -75}));
}

}  // namespace
}  // namespace meterveil::protect
