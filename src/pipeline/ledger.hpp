#pragma once
// A release and the ledger: what is recorded of it, and what stands against it.

#include <optional>
#include <vector>

#include "meterveil/config/job.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/prove/run.hpp"

namespace meterveil::pipeline {

/// Pure. Starts of the local months in seconds since 1970, and the end: as in the ledger.
std::vector<std::int64_t> months_of(const config::Job& job);

/// Collective. The release of the period before that of the job: the one that ends last by then, and of those the newest.
/// @errors storage: the ledger does not hold
Result<std::optional<model::LedgerRecord>> release_before(par::Comm& comm, const config::Job& job);

/// Collective. The record of a release that is about to be made; its number and digests are set when it is appended.
Result<model::LedgerRecord> draft_record(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms,
                                         const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions);

/// What was proven of a release, by code that shares nothing with what made it.
struct Proof {
    std::vector<prove::Comparison> comparisons;  ///< the release alone, then with others
    std::size_t num_earlier = 0;                 ///< releases of the ledger that it was held against
};

/// Collective. @param candidate a release that is about to be made, or one of the ledger. Proves it by itself; holds it against all of the ledger that share an interval with it, and against those of the periods before and after.
/// @param drafts releases of the same job that are not in the ledger yet
/// @errors privacy: together they would let a sum over a set that fails be derived (which releases, which rows), or that cannot be ruled out
Result<Proof> hold_against_ledger(par::Comm& comm, const std::string& custody, const model::LedgerRecord& candidate,
                                  const std::vector<const model::LedgerRecord*>& drafts = {});

}  // namespace meterveil::pipeline
