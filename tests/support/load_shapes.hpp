#pragma once
// Made-up shapes of homes: a few ways of living, mixed, with noise; and worse ones.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "profiles/shapes.hpp"

namespace meterveil::testing {

/// Curves near to mixtures of five patterns, as homes are: most of the variance in few directions, a long tail.
inline profiles::Shapes homes(std::size_t num_rows, std::size_t num_values, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::gamma_distribution<double> weight(0.5, 1), noise(12, 1.0 / 12);
    std::vector<std::vector<double>> patterns(5, std::vector<double>(num_values));
    for (auto& pattern : patterns) {
        const double peak = uniform(random) * static_cast<double>(num_values), width = static_cast<double>(num_values) * (0.05 + 0.3 * uniform(random));
        double sum = 0;
        for (std::size_t v = 0; v < num_values; ++v) sum += pattern[v] = 0.2 + std::exp(-std::pow((static_cast<double>(v) - peak) / width, 2));
        for (double& value : pattern) value *= static_cast<double>(num_values) / sum;
    }
    profiles::Shapes shapes{num_values, {}};
    for (std::size_t r = 0; r < num_rows; ++r) {
        std::vector<double> weights;
        for (std::size_t p = 0; p < patterns.size(); ++p) weights.push_back(weight(random));
        double all = 0;
        for (const double w : weights) all += w;
        for (std::size_t v = 0; v < num_values; ++v) {
            double value = 0;
            for (std::size_t p = 0; p < patterns.size(); ++p) value += weights[p] / all * patterns[p][v];
            shapes.values.push_back(static_cast<std::int16_t>(std::clamp<long>(std::lround(profiles::shape_unit * value * noise(random)), 0, profiles::max_shape_value)));
        }
    }
    return shapes;
}

/// Any values below `bound`: with a small one there are many ties and many rows that are equal.
inline profiles::Shapes any_shapes(std::size_t num_rows, std::size_t num_values, std::int32_t bound, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int32_t> value(0, bound - 1);
    profiles::Shapes shapes{num_values, {}};
    for (std::size_t i = 0; i < num_rows * num_values; ++i) shapes.values.push_back(static_cast<std::int16_t>(value(random)));
    return shapes;
}

}  // namespace meterveil::testing
