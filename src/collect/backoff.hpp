#pragma once
// How long to wait before the next attempt. Pure.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace meterveil::collect {

inline constexpr std::chrono::milliseconds longest_backoff{60'000};
/// A server that asks for more is not waited for.
inline constexpr std::chrono::seconds longest_retry_after{3600};

/// Doubles with each failure up to a minute; a random half of it keeps clients apart; never less than the server asked for.
/// @param failures in a row, 1 at least
/// @param draw in [0, 1)
/// Example: backoff(3, 1 s, 0, 0 s) == 2 s; backoff(3, 1 s, 0.5, 0 s) == 3 s; backoff(3, 1 s, 0, 7 s) == 7 s.
inline std::chrono::milliseconds backoff(std::uint32_t failures, std::chrono::milliseconds first, double draw, std::chrono::seconds retry_after) {
    const std::uint32_t doublings = std::min(failures - 1, 16U);  // a minute is reached before, from a millisecond on
    const auto full = std::min(first * (std::int64_t{1} << doublings), longest_backoff);
    const auto jittered = full / 2 + std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(full.count()) / 2 * draw));
    return std::max<std::chrono::milliseconds>(jittered, retry_after);
}

}  // namespace meterveil::collect
