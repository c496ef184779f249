#pragma once
// Real numbers to any precision, as two integers between which they lie. Pure. docs/methods/discrete-gaussian.md

#include <cstdint>
#include <vector>

#include "protect/private/exact.hpp"

namespace meterveil::protect {

/// low <= value * 2^bits <= high.
struct Enclosure {
    Integer low, high;
    unsigned bits = 0;
};

/// exp(-exponent), no wider than 2^-bits or so. @param exponent >= 0
/// Example: exp_minus(0, 8) has low <= 256 <= high.
Enclosure exp_minus(const Fraction& exponent, unsigned bits);

/// The cumulative distribution of i = 0, 1, 2, ... with weights exp(-i^2 step), up to where less than 2^-bits is left.
/// @param step > 0
std::vector<Enclosure> cumulative_weights(const Fraction& step, unsigned bits);

}  // namespace meterveil::protect
