#pragma once
// An erasure request: the data of a subject leaves custody, and does not come back.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/pseudonym/keys.hpp"

namespace meterveil::pipeline {

/// What an erasure did. For the operator.
struct ErasureReport {
    std::uint64_t meters = 0;            ///< whose series were in shards, those of earlier releases included
    std::uint64_t shards_rewritten = 0, quarantine_rewritten = 0;
    std::uint64_t files_searched = 0;    ///< afterwards, for traces: none was found
    std::uint64_t releases_unchanged = 0;  ///< of the ledger, checked afterwards
};

/// Collective. Takes every meter of the subjects (source ids of customers or of meters) out of the shards, those that are kept of releases included, and the quarantine, by writing fresh
/// files; lists them in custody/erased, so that later runs leave them out; notes in the ledger that somebody was erased. What was released, and what
/// the ledger has of it, stays as it is. Proves both afterwards.
/// @param ids on rank 0; key on rank 0
/// @errors usage: no id, not a custody folder; storage; internal: a trace was left
Result<ErasureReport> erase(par::Comm& comm, const std::string& custody, const std::vector<std::string>& ids, const pseudonym::RootKey* key);

/// Collective. The names in custody/erased. @errors storage
Result<std::vector<model::Pseudonym>> erased_names(par::Comm& comm, const std::string& custody);

}  // namespace meterveil::pipeline
