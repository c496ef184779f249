#include "protect/length_guard.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/release.hpp"

namespace meterveil::protect {

double log2_choices(std::uint64_t candidates, std::uint64_t chosen) {
    EXPECTS(chosen <= candidates);
    const std::uint64_t fewer = std::min(chosen, candidates - chosen);
    double bits = 0;
    for (std::uint64_t i = 1; i <= fewer; ++i) bits += std::log2(static_cast<double>(candidates - fewer + i) / static_cast<double>(i));
    return bits;
}

std::uint64_t longest_series(std::uint64_t candidates, std::uint64_t meters) {
    const double values = log2_choices(candidates, std::min(meters, candidates / 2)) / model::LengthGuard::bits_per_value;
    return std::bit_floor(static_cast<std::uint64_t>(values));
}

}  // namespace meterveil::protect
