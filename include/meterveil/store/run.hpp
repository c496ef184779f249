#pragma once
// The hall and the store: readings travel to the owner of their shard, are assembled into dense
// series, cleaned, and written to custody.

#include <array>
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
    std::int64_t max_stuck_s = 0;          ///< a run of one and the same reading, not zero, that is longer is missing; 0: not looked at
    std::int32_t spike_factor = 0;         ///< a reading above so many times the meter's usual is missing; 0: not looked at
    std::vector<std::uint32_t> months = {};  ///< bounds on the shards' axis for the counts of quality; empty: the whole axis
};

/// Share of a rank's memory that dense matrices may take; the rest is for batches and encoding.
inline constexpr double dense_share = 0.6;
/// Bytes of the dense matrices of `meters` with `intervals` of the readings' axis.
std::uint64_t dense_bytes(std::uint64_t meters, std::uint64_t intervals, std::size_t num_files);
/// Bytes of one shard at a time, with versions: what a rank needs that spools.
std::uint64_t spooled_bytes(std::uint64_t intervals, std::size_t num_files);
/// Of a reading on the scratch disk.
inline constexpr std::uint64_t spooled_row_bytes = 20;

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

/// Intervals of one month (of Options::months) of one channel and region.
struct MonthQuality {
    std::uint64_t intervals = 0;   ///< of the meters that take part: each is one of the next four
    std::uint64_t measured = 0, estimated = 0, substituted = 0, filled = 0;
    std::uint64_t all = 0;         ///< of all meters; of them:
    std::uint64_t stuck = 0, spikes = 0;          ///< with a reading that cleaning set aside
    std::uint64_t moved_in = 0, moved_out = 0;    ///< meters whose first or last energy is in this month, long after the period began or before it ends
    bool operator==(const MonthQuality&) const = default;
};

/// Meters of one channel in a region (node of the first job level). All meters of the roster are counted in import, in export
/// those with a reading of it.
struct RegionQuality {
    std::uint64_t meters = 0;      ///< each is one of the next four
    std::uint64_t takes_part = 0, low_coverage = 0, open_gaps = 0;  ///< open_gaps: coverage reached, but a gap that is not to be filled
    std::uint64_t silent = 0;      ///< no reading at all
    std::uint64_t subjects = 0;    ///< of the meters that take part
    std::vector<MonthQuality> months;

    RegionQuality& operator+=(const RegionQuality& other);
    /// Every meter and every interval is counted once.
    /// @param months as Options::months
    [[nodiscard]] bool adds_up(const std::vector<std::uint32_t>& months) const;
    bool operator==(const RegionQuality&) const = default;
};

/// What ended up in custody.
struct Stored {
    model::ShardSet shards;
    std::vector<model::RowAccount> accounts;  ///< per file, summed over ranks: they balance
    /// [channel][index of the region among level-1 nodes], summed over ranks; the same on every rank
    std::array<std::vector<RegionQuality>, model::num_channels> quality;
    std::vector<std::uint32_t> months;        ///< of `quality`: bounds on the shards' axis
    bool spooled = false;                     ///< the dense matrix did not fit, or there are versions: readings went through scratch
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
