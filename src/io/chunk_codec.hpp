#pragma once
// One chunk of a shard as bytes: byte-shuffled int32, then a zstd frame with its checksum. Equal to HDF5's own shuffle
// filter followed by the registered filter 32015, so that any HDF5 tool with zstd reads a shard.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::io {

/// zstd, level 1, frame checksum.
std::vector<std::byte> compress(std::span<const std::byte> bytes);

/// Bytes that were compressed, as the frame itself says.
std::uint64_t stated_size(std::span<const std::byte> packed);

/// @param bytes of the size that was compressed. @return false: damaged
[[nodiscard]] bool decompress(std::span<const std::byte> packed, std::span<std::byte> bytes);

inline constexpr int zstd_filter = 32015;

/// Pure. @return the compressed bytes
std::vector<std::byte> encode_chunk(std::span<const std::int32_t> values);

/// Pure. @param values exactly as many as were encoded @errors storage: damaged
Result<> decode_chunk(std::span<const std::byte> bytes, std::span<std::int32_t> values);

}  // namespace meterveil::io
