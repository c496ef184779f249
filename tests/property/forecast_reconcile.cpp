// What reconciliation promises of every forest.
#include "forecast/reconcile.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "meterveil/model/ids.hpp"

namespace meterveil::forecast {
namespace {

Tree random_forest(std::mt19937& random) {
    Tree tree;
    const std::size_t size = 1 + random() % 60;
    for (std::uint32_t i = 0; i < size; ++i) {
        tree.parent.push_back(i == 0 || random() % 16 == 0 ? model::no_id : static_cast<std::uint32_t>(random() % i));
        tree.variance.push_back(std::exp(std::uniform_real_distribution<double>(-8, 18)(random)));
    }
    return tree;
}

std::vector<double> random_forecasts(std::mt19937& random, std::size_t size) {
    std::normal_distribution<double> value(200, 1000);
    std::vector<double> forecasts;
    for (std::size_t i = 0; i < size; ++i) forecasts.push_back(value(random));
    return forecasts;
}

TEST(EveryReconciledForest, AddsUpAndHasNothingNegative) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        const Tree tree = random_forest(random);
        const auto whole = reconcile(tree, random_forecasts(random, tree.size()));
        std::vector<std::int64_t> of_children(tree.size(), 0);
        std::vector<bool> has_child(tree.size(), false);
        for (std::size_t i = 0; i < tree.size(); ++i) {
            ASSERT_GE(whole[i], 0);
            if (tree.parent[i] == model::no_id) continue;
            of_children[tree.parent[i]] += whole[i];
            has_child[tree.parent[i]] = true;
        }
        for (std::size_t i = 0; i < tree.size(); ++i) ASSERT_TRUE(!has_child[i] || whole[i] == of_children[i]);
    }
}

TEST(EveryReconciledForest, StaysAsItIsWhenReconciledAgain) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        const Tree tree = random_forest(random);
        const auto once = reconcile(tree, random_forecasts(random, tree.size()));
        ASSERT_EQ(reconcile(tree, std::vector<double>(once.begin(), once.end())), once);
    }
}

}  // namespace
}  // namespace meterveil::forecast
