#pragma once
// The discrete Gaussian N_Z(0, variance): P(x) proportional to exp(-x^2 / (2 variance)) on the integers, exactly.
// Integers only. docs/methods/discrete-gaussian.md

#include <cstdint>
#include <span>
#include <vector>

#include "protect/private/exact.hpp"
#include "protect/private/noise_stream.hpp"

namespace meterveil::protect {

/// The tables of one variance; shared by threads, each with its own stream.
class DiscreteGaussian {
public:
    static constexpr unsigned all_bits = 64;
    /// @param variance of 0 < variance <= 4 * 10^18: in Wh^2 a standard deviation of up to 2 GWh
    /// @param first_bits 1 to 64: how many bits of a uniform number are looked at before the exact ways are taken. With fewer these
    ///        are taken more often, and the distribution is the same: for tests.
    explicit DiscreteGaussian(const Fraction& variance, unsigned first_bits = all_bits);

    /// Fills `noise` with independent draws. The same stream gives the same draws.
    void draw(NoiseStream& stream, std::span<std::int64_t> noise) const;
    [[nodiscard]] const Fraction& variance() const { return variance_; }

private:
    void prepare_to_keep();
    [[nodiscard]] std::uint64_t undecided_bin(std::uint64_t first, std::uint64_t choice, NoiseStream& stream) const;
    [[nodiscard]] std::uint64_t fixed_probability(std::uint64_t bin, std::uint64_t offset) const;
    [[nodiscard]] bool is_kept(std::uint64_t bin, std::uint64_t offset, std::uint64_t uniform, NoiseStream& stream) const;
    [[nodiscard]] bool undecided_is_kept(const Integer& excess, std::uint64_t uniform, NoiseStream& stream) const;

    Fraction variance_;
    unsigned first_bits_, guide_bits_;
    unsigned width_bits_ = 0;   ///< a bin has 2^width_bits integers
    unsigned keep_bits_;        ///< of the first look at whether a draw is kept
    std::uint64_t margin_;      ///< in 2^-64: nearer to the probability of being kept, the enclosures decide; more than fixed_exp_minus may err
    Fraction step_;             ///< width^2 / (2 variance)
    std::vector<std::uint64_t> last_choice_;  ///< [bin] floor(2^first_bits * cumulative distribution)
    std::vector<std::uint32_t> guide_;        ///< [top bits of a choice] first bin that it may be in
    std::vector<std::uint64_t> surely_kept_;  ///< [bin] uniform numbers below are kept wherever in the bin
    std::uint64_t scale_ = 0;   ///< floor(2^(64 + scale_shift) / (2 variance)), at least 2^63
    unsigned scale_shift_ = 0;
};

/// exp(-exponent / 2^64) * 2^64, within 4. @param exponent below 2^63
std::uint64_t fixed_exp_minus(std::uint64_t exponent);

}  // namespace meterveil::protect
