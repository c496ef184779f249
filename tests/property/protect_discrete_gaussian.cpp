// The draws have the distribution that is claimed: chi-square tests, each with a false alarm once in 10^9 runs.
#include "protect/private/discrete_gaussian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>
#include <random>

#include "reference_gaussian.hpp"

namespace meterveil::protect {
namespace {

constexpr double rare = 1e-9;

/// Prints the seed of a test that fails.
class DiscreteGaussianDraws : public ::testing::Test {
protected:
    NoiseStream stream() {
        std::array<unsigned char, NoiseStream::key_bytes> key{};
        for (auto& byte : key) byte = static_cast<unsigned char>(random_());
        return NoiseStream(key);
    }
    unsigned seed_ = std::random_device{}();
    std::mt19937 random_{seed_};
    ::testing::ScopedTrace trace_{__FILE__, __LINE__, seed_};
};

/// Cells of whole numbers with their probabilities.
struct Cells {
    std::vector<std::int64_t> first;         ///< [cell] its least number; the first cell goes down without end, the last one up
    std::vector<long double> probability;    ///< [cell]
    [[nodiscard]] std::size_t of(std::int64_t x) const {
        return static_cast<std::size_t>(std::upper_bound(first.begin() + 1, first.end(), x) - first.begin()) - 1;
    }
};

/// P(first <= x < last) times a constant. Up to sigma = 2000 a sum; above, the integral of the density, from which it differs by less than one in 10^7.
long double weight_of(long double deviation, std::int64_t first, std::int64_t last) {
    if (deviation > 2000) {
        const auto upper = [&](std::int64_t x) { return std::erfc((static_cast<long double>(x) - 0.5L) / deviation / std::sqrt(2.0L)) / 2; };
        return first >= 0 ? upper(first) - upper(last) : upper(1 - last) - upper(1 - first);
    }
    long double sum = 0;
    for (std::int64_t x = first; x < last; ++x) sum += std::exp(-static_cast<long double>(x) * static_cast<long double>(x) / (2 * deviation * deviation));
    return sum;
}

void normalise(std::vector<long double>& weights) {
    const long double sum = std::accumulate(weights.begin(), weights.end(), 0.0L);
    for (auto& weight : weights) weight /= sum;
}

/// Cells of a sixteenth of a deviation, but at least one number and 30 of `draws`.
Cells cells_of(long double deviation, std::size_t draws) {
    const auto step = std::max<std::int64_t>(1, static_cast<std::int64_t>(deviation / 16)), most = static_cast<std::int64_t>(12 * deviation) / step * step + step;
    std::vector<long double> probability;
    for (std::int64_t x = -most; x < most; x += step) probability.push_back(weight_of(deviation, x, x + step));
    normalise(probability);
    Cells cells;
    long double open = 0;
    std::int64_t first = -most, next = -most;
    for (const long double p : probability) {
        open += p;
        next += step;
        if (open * static_cast<long double>(draws) < 30) continue;
        cells.first.push_back(first);
        cells.probability.push_back(open);
        first = next;
        open = 0;
    }
    cells.probability.back() += open;
    return cells;
}

/// The chance of counts at least as unlike the probabilities.
double p_value(const std::vector<long double>& probability, const std::vector<std::size_t>& counts) {
    const auto draws = static_cast<long double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
    long double chi_square = 0;
    for (std::size_t c = 0; c < counts.size(); ++c) {
        const long double expected = probability[c] * draws;
        chi_square += (static_cast<long double>(counts[c]) - expected) * (static_cast<long double>(counts[c]) - expected) / expected;
    }
    return boost::math::gamma_q(static_cast<double>(counts.size() - 1) / 2, static_cast<double>(chi_square) / 2);
}

double p_value(const Cells& cells, const std::vector<std::int64_t>& draws) {
    std::vector<std::size_t> counts(cells.first.size(), 0);
    for (const std::int64_t x : draws) ++counts[cells.of(x)];
    return p_value(cells.probability, counts);
}

std::vector<std::int64_t> drawn(const DiscreteGaussian& gaussian, NoiseStream stream, std::size_t count) {
    std::vector<std::int64_t> draws(count);
    gaussian.draw(stream, draws);
    return draws;
}

struct Case {
    Fraction variance;
    long double deviation;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {Fraction(1, 8), std::sqrt(0.125L)}, {Fraction(1, 4), 0.5L}, {Fraction(1), 1}, {Fraction(2), std::sqrt(2.0L)}, {Fraction(9), 3}, {Fraction(100), 10},
        {Fraction(3969), 63},     {Fraction(4096), 64},   {Fraction(12345, 2), std::sqrt(6172.5L)}, {Fraction(1000000), 1000},
        {Fraction(Integer(1000000000000)), 1e6L}, {Fraction(Integer(1000000000000000000)), 1e9L}, {Fraction(Integer(4000000000000000000)), 2e9L}};
    return all;
}

TEST_F(DiscreteGaussianDraws, HaveTheDistribution) {
    constexpr std::size_t count = 3000000;
    for (const Case& c : cases()) EXPECT_GT(p_value(cells_of(c.deviation, count), drawn(DiscreteGaussian(c.variance), stream(), count)), rare) << c.variance;
}

TEST_F(DiscreteGaussianDraws, HaveTheDistributionWhenTheExactWaysDecide) {
    const auto check = [&](const Case& c, unsigned first_bits, std::size_t count) {
        EXPECT_GT(p_value(cells_of(c.deviation, count), drawn(DiscreteGaussian(c.variance, first_bits), stream(), count)), rare)
            << c.variance << " by " << first_bits << " bits";
    };
    check({Fraction(1, 4), 0.5L}, 1, 10000);
    for (const unsigned first_bits : {1U, 6U}) check({Fraction(9), 3}, first_bits, 5000);
    for (const unsigned first_bits : {4U, 12U}) check({Fraction(1000000), 1000}, first_bits, 1000);
    check({Fraction(Integer(1000000000000000000)), 1e9L}, 14, 10000);
}

/// How unlike the distribution the places of draws in their bins are, all bins together: a bin's 16 parts have nearly equal shares.
double p_value_within_bins(long double deviation, std::int64_t width, const DiscreteGaussian& gaussian, NoiseStream stream, std::size_t count) {
    std::vector<long double> probability(16, 0);
    for (std::int64_t first = 0; static_cast<long double>(first) < 12 * deviation; first += width / 16)
        probability[static_cast<std::size_t>(first % width / (width / 16))] +=
            2 * weight_of(deviation, first, first + width / 16) - (first == 0 ? weight_of(deviation, 0, 1) : 0);
    normalise(probability);
    std::vector<std::size_t> counts(16, 0);
    std::vector<std::int64_t> draws(count / 100);
    for (int part = 0; part < 100; ++part) {
        gaussian.draw(stream, draws);
        for (const std::int64_t x : draws) ++counts[static_cast<std::size_t>(std::abs(x) % width / (width / 16))];
    }
    return p_value(probability, counts);
}

TEST_F(DiscreteGaussianDraws, HaveTheDistributionWithinABin) {
    EXPECT_GT(p_value_within_bins(1024, 32, DiscreteGaussian(Fraction(1 << 20)), stream(), 20000000), rare);
    EXPECT_GT(p_value_within_bins(1024, 32, DiscreteGaussian(Fraction(1 << 20), 20), stream(), 2000000), rare);  // kept or not by enclosures alone
    EXPECT_GT(p_value_within_bins(1 << 30, 1 << 25, DiscreteGaussian(Fraction(Integer(1) << 60)), stream(), 20000000), rare);
    // Positive control: nothing but bins, and uniform within them.
    EXPECT_LT(p_value_within_bins(1024, 32, DiscreteGaussian(Fraction(Integer(1) << 60)), stream(), 20000000), rare);
}

TEST_F(DiscreteGaussianDraws, AreTheSameByManyBitsOrFewWhereAllAreSure) {
    // One bit more or less moves no draw: with 40 bits the chance that any of these is undecided is below one in 10^6.
    const DiscreteGaussian many{Fraction(25)}, few(Fraction(25), 40);
    const auto seed = random_();
    random_.seed(seed);
    const auto by_many = drawn(many, stream(), 10000);
    random_.seed(seed);
    EXPECT_EQ(drawn(few, stream(), 10000), by_many);
}

TEST_F(DiscreteGaussianDraws, AreThoseOfThePublishedAlgorithm) {
    constexpr std::size_t count = 100000;
    for (const std::uint64_t deviation : {1U, 7U, 200U}) {
        NoiseStream words = stream();
        const ReferenceGaussian<Integer> reference(Integer(deviation * deviation), 1);
        std::vector<std::int64_t> published(count);
        for (auto& x : published) x = reference.draw(words);
        const Cells cells = cells_of(deviation, count);
        EXPECT_GT(p_value(cells, published), rare);
        // Two samples: the cells' probabilities are estimated from both.
        const auto fast = drawn(DiscreteGaussian(Fraction(deviation * deviation)), stream(), count);
        std::vector<double> of_fast(cells.first.size()), of_published(cells.first.size());
        for (const auto x : fast) ++of_fast[cells.of(x)];
        for (const auto x : published) ++of_published[cells.of(x)];
        double chi_square = 0;
        for (std::size_t c = 0; c < of_fast.size(); ++c) chi_square += (of_fast[c] - of_published[c]) * (of_fast[c] - of_published[c]) / (of_fast[c] + of_published[c]);
        EXPECT_GT(boost::math::gamma_q(static_cast<double>(of_fast.size() - 1) / 2, chi_square / 2), rare);
    }
}

TEST_F(DiscreteGaussianDraws, DoNotDependOnTheOneBefore) {
    constexpr std::size_t pairs = 2000000;
    const auto draws = drawn(DiscreteGaussian(Fraction(1)), stream(), 2 * pairs);
    const auto cell = [](std::int64_t x) { return static_cast<std::size_t>(std::clamp<std::int64_t>(x, -3, 3) + 3); };
    double count[7][7] = {}, first[7] = {}, second[7] = {};
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::size_t a = cell(draws[2 * i]), b = cell(draws[2 * i + 1]);
        ++count[a][b], ++first[a], ++second[b];
    }
    double chi_square = 0;
    for (std::size_t a = 0; a < 7; ++a)
        for (std::size_t b = 0; b < 7; ++b) {
            const double expected = first[a] * second[b] / pairs;
            chi_square += (count[a][b] - expected) * (count[a][b] - expected) / expected;
        }
    EXPECT_GT(boost::math::gamma_q(18, chi_square / 2), rare);
}

TEST_F(DiscreteGaussianDraws, AreTheSameInPieces) {
    for (const Fraction& variance : {Fraction(3), Fraction(1000000)}) {
        const DiscreteGaussian gaussian(variance);
        const auto seed = random_();
        random_.seed(seed);
        const auto whole = drawn(gaussian, stream(), 5000);
        random_.seed(seed);
        NoiseStream words = stream();
        std::vector<std::int64_t> pieces(5000);
        for (std::size_t begin = 0, size = 0; begin < pieces.size(); begin += size++) gaussian.draw(words, std::span(pieces).subspan(begin, std::min(size, pieces.size() - begin)));
        EXPECT_EQ(pieces, whole);
    }
}

// Positive controls: the test above would see a sampler that is nearly right.

TEST_F(DiscreteGaussianDraws, AreToldFromARoundedContinuousGaussian) {
    constexpr std::size_t count = 3000000;
    for (const double deviation : {0.5, 3.0}) {
        std::normal_distribution<double> normal(0, deviation);
        std::vector<std::int64_t> draws(count);
        for (auto& x : draws) x = std::llrint(normal(random_));
        EXPECT_LT(p_value(cells_of(deviation, count), draws), rare);
    }
}

TEST_F(DiscreteGaussianDraws, AreToldFromThoseOfADeviationOfOnePercentMore) {
    constexpr std::size_t count = 3000000;
    EXPECT_LT(p_value(cells_of(1000, count), drawn(DiscreteGaussian(Fraction(1010 * 1010)), stream(), count)), rare);
    EXPECT_LT(p_value(cells_of(1e9L, count), drawn(DiscreteGaussian(Fraction(Integer(1010000000) * 1010000000)), stream(), count)), rare);
}

TEST_F(DiscreteGaussianDraws, AreToldFromThoseThatTakeZeroTwice) {
    constexpr std::size_t count = 3000000;
    auto draws = drawn(DiscreteGaussian(Fraction(100)), stream(), count);
    for (std::size_t i = 0; i < draws.size(); i += 25) draws[i] = 0;
    EXPECT_LT(p_value(cells_of(10, count), draws), rare);
}

}  // namespace
}  // namespace meterveil::protect
