#pragma once
// Random numbers by counter: every draw is a pure function of the seed and of what it is for, so
// that any rank can make any row and the bytes do not depend on who does.

#include <cmath>
#include <cstdint>

#include "meterveil/model/ids.hpp"

namespace meterveil::generate {

/// What a draw is for; keeps draws of one premise apart.
enum class Purpose : std::uint64_t {
    region_size, feeder_size, fan_out, temperature, cloud, kind, base_load, heating, electric_vehicle, solar, vacant,
    churn, churn_time, person, sites, tariff, address, activity, charging, noise, gap, gap_length, duplicate, meter_id,
    customer_id,
};

/// Finaliser of SplitMix64. @source Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014)
constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/// The stream of one subject (premise, feeder, customer) for one purpose.
constexpr std::uint64_t stream(std::uint64_t seed, Purpose purpose, std::uint64_t subject) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    return mix(mix(mix(seed + golden) + (static_cast<std::uint64_t>(purpose) + 1) * golden) + subject * golden);
}

/// 64 bits: draw `counter` of a stream.
constexpr std::uint64_t draw(std::uint64_t stream_bits, std::uint64_t counter) {
    return mix(stream_bits + (counter + 1) * 0x9e3779b97f4a7c15U);
}

/// 0 .. count - 1 of 64 random bits. @param count > 0
constexpr std::uint64_t below(std::uint64_t bits, std::uint64_t count) {
    return static_cast<std::uint64_t>((static_cast<model::uint128>(bits) * count) >> 64);
}

/// low .. high of 64 random bits, both included.
constexpr std::int64_t between(std::uint64_t bits, std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(bits, static_cast<std::uint64_t>(high - low) + 1));
}

/// A chance as a threshold: happens if bits < threshold_of(share). The share 1 is all but one in 2^53.
inline std::uint64_t threshold_of(double share) {
    if (share <= 0) return 0;
    return static_cast<std::uint64_t>(std::ldexp(std::fmin(share, 1.0 - std::ldexp(1.0, -53)), 64));
}

}  // namespace meterveil::generate
