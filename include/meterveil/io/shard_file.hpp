#pragma once
// One shard as an HDF5 file in custody: meter-major int32 quanta, chunks of a block of meters x the
// whole axis, byte-shuffled and zstd-compressed, written as a checked POSIX file with a SHA-256.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/model/shards.hpp"

namespace meterveil::io {

/// What a shard file holds beside the matrices.
struct ShardHeader {
    std::uint32_t shard = 0;
    model::Axis axis;
    std::int32_t energy_quantum_wh = 1;
    std::vector<model::ShardRow> rows;
    bool has_channel[model::num_channels] = {true, false};
};

/// Meters of one chunk.
inline constexpr std::uint32_t shard_chunk_meters = 64;

/// Writes a shard as a whole (temp, fsync, rename); PATH.sha256 beside it.
/// @param row (channel, index) -> [axis.count] quanta, or an empty span if the meter has no such
///   channel (stored as missing)
/// @errors storage
Result<> write_shard(const Path& path, const ShardHeader& header,
                     const std::function<std::span<const std::int32_t>(model::Channel, std::uint32_t)>& row);

/// Reads the header and checks the file's SHA-256. @errors storage: damaged, with the path
Result<ShardHeader> open_shard(const Path& path);

/// Decodes rows [first, last) of a channel. Thread-safe: chunks of one file may be read from
/// several threads (the HDF5 calls are serialised inside; the decoding is not).
/// @param quanta [(last - first) x axis.count]
/// @errors storage
Result<> read_rows(const Path& path, model::Channel channel, std::uint32_t first, std::uint32_t last,
                   std::uint32_t num_intervals, std::span<std::int32_t> quanta);

}  // namespace meterveil::io
