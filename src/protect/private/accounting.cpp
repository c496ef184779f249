#include "protect/private/accounting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "meterveil/core/contract.hpp"

namespace meterveil::protect {
namespace {

using Real = long double;

constexpr double safety = 1e-9;  // more than the curves err, relative
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr Real log_tail = 100;          // noise so far out that it happens with exp(-log_tail) is left to delta
constexpr double most_epsilon = 50;     // with that tail

Real normal_tail(Real x) { return std::erfc(x / std::numbers::sqrt2_v<Real>) / 2; }

/// What discrete noise can have more than continuous noise. docs/methods/privacy-accounting.md, "Discrete and continuous"
struct Discretisation {
    Real total = 0;         ///< sum over cells of 1 / (24 variance)
    Real log_thicker = 0;   ///< at most so much is a discrete probability above that of rounded continuous noise
    Real log_thinner = 0;   ///< or below it, but in the tail
};

Discretisation discretisation_of(std::span<const NoisyCells> cells) {
    Discretisation gap;
    Real largest = 0, of_rounding = 0, of_total = 0;
    for (const NoisyCells& c : cells) {
        const Real variance = c.variance.convert_to<Real>(), count = static_cast<Real>(c.count), one = 1 / (24 * variance);
        const Real wave = std::exp(-2 * std::numbers::pi_v<Real> * std::numbers::pi_v<Real> * variance);
        largest = std::max(largest, one);
        gap.total += count * one;
        gap.log_thicker -= one < 1 ? count * std::log1p(-one) : -static_cast<Real>(infinite);
        of_rounding += count * one / (2 * variance);
        of_total += count * 2 * wave / (1 - wave);
    }
    const Real spread = 2 * std::numbers::ln2_v<Real> * gap.total + 4 * largest * log_tail;
    gap.log_thinner = 2 * spread + of_rounding + of_total;
    return gap;
}

/// By comparison with rounded continuous noise; infinite where that says nothing.
double compared_epsilon(const Discretisation& gap, double delta, double mu) {
    const Real left = delta * std::exp(-gap.log_thicker) - std::exp(most_epsilon - log_tail);
    if (!(left > 0)) return infinite;
    const double epsilon = gaussian_epsilon(static_cast<double>(left) * (1 - safety), mu);
    return epsilon <= most_epsilon ? epsilon + static_cast<double>(gap.log_thicker + gap.log_thinner) : infinite;
}

}  // namespace

double gaussian_delta(double epsilon, double mu) {
    EXPECTS(epsilon >= 0 && mu > 0);
    const Real near = static_cast<Real>(epsilon) / mu - static_cast<Real>(mu) / 2, far = near + mu;
    const Real second = normal_tail(far);  // e^epsilon may be beyond a number where this is beneath one
    return static_cast<double>(normal_tail(near) - (second > 0 ? std::exp(epsilon + std::log(second)) : 0));
}

double gaussian_epsilon(double delta, double mu) {
    EXPECTS(delta > 0 && delta < 1);
    const double wanted = delta * (1 - safety);
    double low = 0, high = 1;
    if (gaussian_delta(0, mu) <= wanted) return 0;
    while (gaussian_delta(high, mu) > wanted) high *= 2;
    for (int step = 0; step < 100; ++step) {
        const double middle = (low + high) / 2;
        (gaussian_delta(middle, mu) > wanted ? low : high) = middle;
    }
    return high;
}

double gaussian_advantage(double mu) { return std::erf(mu / 2 / std::numbers::sqrt2); }

double concentrated_epsilon(double delta, double rho) {
    EXPECTS(delta > 0 && delta < 1 && rho > 0);
    // Any alpha > 1 is valid; the best lies where a ternary search over log(alpha - 1) ends.
    const auto epsilon_by = [&](Real log_less) {
        const Real less = std::exp(log_less), alpha = 1 + less;
        return alpha * rho + (-std::log(static_cast<Real>(delta)) - log_less + alpha * (log_less - std::log(alpha))) / less;
    };
    Real low = -20, high = 40;
    for (int step = 0; step < 200; ++step) {
        const Real third = (high - low) / 3;
        if (epsilon_by(low + third) < epsilon_by(high - third)) high -= third;
        else low += third;
    }
    return std::max(0.0, static_cast<double>(epsilon_by(low)) * (1 + safety));
}

PrivacyClaim claim_of(const Fraction& rho, std::span<const NoisyCells> cells, double delta) {
    const double loss = rho.convert_to<double>(), mu = std::sqrt(2 * loss);
    const Discretisation gap = discretisation_of(cells);
    PrivacyClaim claim{loss, delta, concentrated_epsilon(delta, loss), gaussian_epsilon(delta, mu), 1};
    claim.epsilon = std::min(claim.epsilon, compared_epsilon(gap, delta, mu));
    const double by_comparison = gaussian_advantage(mu) + 2 * static_cast<double>(gap.total);
    claim.advantage = std::min({by_comparison, std::sqrt(loss / 2), std::sqrt(-std::expm1(-loss))});
    return claim;
}

}  // namespace meterveil::protect
