#pragma once
// Readings on their way from a file to a shard, and the accounts that prove none was lost.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::model {

/// One reading, 12 bytes: also the record on the wire. `who` is the number of a source id before
/// the cloakroom (RawBatch), and a slot of the owner rank after it.
struct Reading {
    std::uint32_t who = 0;
    std::uint32_t interval : 24 = 0;  ///< index on the job's axis
    std::uint32_t channel : 1 = 0;
    std::uint32_t quality : 2 = 0;
    std::uint32_t is_part : 1 = 0;    ///< a further interval of a reading that covers several: not counted again
    std::uint32_t spare : 4 = 0;
    std::int32_t quanta = 0;          ///< energy in units of energy_quantum_wh
};
static_assert(sizeof(Reading) == 12);

/// Why a row was set aside.
enum class Reason : std::uint8_t {
    malformed,       ///< not a row of this format (columns, quotes, encoding)
    bad_time,        ///< time stamp not readable, or not on the grid of the interval
    nonexistent_time,///< a wall-clock time that the zone skipped
    outside_period,  ///< before `from` or not before `until`: counted, and left in its source file
    bad_value,       ///< value not a number, or `Null`
    out_of_range,    ///< negative, or above max_wh
    missing,         ///< the file says that there is no value
    register_base,   ///< a register's value that starts a series: nothing to subtract from; or one that no interval starts or ends with
    other_quantity,  ///< not the active energy of an interval: reactive, a power, a gas, the consumption of a quarter
    unknown_meter,   ///< not in the topology
    erased,          ///< of a subject who was erased: counted, written nowhere
    conflict,        ///< several different values for one interval, and no order among them
};
inline constexpr int num_reasons = 12;
/// @return e.g. "outside_period"
const char* name_of(Reason reason);

/// The account of one input file. Always: read = accepted + superseded + duplicate + quarantined.
struct RowAccount {
    std::uint64_t read = 0;
    std::uint64_t accepted = 0;
    std::uint64_t superseded = 0;
    std::uint64_t duplicate = 0;
    std::array<std::uint64_t, num_reasons> quarantined{};
    std::uint64_t estimated = 0, substituted = 0;  ///< of the rows read that could be used, by their own flags
    std::int64_t residue_nwh = 0;  ///< energy lost (+) or gained (-) by rounding to the quantum, nano-Wh

    [[nodiscard]] std::uint64_t num_quarantined() const;
    [[nodiscard]] bool balances() const { return read == accepted + superseded + duplicate + num_quarantined(); }
    RowAccount& operator+=(const RowAccount& other);
    bool operator==(const RowAccount&) const = default;
};

/// Accounts of all input files, in the order of the job's file list.
struct Accounts {
    std::vector<std::string> files;  ///< file names as the job resolves them, without folders
    std::vector<RowAccount> rows;    ///< same length
};

/// A block of rows of one file, as parsed, on the rank and lane that parsed it. A lane numbers the ids that it meets, and tells each once.
struct RawBatch {
    std::uint32_t file = 0;              ///< index into the job's file list
    std::uint64_t offset = 0;            ///< byte offset of the block in the (decompressed) file
    std::uint32_t first_id = 0;          ///< number of the first of ids; 0: the lane forgot all ids before, and numbers them anew
    std::vector<std::string> ids;        ///< source ids that are new to the lane, canonical form; hardly ever one twice
    std::vector<Reading> rows;           ///< `who` is the number of an id
    std::vector<std::uint32_t> offsets;  ///< byte offset of each row from `offset`; same length as rows
    std::vector<std::uint32_t> versions; ///< of each row, the highest wins; empty: 0 for all
    RowAccount account;                  ///< read = all rows of the block; accepted stays 0 here
};

/// How many of the rows to one rank, one after another, are of one file.
struct FileRun {
    std::uint32_t file = 0, rows = 0;
};

/// The same rows when the identities have ended: grouped by the rank that owns the shard.
struct PlacedBatch {
    std::vector<std::vector<Reading>> to;  ///< [destination rank]; `who` is that rank's slot
    std::vector<std::vector<FileRun>> runs;            ///< [destination rank] whose the rows of `to` are
    std::vector<std::vector<std::uint32_t>> versions;  ///< [destination rank] as `to`; empty unless the stream is versioned
    struct Part {
        std::uint32_t file = 0;
        RowAccount account;                ///< with unknown_meter and erased rows counted
    };
    std::vector<Part> accounts;            ///< of the blocks that are in here
};

/// Rank-local pull of parsed blocks, in lanes that may be pulled at the same time.
class RawStream {
public:
    virtual ~RawStream() = default;
    [[nodiscard]] virtual std::size_t num_lanes() const { return 1; }
    /// Fills `batch` (whose memory is used again) and returns true, or returns false when this rank's lane has no more. Not collective.
    /// @errors input: a file that is not what it says; storage
    virtual Result<bool> next(std::size_t lane, RawBatch& batch) = 0;
    /// True if rows may have versions. The same on every rank. Without a default: who wraps a stream has to pass it on.
    [[nodiscard]] virtual bool is_versioned() const = 0;
};

/// Collective pull of placed blocks.
class PlacedStream {
public:
    virtual ~PlacedStream() = default;
    /// Collective. Fills `batch` (possibly empty on this rank; its memory is used again); false on every rank at once when all are done.
    virtual Result<bool> next(PlacedBatch& batch) = 0;
    [[nodiscard]] virtual bool is_versioned() const { return false; }
};

/// Rows of topology and customer tables as parsed (rank-local part).
struct RawTables {
    std::vector<std::string> levels;
    struct Place { std::string meter; std::vector<std::string> path; };
    struct Holder { std::string meter; std::string subject; std::uint32_t subject_class = 0; std::string crossing = {}; };
    std::vector<Place> places;
    std::vector<Holder> holders;  ///< empty everywhere if the job has neither subjects, classes nor a crossing
    bool has_subjects = false;    ///< same on all ranks; else the subject of a holder is empty
    std::string crossing = {};    ///< name of the level that Holder::crossing is of; empty: none
    std::uint32_t other_class = 0;  ///< class of a meter without a holder: the last; the same on all ranks
};

}  // namespace meterveil::model
