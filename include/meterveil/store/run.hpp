#pragma once
// The hall and the store: readings travel to the owner of their shard, are assembled into dense
// series, cleaned, and written to custody.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/readings.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::store {

/// How gaps are closed. `none`: a meter with a gap does not take part.
enum class Fill { typical, linear, none };

struct Options {
    std::string custody;                   ///< folder; shards go to custody/shards, spool to custody/scratch
    model::Calendar calendar;              ///< for the typical day: local slot of the day, weekday or not
    double min_coverage = 0.9;             ///< share of intervals measured, else the meter does not take part
    Fill fill = Fill::typical;
    std::int32_t energy_quantum_wh = 1;
    std::uint64_t memory_bytes = std::uint64_t{2} << 30;  ///< of this rank, for the assembly
    std::uint32_t readings_per_interval = 1;  ///< intervals of the readings' axis that make one of the shards' axis
};

/// Meters per shard aimed at; a region of more becomes several.
inline constexpr std::uint32_t meters_per_shard = 1024;

/// Collective. Cuts the roster into shards (by the data alone) and assigns them to ranks, largest first.
Result<model::ShardPlan> plan(par::Comm& comm, const model::Roster& roster);

/// Rows of this rank's shards, and the addresses of this rank's slice of the roster.
struct Placement {
    std::vector<model::OwnedShard> owned;     ///< rows sorted by meter pseudonym
    std::vector<model::Address> addresses;    ///< sorted by pseudonym
};
/// Collective. Sends each meter's record to the owner of its shard and its slot back.
Result<Placement> place(par::Comm& comm, const model::Roster& roster, const model::ShardPlan& plan);

/// What ended up in custody.
struct Stored {
    model::ShardSet shards;
    std::vector<model::RowAccount> accounts;  ///< per file, summed over ranks: they balance
    /// Per region (node of the first job level), summed over ranks.
    struct RegionQuality {
        std::uint64_t meters = 0, takes_part = 0, low_coverage = 0, silent = 0;  ///< import channel; silent: no reading at all
        std::uint64_t intervals = 0, measured = 0, filled = 0;                   ///< over meters that take part
    };
    std::vector<RegionQuality> regions;       ///< [index of the region among level-1 nodes]
    bool spooled = false;                     ///< the dense matrix did not fit: readings went through scratch
};

/// Collective. Pulls the stream dry, resolves versions, duplicates and conflicts (independent of arrival
/// order), cleans, writes the shards. Bounded by memory_bytes: dense in memory when that fits, else
/// spooled by shard in custody/scratch; so is a stream with versions.
/// @param axis of the readings; that of the shards has readings_per_interval of them in an interval
/// @errors storage
Result<Stored> run(par::Comm& comm, model::PlacedStream& stream, const model::ShardPlan& plan, Placement placement,
                   const model::Hierarchy& hierarchy, const model::Axis& axis, std::size_t num_files,
                   const Options& options);

}  // namespace meterveil::store
