#include "protect/private/enclosure.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"

namespace meterveil::protect {
namespace {

constexpr unsigned guard_bits = 64;

/// The same number to fewer bits.
Enclosure coarsened(const Enclosure& fine, unsigned bits) {
    const unsigned dropped = fine.bits - bits;
    return {fine.low >> dropped, (fine.high >> dropped) + 1, bits};
}

/// Of numbers >= 0.
Enclosure product(const Enclosure& a, const Enclosure& b) { return {(a.low * b.low) >> a.bits, ((a.high * b.high) >> a.bits) + 1, a.bits}; }

/// By its series, whose terms alternate and fall: what is left out is less than the last one. @param exponent <= 1/2
Enclosure exp_minus_small(const Fraction& exponent, unsigned bits) {
    const Integer one = Integer(1) << bits, x = (numerator(exponent) << bits) / denominator(exponent);
    Enclosure term{one, one, bits}, sum{one, one, bits};
    for (unsigned k = 1; term.high > 2; ++k) {
        term = product(term, {x, x + 1, bits});
        term = {term.low / k, term.high / k + 1, bits};
        sum.low += k % 2 == 0 ? term.low : -term.high;
        sum.high += k % 2 == 0 ? term.high : -term.low;
    }
    return {std::max(Integer(0), Integer(sum.low - term.high)), std::min(one, Integer(sum.high + term.high)), bits};
}

}  // namespace

Enclosure exp_minus(const Fraction& exponent, unsigned bits) {
    EXPECTS(exponent >= 0);
    if (exponent >= bits) return {0, 1, bits};  // e > 2
    unsigned halvings = 0;
    for (Fraction rest = exponent; rest * 2 > 1; rest /= 2) ++halvings;
    Enclosure value = exp_minus_small(exponent / Fraction(Integer(1) << halvings), bits + halvings + guard_bits);
    for (unsigned i = 0; i < halvings; ++i) value = product(value, value);
    return coarsened(value, bits);
}

/// exp(-(i+1)^2 step) = exp(-i^2 step) exp(-(2i+1) step). From the last weight on, weights fall at least as fast as a geometric
/// series with ratio exp(-2 last step), whose sum is below last weight / (2 last step), as exp(x) - 1 >= x.
std::vector<Enclosure> cumulative_weights(const Fraction& step, unsigned bits) {
    EXPECTS(step > 0);
    const unsigned fine = bits + guard_bits;
    const Integer one = Integer(1) << fine;
    const Enclosure ratio_of_ratios = exp_minus(step * 2, fine);
    Enclosure ratio = exp_minus(step, fine), weight{one, one, fine}, sum = weight;
    std::vector<Enclosure> sums{sum};
    while (weight.high > (Integer(1) << (guard_bits / 2))) {
        weight = product(weight, ratio);
        ratio = product(ratio, ratio_of_ratios);
        sum = {sum.low + weight.low, sum.high + weight.high, fine};
        sums.push_back(sum);
    }
    const Fraction last = sums.size() - 1;
    const Integer beyond = floor_of(weight.high / (2 * last * step)) + 1;
    const Integer least = sum.low, most = sum.high + beyond;
    for (Enclosure& s : sums) s = coarsened({(s.low << fine) / most, std::min(one, Integer((s.high << fine) / least + 1)), fine}, bits);
    return sums;
}

}  // namespace meterveil::protect
