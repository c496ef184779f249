#pragma once
// Exact sums over units, not yet certified. Left of the wall.

#include <cstdint>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::model {

/// The units of one channel that this rank owns: [owned.first, owned.last) of Partition::units.
struct ChannelCells {
    Channel channel = Channel::import;
    IndexRange owned;                      ///< block_of(units, ranks, rank)
    std::vector<std::int64_t> energy_wh;   ///< [owned.size() x axis.count]
    std::vector<std::uint64_t> filled;     ///< [owned.size()] filled readings in the sum
    std::vector<std::uint64_t> readings;   ///< [owned.size()] all readings in the sum
};

struct Cells {
    Axis axis;
    std::vector<ChannelCells> channels;  ///< same order as the partitions
};

}  // namespace meterveil::model
