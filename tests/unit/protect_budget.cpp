// Budgets are fractions: what levels get adds up to what there is.
#include "protect/private/budget.hpp"

#include <gtest/gtest.h>

#include <random>

namespace meterveil::protect {
namespace {

TEST(ShareBudget, GivesEachLevelItsPartAndAllOfIt) {
    const std::vector<Fraction> equal(3, Fraction(1)), weights = {1, 1, 4};
    EXPECT_EQ(share_budget(1, equal).value(), (std::vector<Fraction>(3, Fraction(1, 3))));
    EXPECT_EQ(share_budget(1, weights).value(), (std::vector<Fraction>{Fraction(1, 6), Fraction(1, 6), Fraction(2, 3)}));
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::vector<Fraction> any(1 + random() % 7);
        for (auto& weight : any) weight = Fraction(1 + random(), 1 + random());
        const Fraction rho(1 + random(), 1 + random());
        const auto budgets = share_budget(rho, any);
        ASSERT_TRUE(budgets.ok());
        ASSERT_EQ(composed(budgets.value()), rho);
        ASSERT_TRUE(check_shares(rho, budgets.value()).ok());
        for (std::size_t i = 1; i < any.size(); ++i) ASSERT_EQ(Fraction(budgets.value()[i] * any[0]), Fraction(budgets.value()[0] * any[i]));
    }
}

TEST(ShareBudget, RefusesWhatSpendsNothing) {
    const std::vector<Fraction> one = {1}, zero = {1, 0}, none;
    EXPECT_EQ(share_budget(1, none).error().code, Code::usage);
    EXPECT_EQ(share_budget(0, one).error().what, "rho is 0, which is not above 0");
    EXPECT_EQ(share_budget(Fraction(-1, 2), one).error().what, "rho is -1/2, which is not above 0");
    EXPECT_EQ(share_budget(1, zero).error().what, "the weight of a level is 0, which is not above 0");
}

TEST(CheckShares, TellsAnotherSumToTheLastDigit) {
    const std::vector<Fraction> tenths = {Fraction(1, 10), Fraction(2, 10), Fraction(7, 10)};
    EXPECT_TRUE(check_shares(1, tenths).ok());
    const std::vector<Fraction> more = {Fraction(1, 10), Fraction(9, 10), Fraction(1, 1000000000)};
    EXPECT_EQ(check_shares(1, more).error().what, "the budgets of the levels add up to 1000000001/1000000000, not to rho = 1");
    EXPECT_EQ(check_shares(1, std::vector<Fraction>{2, -1}).error().code, Code::usage);
    EXPECT_FALSE(check_shares(0, std::vector<Fraction>{}).ok());
}

TEST(NoiseVariance, IsTheSquaredNormOverTwiceTheBudget) {
    EXPECT_EQ(noise_variance(10000, Fraction(1, 4)), 200000000);
    EXPECT_EQ(noise_variance(3, 7), Fraction(9, 14));
    EXPECT_EQ(noise_variance(std::int64_t{1} << 62, Fraction(1, 2)), Fraction(Integer(1) << 124));
}

}  // namespace
}  // namespace meterveil::protect
