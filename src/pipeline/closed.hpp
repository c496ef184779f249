#pragma once
// The shards that releases were made of, kept in custody: what stands while a correction waits. docs/formats/custody.md

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

/// Collective. Keeps the shards that a release of the ledger was made of, as further links to their files. What is kept of earlier releases goes if all
/// that they have of a meter and month later ones have too.
/// @errors storage
Result<> close_shards(par::Comm& comm, const std::string& custody, const model::ShardSet& shards, const model::LedgerRecord& record);

/// Where a meter is in the shards of a release. The record on the wire.
struct ClosedRow {
    model::Pseudonym member;
    std::uint32_t file = 0;  ///< index into the shard files of the release
    std::uint32_t row = 0;
    std::uint32_t measured[model::num_channels] = {0, 0}, filled[model::num_channels] = {0, 0};  ///< as in ShardRow
};

/// Folders of shards that are kept, by name.
std::vector<std::filesystem::path> closed_folders(const std::string& custody);
/// The one of a release of the ledger, if it is kept.
std::filesystem::path closed_folder(const std::string& custody, std::uint64_t number);
/// Shard files of a folder, by name; none if there is no such folder.
std::vector<std::filesystem::path> shard_files(const std::filesystem::path& folder);

/// Collective. The rows of the meters whose block of members this rank holds, by member. None of a shard that is damaged, or whose intervals or quantum are not
/// those of `shards`: it cannot stand for readings of today.
/// @errors storage
Result<std::vector<ClosedRow>> closed_rows(par::Comm& comm, const std::string& custody, const model::LedgerEntry& entry, const model::ShardSet& shards);

}  // namespace meterveil::pipeline
