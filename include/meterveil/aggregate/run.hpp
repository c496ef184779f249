#pragma once
// The workshop's second bench: the last sight of a reading. Everything later is sums over atoms.

#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/cells.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::aggregate {

/// Collective. int64 sums of every atom and interval, rolled up to units, each on the rank that owns it.
/// @errors storage
Result<model::Cells> run(par::Comm& comm, const model::ShardSet& shards, const std::vector<model::Partition>& partitions);

}  // namespace meterveil::aggregate
