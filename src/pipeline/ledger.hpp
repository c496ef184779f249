#pragma once
// A release and the ledger: what is recorded of it, and what stands against it.

#include <vector>

#include "meterveil/config/job.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

/// Collective. The record of a release that is about to be made; its number and digests are set when it is appended.
Result<model::LedgerRecord> draft_record(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms,
                                         const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions);

}  // namespace meterveil::pipeline
