#pragma once
// Who owns which meters, and the handle of what lies in custody.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::model {

/// One meter after the cloakroom. 56 bytes; trivially copyable: also the record on the wire.
struct MeterRecord {
    Pseudonym meter;      ///< of the job's epoch
    Pseudonym member;     ///< the meter in the ledger: the same in every epoch; never leaves custody
    Pseudonym subject;    ///< what the rules count, the same in every epoch; `member` if the job names no subject
    NodeId leaf = no_id;  ///< node of the lowest level
    std::uint32_t subject_class = 0;  ///< index into RuleSet::classes
    auto operator<=>(const MeterRecord&) const = default;  // ordered by meter first
};

/// The meters of the job, spread over ranks by slice_of(meter, ranks). Sorted by pseudonym.
struct Roster {
    Hierarchy hierarchy;              ///< the same on every rank
    std::vector<MeterRecord> meters;  ///< this rank's slice
    std::uint64_t num_meters = 0;     ///< over all ranks
    std::vector<Pseudonym> erased;    ///< meters that are left out, as members: ascending; the same on every rank
};

/// Unit of work and restart: the meters of one region whose subject falls in one block.
/// All meters of a subject in a region are in one shard.
struct ShardSpec {
    NodeId region = 0;            ///< node of the first job level
    std::uint32_t block = 0;      ///< slice_of(subject, num_blocks) == block
    std::uint32_t num_blocks = 1;
    std::uint32_t num_meters = 0;
    std::uint32_t owner = 0;      ///< rank; the only field that depends on the number of ranks
    bool operator==(const ShardSpec&) const = default;
};

struct ShardPlan {
    std::vector<ShardSpec> shards;  ///< ordered by region, block; the same on every rank
    double imbalance = 1.0;         ///< largest rank's meters over the mean
};

/// A row of a shard: the series of one meter.
struct ShardRow {
    MeterRecord record;
    std::uint32_t measured[num_channels] = {0, 0};  ///< intervals with a reading, per channel
    std::uint32_t filled[num_channels] = {0, 0};    ///< intervals filled by cleaning
    bool takes_part[num_channels] = {false, false}; ///< coverage reached; every interval has a value
    bool is_newcomer[num_channels] = {false, false}; ///< it joined or moved since the period before and waits; told by cohort
};

/// A shard that lies in custody, on the rank that owns it.
struct OwnedShard {
    ShardId id = 0;
    std::string path;             ///< HDF5 file in custody
    std::vector<ShardRow> rows;   ///< sorted by meter pseudonym
    bool has_channel[num_channels] = {true, false};
};

/// Handle of all shards: each rank holds its own.
struct ShardSet {
    ShardPlan plan;
    Axis axis;
    std::int32_t energy_quantum_wh = 1;
    std::vector<OwnedShard> owned;  ///< ascending id
};

/// Where a meter's readings go: kept by the rank that holds the meter in the roster.
struct Address {
    Pseudonym meter;
    std::uint32_t rank = 0;  ///< owner of the meter's shard
    std::uint32_t slot = 0;  ///< index into the rows of the owner's shards laid end to end
};

/// No reading: the sentinel in a shard.
inline constexpr std::int32_t missing_quanta = INT32_MIN;

}  // namespace meterveil::model
