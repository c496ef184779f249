#pragma once
// Readings that were released before and are not the same now: too few corrections wait, and what was released stands.
// docs/methods/releases-over-time.md

#include "meterveil/config/job.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

/// Which corrections are let in.
enum class Admission {
    enough,  ///< those that pass the rules of the job's releases together
    none,
};

/// What became of corrections: not how many.
struct Corrections {
    bool wait = false;      ///< some do
    bool are_let_in = false;  ///< some are
};

/// Collective. Holds the months of the meters against what releases of the ledger have of them. A correction that would be told by too few with it, in a
/// sum of an earlier release or in all, is taken back: the shard is written anew with the readings of the last release, from custody/closed. What
/// custody/closed does not have is left as it is.
/// @param shards their files and counts of readings change
/// @errors storage
Result<Corrections> settle_corrections(par::Comm& comm, const config::Job& job, const model::Hierarchy& hierarchy, model::ShardSet& shards, Admission admission);

}  // namespace meterveil::pipeline
