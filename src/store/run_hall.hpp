#pragma once
// Where arriving readings wait until their shard is written: in memory, or on the scratch disk.

#include <memory>
#include <span>

#include "meterveil/store/run.hpp"
#include "store/assembly.hpp"

namespace meterveil::store {

/// Rows of one file that came together.
struct Arrival {
    std::uint32_t file = 0;
    std::span<const model::Reading> readings;   ///< `who` is a slot of this rank
    std::span<const std::uint32_t> versions;    ///< of each reading; empty: 0 for all
};

class Hall {
public:
    virtual ~Hall() = default;
    virtual Result<> take(std::span<const Arrival> arrivals) = 0;
    /// The assembly of a shard with all its readings. Each shard once, in order.
    virtual Result<Assembly> assemble(std::size_t shard) = 0;
};

/// @param owned shards of this rank; slots count their rows end to end
/// @param dense true: everything in memory, and no versions; false: spooled to `scratch` by shard. Of rows with versions the
///   highest of a cell is kept, all lower ones are superseded
Result<std::unique_ptr<Hall>> make_hall(const std::vector<model::OwnedShard>& owned, std::uint32_t num_intervals, std::size_t num_files,
                                        bool dense, const std::string& scratch);

}  // namespace meterveil::store
