#pragma once
// The ledger in custody: append-only, hash-chained; what was released, and of whom. @source privacy.md section 4

#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::ledger {

/// Collective. All entries, oldest first; none if there is no ledger yet. The chain is checked.
/// @errors storage: the chain is broken (which line), or the file cannot be read
Result<std::vector<model::LedgerEntry>> open(par::Comm& comm, const std::string& custody);

/// The releases among entries.
std::vector<model::LedgerEntry> releases_of(std::vector<model::LedgerEntry> entries);

/// Collective. An entry of a release with its units and this rank's members. @errors storage: a file is missing, or not the one that was recorded
Result<model::LedgerRecord> read(par::Comm& comm, const std::string& custody, const model::LedgerEntry& entry);

/// Collective. Who is in the atoms of a partition, with what: reads every series once.
/// @param months bounds of the local months on the axis of the shards
/// @errors storage
Result<model::Memberships> members_of(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy,
                                      const std::vector<model::Partition>& partitions, const std::vector<std::uint32_t>& months);

/// Digest of one month of one series: the first 8 bytes of the SHA-256 of its quanta and their size. Pure.
std::uint64_t content_of(std::span<const std::int32_t> quanta, std::int32_t quantum_wh);

/// SHA-256 of all that an entry tells but number, time and chain: which record a release is of. Its files are in it by their digests.
/// Tells nobody anything who cannot read the members: their keyed names are in it. docs/formats/custody.md
std::string record_digest(const model::LedgerEntry& entry);

model::LedgerUnits units_of(const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions);

/// Collective. Writes the files of a release, then its line; an equal release that is in the ledger already is left as it stands.
/// @param record its entry's number, time and digests are set
/// @errors storage
Result<> append(par::Comm& comm, const std::string& custody, model::LedgerRecord& record);

/// Collective. Notes that somebody was erased: not who. @errors storage
Result<> append_erasure(par::Comm& comm, const std::string& custody);

}  // namespace meterveil::ledger
