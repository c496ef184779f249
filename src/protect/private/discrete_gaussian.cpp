#include "protect/private/discrete_gaussian.hpp"

#include <algorithm>
#include <limits>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/ids.hpp"
#include "protect/private/enclosure.hpp"

namespace meterveil::protect {
namespace {

using model::uint128;

constexpr unsigned least_bins_a_deviation = 32;  // the fewer, the more draws are rejected or looked at closely
constexpr unsigned guard_bits = 64;
constexpr std::uint64_t fixed_margin = 16;  // more than fixed_probability errs, in 2^-64

/// A number that is uniform in [0, 1): its first bits are drawn, further ones as they are needed.
class LazyUniform {
public:
    LazyUniform(std::uint64_t first, unsigned num_bits) : drawn_(first), num_bits_(num_bits) {}
    void extend(NoiseStream& stream) {
        drawn_ = (drawn_ << 64) + stream.next();
        num_bits_ += 64;
    }
    [[nodiscard]] unsigned num_bits() const { return num_bits_; }
    /// @param value of more bits than are drawn
    [[nodiscard]] bool is_surely_below(const Enclosure& value) const { return ((drawn_ + 1) << (value.bits - num_bits_)) <= value.low; }
    [[nodiscard]] bool is_surely_not_below(const Enclosure& value) const { return (drawn_ << (value.bits - num_bits_)) >= value.high; }

private:
    Integer drawn_;
    unsigned num_bits_;
};

/// floor(2^bits * value), or nothing if the enclosure is too wide to tell.
bool has_floor(const Enclosure& value, unsigned bits, std::uint64_t& floor) {
    const Integer low = value.low >> (value.bits - bits), high = value.high >> (value.bits - bits);
    const Integer most = (Integer(1) << bits) - 1;
    floor = static_cast<std::uint64_t>(std::min(low, most));
    return low == high || low >= most;
}

/// floor(2^bits * F(i)), at most 2^bits - 1, of the cumulative distribution F; up to the first that is 2^bits - 1.
std::vector<std::uint64_t> last_choices(const Fraction& step, unsigned bits) {
    for (unsigned fine = bits + guard_bits;; fine += guard_bits) {
        std::vector<std::uint64_t> choices;
        for (const Enclosure& cumulative : cumulative_weights(step, fine)) {
            choices.emplace_back();
            if (!has_floor(cumulative, bits, choices.back())) break;
            if (choices.back() == std::numeric_limits<std::uint64_t>::max() >> (64 - bits)) return choices;
        }
    }
}

/// x^2 - left^2 of x = left + offset.
template <class Number>
Number excess_of(const Number& left, const Number& offset) {
    return offset * (2 * left + offset);
}

}  // namespace

/// exp(-q) = 1 - q/1 (1 - q/2 (1 - q/3 (...))), 20 terms. Each rounding errs by less than 2 and is multiplied by q/k on its way out:
/// less than 2 exp(q) < 4 in all. What follows the 20 terms is below q^21 / 21! < 2^-64.
std::uint64_t fixed_exp_minus(std::uint64_t exponent) {
    constexpr uint128 one = static_cast<uint128>(1) << 64;
    uint128 value = one;
#pragma GCC unroll 20
    for (std::uint64_t k = 20; k > 0; --k) value = one - static_cast<std::uint64_t>((value * exponent) >> 64) / k;
    return static_cast<std::uint64_t>(std::min(value, one - 1));
}

DiscreteGaussian::DiscreteGaussian(const Fraction& variance, unsigned first_bits)
    : variance_(variance), first_bits_(first_bits), guide_bits_(std::min(10U, first_bits)),
      margin_(first_bits == all_bits ? fixed_margin : std::uint64_t{1} << 63) {
    EXPECTS(variance > 0 && variance <= Fraction(Integer(4000000000000000000)));
    EXPECTS(first_bits >= 1 && first_bits <= all_bits);
    while (variance >= Fraction(Integer(least_bins_a_deviation * least_bins_a_deviation) << (2 * width_bits_ + 2))) ++width_bits_;
    keep_bits_ = std::min(first_bits, 63 - width_bits_);
    step_ = Fraction(Integer(1) << (2 * width_bits_)) / (2 * variance);
    last_choice_ = last_choices(step_, first_bits);
    std::uint32_t bin = 0;
    for (std::uint64_t top = 0; top < std::uint64_t{1} << guide_bits_; ++top) {
        while (last_choice_[bin] < top << (first_bits - guide_bits_)) ++bin;
        guide_.push_back(bin);
    }
    if (width_bits_ > 0) prepare_to_keep();  // else a bin is one integer: nothing is rejected
}

void DiscreteGaussian::prepare_to_keep() {
    for (std::uint64_t i = 0; i < last_choice_.size(); ++i)
        surely_kept_.push_back(static_cast<std::uint64_t>(exp_minus(step_ * (2 * i + 1), keep_bits_ + guard_bits).low >> guard_bits));
    while (Fraction(Integer(1) << scale_shift_) < variance_) ++scale_shift_;  // 2^64 * 2^scale_shift / (2 variance) is in [2^63, 2^64)
    scale_ = static_cast<std::uint64_t>(floor_of(Fraction(Integer(1) << (63 + scale_shift_)) / variance_));
    // Of the bins in the table, x^2 - left^2 is below 2^63 and below the variance: half of it over the variance is below 1/2.
    const Integer largest = excess_of<Integer>(Integer(last_choice_.size() - 1) << width_bits_, Integer(1) << width_bits_);
    EXPECTS(largest < variance_ && largest < Integer(1) << 63);
    for (std::uint64_t i = 0; i < surely_kept_.size(); ++i) {  // the two ways agree: not even the last number of a bin is kept less often
        const std::uint64_t surely = surely_kept_[i] << (64 - keep_bits_);
        EXPECTS(surely - std::min(surely, fixed_margin) <= fixed_probability(i, (std::uint64_t{1} << width_bits_) - 1));
    }
}

void DiscreteGaussian::draw(NoiseStream& stream, std::span<std::int64_t> noise) const {
    const std::uint64_t offset_mask = (std::uint64_t{1} << width_bits_) - 1;
    for (std::size_t i = 0; i < noise.size();) {
        const std::uint64_t choice = stream.next() >> (all_bits - first_bits_), rest = stream.next();
        std::uint64_t bin = guide_[choice >> (first_bits_ - guide_bits_)];
        while (last_choice_[bin] < choice) ++bin;
        if (last_choice_[bin] == choice) [[unlikely]] bin = undecided_bin(bin, choice, stream);
        const bool is_negative = (rest & 1) != 0;
        const std::uint64_t offset = rest >> 1 & offset_mask, magnitude = (bin << width_bits_) + offset;
        if (width_bits_ > 0) {
            const std::uint64_t uniform = rest >> (64 - keep_bits_);
            const bool is_surely_kept = bin < surely_kept_.size() && uniform < surely_kept_[bin];
            if (!is_surely_kept && !is_kept(bin, offset, uniform, stream)) continue;
        }
        if (is_negative && magnitude == 0) continue;  // or zero would have the weight of two
        noise[i++] = is_negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    }
}

/// The choice is that of bin `first` or of a later one: more bits tell.
std::uint64_t DiscreteGaussian::undecided_bin(std::uint64_t first, std::uint64_t choice, NoiseStream& stream) const {
    for (LazyUniform uniform(choice, first_bits_);;) {
        uniform.extend(stream);
        const auto cumulative = cumulative_weights(step_, uniform.num_bits() + guard_bits);
        for (std::uint64_t bin = first; bin < cumulative.size(); ++bin) {
            if (uniform.is_surely_below(cumulative[bin])) {
                EXPECTS(bin < std::uint64_t{1} << (62 - width_bits_));
                return bin;
            }
            if (!uniform.is_surely_not_below(cumulative[bin])) break;
        }
    }
}

/// 2^64 exp(-(x^2 - left^2) / (2 variance)) for x in a bin of the table. The exponent errs by less than 2, its exponential by less than 4.
std::uint64_t DiscreteGaussian::fixed_probability(std::uint64_t bin, std::uint64_t offset) const {
    const auto excess = static_cast<uint128>(excess_of(bin << width_bits_, offset));
    return fixed_exp_minus(static_cast<std::uint64_t>((excess * scale_) >> scale_shift_));
}

/// Whether a uniform number that starts with the keep_bits_ of `uniform` is below exp(-(x^2 - left^2) / (2 variance)).
bool DiscreteGaussian::is_kept(std::uint64_t bin, std::uint64_t offset, std::uint64_t uniform, NoiseStream& stream) const {
    const std::uint64_t longer = (uniform << (64 - keep_bits_)) | (stream.next() >> keep_bits_);
    if (bin >= last_choice_.size()) return undecided_is_kept(excess_of<Integer>(Integer(bin) << width_bits_, offset), longer, stream);
    const std::uint64_t probability = fixed_probability(bin, offset);
    if (probability > margin_ && longer < probability - margin_) return true;
    if (longer > margin_ && longer - margin_ > probability) return false;
    return undecided_is_kept(excess_of(bin << width_bits_, offset), longer, stream);
}

bool DiscreteGaussian::undecided_is_kept(const Integer& excess, std::uint64_t uniform, NoiseStream& stream) const {
    for (LazyUniform longer(uniform, 64);;) {
        longer.extend(stream);
        const Enclosure probability = exp_minus(Fraction(excess) / (2 * variance_), longer.num_bits() + guard_bits);
        if (longer.is_surely_below(probability)) return true;
        if (longer.is_surely_not_below(probability)) return false;
    }
}

}  // namespace meterveil::protect
