#pragma once
// The discrete Gaussian as it is published: Canonne, Kamath and Steinke, The Discrete Gaussian for Differential Privacy (2020),
// algorithms 1 to 3, word for word. Slow and exact: what the fast one is tested against and measured beside.

#include <cstdint>

#include "protect/private/noise_stream.hpp"

namespace meterveil::protect {

/// @tparam Number an unsigned whole number that holds 8,000 sigma^4 denominator^2: Integer does for any sigma
template <class Number>
class ReferenceGaussian {
public:
    /// N_Z(0, numerator / denominator).
    ReferenceGaussian(const Number& numerator, const Number& denominator) : n_(numerator), d_(denominator), t_(1) {
        while (t_ * t_ * d_ <= n_) ++t_;  // floor(sigma) + 1
    }

    /// Algorithm 3: a discrete Laplace of scale t, kept with exp(-(|y| - sigma^2 / t)^2 / (2 sigma^2)).
    std::int64_t draw(NoiseStream& stream) const {
        for (;;) {
            const Laplace y = laplace(stream);
            const Number left = y.magnitude * d_ * t_, distance = left > n_ ? Number(left - n_) : Number(n_ - left);
            if (!bernoulli_exp_minus(Number(distance * distance), Number(2 * n_ * d_ * t_ * t_), stream)) continue;
            return y.is_negative ? -static_cast<std::int64_t>(y.magnitude) : static_cast<std::int64_t>(y.magnitude);
        }
    }

private:
    struct Laplace {
        Number magnitude;
        bool is_negative;
    };

    /// Algorithm 2 with scale t / 1.
    Laplace laplace(NoiseStream& stream) const {
        for (;;) {
            const Number u = uniform_below(t_, stream);
            if (!bernoulli_exp_minus(u, t_, stream)) continue;
            Number v = 0;
            while (bernoulli_exp_minus(Number(1), Number(1), stream)) ++v;
            const Number magnitude = u + t_ * v;
            const bool is_negative = (stream.next() & 1) != 0;
            if (is_negative && magnitude == 0) continue;
            return {magnitude, is_negative};
        }
    }

    /// Algorithm 1: true with probability exp(-numerator / denominator).
    static bool bernoulli_exp_minus(Number numerator, const Number& denominator, NoiseStream& stream) {
        for (; numerator > denominator; numerator -= denominator)
            if (!bernoulli_exp_minus(Number(1), Number(1), stream)) return false;
        unsigned k = 1;
        while (uniform_below(Number(denominator * k), stream) < numerator) ++k;
        return k % 2 == 1;
    }

    /// Uniform in 0 .. bound - 1, by rejection of whole bits.
    static Number uniform_below(const Number& bound, NoiseStream& stream) {
        unsigned bits = 0;
        while ((Number(bound - 1) >> bits) != 0) ++bits;
        for (;;) {
            Number drawn = 0;
            unsigned missing = bits;
            for (; missing > 64; missing -= 64) drawn = Number(drawn << 64) | stream.next();
            if (missing > 0) drawn = Number(drawn << missing) | (stream.next() >> (64 - missing));
            if (drawn < bound) return drawn;
        }
    }

    Number n_, d_, t_;
};

}  // namespace meterveil::protect
