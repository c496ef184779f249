#pragma once
// Names of things after the cloakroom: nothing here can be turned back into a source id.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "meterveil/core/strong.hpp"

namespace meterveil::model {

/// First 128 bits of HMAC-SHA256(domain key, canonical id). @source privacy.md section 6
using Pseudonym = Strong<struct PseudonymTag, std::array<std::byte, 16>>;

/// Sum of energy, Wh. Shards hold int32 quanta; sums are int64 Wh.
using EnergyWh = Strong<struct EnergyTag, std::int64_t>;

/// Which measured quantity and direction. Import and export are never netted.
enum class Channel : std::uint8_t { import = 0, export_ = 1 };
inline constexpr int num_channels = 2;

/// @return "import" or "export"
constexpr const char* name_of(Channel channel) { return channel == Channel::import ? "import" : "export"; }

enum class Quality : std::uint8_t { measured = 0, estimated = 1, substituted = 2, missing = 3 };

/// Index into Hierarchy::nodes.
using NodeId = std::uint32_t;
/// Index into ShardPlan::shards.
using ShardId = std::uint32_t;
/// Index of an atom: a set of meters fixed for the publication period. @source privacy.md section 2
using AtomId = std::uint32_t;

inline constexpr std::uint32_t no_id = 0xffffffffU;

__extension__ typedef unsigned __int128 uint128;

/// First 8 bytes of a pseudonym as a number: spreads meters over ranks and blocks.
inline std::uint64_t leading_bits(const Pseudonym& p) {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | std::to_integer<std::uint64_t>(p.value[static_cast<std::size_t>(i)]);
    return bits;
}

/// Which of `parts` equal slices of the pseudonym space holds `p`. Pure; the same on every rank.
inline std::uint32_t slice_of(const Pseudonym& p, std::uint32_t parts) {
    return static_cast<std::uint32_t>((static_cast<uint128>(leading_bits(p)) * parts) >> 64);
}

}  // namespace meterveil::model
