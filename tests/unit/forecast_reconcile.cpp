#include "forecast/reconcile.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "meterveil/model/ids.hpp"

namespace meterveil::forecast {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// Gauss with pivots; the reference needs no speed.
std::vector<double> solved(Matrix a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t pivot = c;
        for (std::size_t r = c; r < n; ++r)
            if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
        std::swap(a[c], a[pivot]);
        std::swap(b[c], b[pivot]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == c) continue;
            const double factor = a[r][c] / a[c][c];
            for (std::size_t k = c; k < n; ++k) a[r][k] -= factor * a[c][k];
            b[r] -= factor * b[c];
        }
    }
    for (std::size_t c = 0; c < n; ++c) b[c] /= a[c][c];
    return b;
}

/// x = S (S' W S)^-1 S' W y: the normal equations, S[i][j] = 1 where leaf j is below unit i.
std::vector<double> dense_least_squares(const Tree& tree, const std::vector<double>& y) {
    std::vector<bool> has_child(tree.size(), false);
    for (const auto p : tree.parent)
        if (p != model::no_id) has_child[p] = true;
    Matrix s(tree.size());
    for (std::size_t leaf = 0; leaf < tree.size(); ++leaf) {
        if (has_child[leaf]) continue;
        for (auto& row : s) row.push_back(0);
        for (auto u = static_cast<std::uint32_t>(leaf); u != model::no_id; u = tree.parent[u]) s[u].back() = 1;
    }
    const std::size_t leaves = s[0].size();
    Matrix normal(leaves, std::vector<double>(leaves, 0));
    std::vector<double> right(leaves, 0), x(tree.size(), 0);
    for (std::size_t i = 0; i < tree.size(); ++i)
        for (std::size_t j = 0; j < leaves; ++j) {
            right[j] += s[i][j] / tree.variance[i] * y[i];
            for (std::size_t k = 0; k < leaves; ++k) normal[j][k] += s[i][j] / tree.variance[i] * s[i][k];
        }
    const auto at_leaves = solved(normal, right);
    for (std::size_t i = 0; i < tree.size(); ++i)
        for (std::size_t j = 0; j < leaves; ++j) x[i] += s[i][j] * at_leaves[j];
    return x;
}

TEST(LeastSquares, SharesASurpriseByVariance) {
    const Tree tree{{model::no_id, 0, 0}, {4, 1, 3}};
    // The children say 8, variance 4; the parent says 12, variance 4: they meet at 10, and the 2 go 1 : 3.
    EXPECT_EQ(weighted_least_squares(tree, std::vector<double>{12, 3, 5}, {false, false, false}), (std::vector<double>{10, 3.5, 6.5}));
}

TEST(LeastSquares, EqualsTheNormalEquationsOnRandomForests) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> variance(0.1, 10), value(-100, 100);
    for (int round = 0; round < 200; ++round) {
        Tree tree;
        std::vector<double> y;
        const std::size_t size = 1 + random() % 20;
        for (std::uint32_t i = 0; i < size; ++i) {
            tree.parent.push_back(i == 0 || random() % 8 == 0 ? model::no_id : static_cast<std::uint32_t>(random() % i));
            tree.variance.push_back(variance(random));
            y.push_back(value(random));
        }
        const auto fast = weighted_least_squares(tree, y, std::vector<bool>(size, false)), reference = dense_least_squares(tree, y);
        for (std::size_t i = 0; i < size; ++i) ASSERT_NEAR(fast[i], reference[i], 1e-7);
    }
}

TEST(Reconcile, HoldsANegativeLeafAtZeroAndSolvesTheRestAgain) {
    const Tree tree{{model::no_id, 0, 0}, {2, 1, 1}};
    // Free: leaves -9 and 11 of a parent of 2. With the first at zero, 11 and a parent's 2 meet at (2 x 11 + 2) / 3 = 8.
    EXPECT_EQ(reconcile(tree, std::vector<double>{2, -9, 11}), (std::vector<std::int64_t>{8, 0, 8}));
}

TEST(Reconcile, RoundsLeavesHalfToEvenAndSumsThem) {
    const Tree tree{{model::no_id, 0, 0, 0}, {3, 1, 1, 1}};
    EXPECT_EQ(reconcile(tree, std::vector<double>{7.5, 0.5, 1.5, 5.5}), (std::vector<std::int64_t>{8, 0, 2, 6}));
}

TEST(Reconcile, ZeroesEverythingIfNothingIsPositive) {
    const Tree tree{{model::no_id, 0, 0}, {2, 1, 1}};
    EXPECT_EQ(reconcile(tree, std::vector<double>{-5, -1, -1}), (std::vector<std::int64_t>{0, 0, 0}));
}

}  // namespace
}  // namespace meterveil::forecast
