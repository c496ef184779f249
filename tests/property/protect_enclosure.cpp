// What decides a draw lies between its bounds, whatever the precision.
#include "protect/private/enclosure.hpp"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>

#include "protect/private/discrete_gaussian.hpp"

namespace meterveil::protect {
namespace {

using Real = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<300>>;  // 300 digits

Real scaled(const Real& value, unsigned bits) { return ldexp(value, static_cast<int>(bits)); }
bool contains(const Enclosure& enclosure, const Real& value) {
    return Real(enclosure.low) <= scaled(value, enclosure.bits) && scaled(value, enclosure.bits) <= Real(enclosure.high);
}

TEST(ExpMinus, HoldsTheValueAndIsNarrow) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 3000; ++round) {
        const unsigned bits = 8 + static_cast<unsigned>(random() % 300);
        const Fraction exponent = Fraction(Integer(random()) >> (random() % 64), Integer(random()) + 1) * static_cast<unsigned>(random() % 100);
        const Enclosure enclosure = exp_minus(exponent, bits);
        ASSERT_TRUE(contains(enclosure, exp(-Real(exponent)))) << exponent << " at " << bits;
        ASSERT_LE(enclosure.high - enclosure.low, 2);
        ASSERT_GE(enclosure.low, 0);
    }
}

TEST(ExpMinus, OfZeroIsOneAndOfMuchIsNothing) {
    EXPECT_TRUE(contains(exp_minus(0, 8), 1));
    EXPECT_TRUE(contains(exp_minus(Fraction(1, 2), 64), exp(Real(-0.5))));
    EXPECT_EQ(exp_minus(1000000, 128).low, 0);
    EXPECT_EQ(exp_minus(1000000, 128).high, 1);
}

TEST(CumulativeWeights, HoldTheDistributionAndLeaveLessThanABit) {
    for (const Fraction& step : {Fraction(2), Fraction(1, 2), Fraction(1, 18), Fraction(7, 4000), Fraction(1, 8192), Fraction(500000)}) {
        std::vector<Real> sums;
        for (Real sum = 0;; sums.push_back(sum)) {
            const Real weight = exp(-Real(step) * Real(sums.size()) * Real(sums.size()));
            sum += weight;
            if (weight < pow(Real(10), -250)) break;
        }
        for (const unsigned bits : {16U, 128U, 256U}) {
            const auto cumulative = cumulative_weights(step, bits);
            for (std::size_t i = 0; i < cumulative.size(); ++i) {
                ASSERT_TRUE(contains(cumulative[i], sums[std::min(i, sums.size() - 1)] / sums.back())) << step << " at " << i;
                ASSERT_LE(cumulative[i].high - cumulative[i].low, 2);
            }
            ASSERT_GE(cumulative.back().low + 2, Integer(1) << bits);
        }
    }
}

TEST(FixedExpMinus, ErrsByLessThanFour) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto error_of = [](std::uint64_t exponent) {
        return Real(fixed_exp_minus(exponent)) - scaled(exp(-scaled(Real(exponent), 0) / scaled(Real(1), 64)), 64);
    };
    for (int round = 0; round < 5000; ++round) {
        const std::uint64_t exponent = random() >> (1 + random() % 63);
        ASSERT_LT(abs(error_of(exponent)), 4) << exponent;
    }
    EXPECT_LT(abs(error_of(0)), 4);
    EXPECT_LT(abs(error_of((std::uint64_t{1} << 63) - 1)), 4);
}

}  // namespace
}  // namespace meterveil::protect
