#include "protect/private/bounded_contribution.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"

namespace meterveil::protect {
namespace {

using model::uint128;
__extension__ using Wide = __int128;

constexpr std::size_t most_values = std::size_t{1} << 32;

}  // namespace

uint128 squared_norm(std::span<const std::int64_t> values) {
    EXPECTS(values.size() <= most_values);
    uint128 sum = 0;
    for (const std::int64_t value : values) sum += static_cast<uint128>(static_cast<Wide>(value) * value);
    return sum;
}

std::uint64_t square_root_up(uint128 square) {
    EXPECTS(square <= static_cast<uint128>(1) << 126);
    std::uint64_t root = 0;  // the largest whose square is below
    for (int bit = 63; bit >= 0; --bit) {
        const std::uint64_t larger = root | std::uint64_t{1} << bit;
        if (static_cast<uint128>(larger) * larger < square) root = larger;
    }
    return square == 0 ? 0 : root + 1;
}

void bound_contribution(std::span<std::int64_t> values, const ContributionBounds& bounds) {
    EXPECTS(bounds.clip >= 0 && bounds.clip <= ContributionBounds::most_clip);
    EXPECTS(bounds.norm >= 0 && bounds.norm <= ContributionBounds::most_norm);
    for (std::int64_t& value : values) value = std::clamp(value, -bounds.clip, bounds.clip);
    const uint128 square = squared_norm(values);
    if (square <= static_cast<uint128>(bounds.norm) * static_cast<uint128>(bounds.norm)) return;
    const auto norm = static_cast<Wide>(square_root_up(square));
    for (std::int64_t& value : values) value = static_cast<std::int64_t>(static_cast<Wide>(value) * bounds.norm / norm);
}

}  // namespace meterveil::protect
