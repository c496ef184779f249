#pragma once
// Where the rows of a release stand in its files. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "meterveil/model/release.hpp"

namespace meterveil::publish {

/// "/feeder" or "/export/feeder": the group of a level.
std::string group_of(const model::Release& release, model::Channel channel, std::uint32_t level);

/// Units of one level in their order, and which of them a rank holds: consecutive rows.
struct LevelRows {
    std::vector<std::uint32_t> units;  ///< [row] unit
    std::uint64_t first_owned = 0, num_owned = 0;
};
LevelRows rows_of_level(const model::ReleasedChannel& channel, std::uint32_t level);

/// Levels that have a row, top first.
std::vector<std::uint32_t> levels_with_rows(const model::ReleasedChannel& channel);

/// Values of one unit at a resolution, from those at the finest.
/// @param finest, wanted bounds in intervals; the bins of `wanted` are unions of bins of `finest`
std::vector<std::int64_t> at_resolution(std::span<const std::int64_t> row, const model::Resolution& finest, const model::Resolution& wanted);

/// True if a bin of this resolution is a local day or more: it has a local date.
bool has_local_date(const model::Resolution& resolution);

/// Instants at which the bins start.
std::vector<std::int64_t> bin_starts_s(const model::Release& release, const model::Resolution& resolution);

}  // namespace meterveil::publish
