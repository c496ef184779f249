#pragma once
// What a budget rho of zero-concentrated differential privacy means for an attacker: (epsilon, delta) and advantage.
// Figures are for people and evidence: no noise depends on them. Pure. docs/methods/privacy-accounting.md

#include <cstdint>
#include <span>

#include "protect/private/exact.hpp"

namespace meterveil::protect {

/// The curve of a continuous Gaussian mechanism whose two outputs are mu standard deviations apart: mu = sqrt(2 rho).
/// delta(epsilon) = Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu). @param epsilon >= 0 @param mu > 0
/// @source Balle and Wang, Improving the Gaussian Mechanism for Differential Privacy (2018), theorem 8
/// Example: epsilon 1 and mu 1 / 3.7306 give 1e-5.
double gaussian_delta(double epsilon, double mu);

/// The least epsilon for a delta, from above. @param delta 0 < delta < 1
double gaussian_epsilon(double delta, double mu);

/// 2 Phi(mu/2) - 1: true minus false positives of the best test between the two outputs of a continuous mechanism.
double gaussian_advantage(double mu);

/// An epsilon for a delta that holds of every mechanism with rho-zCDP.
/// @source Canonne, Kamath and Steinke (2020), section 2.3, with the best alpha
double concentrated_epsilon(double delta, double rho);

/// Noise of one variance, and over how many cells a unit's vector may reach in the levels that have it.
struct NoisyCells {
    Fraction variance;
    std::uint64_t count = 0;
};

/// What is claimed of a release.
struct PrivacyClaim {
    double rho = 0;
    double delta = 0;
    double epsilon = 0;             ///< proven for the discrete noise, rounded up
    double continuous_epsilon = 0;  ///< what continuous noise of the same rho would have; at most epsilon
    double advantage = 0;           ///< proven bound on true minus false positives of any test whether a unit is in the data
};

/// @param rho sum of all levels' budgets @param cells of all levels @param delta 0 < delta < 1
PrivacyClaim claim_of(const Fraction& rho, std::span<const NoisyCells> cells, double delta);

}  // namespace meterveil::protect
