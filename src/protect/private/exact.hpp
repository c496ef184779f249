#pragma once
// Numbers without rounding: of budgets, of variances, and of what decides a draw. No floating point, no overflow.

#include <boost/multiprecision/cpp_int.hpp>

namespace meterveil::protect {

using Integer = boost::multiprecision::cpp_int;
using Fraction = boost::multiprecision::cpp_rational;  ///< in lowest terms

/// floor of a fraction >= 0.
inline Integer floor_of(const Fraction& fraction) { return numerator(fraction) / denominator(fraction); }

}  // namespace meterveil::protect
