#pragma once
// What the rooms found, in the words of the release's evidence: bands, never a small count.

#include "meterveil/config/job.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/protect/run.hpp"
#include "meterveil/publish/run.hpp"
#include "meterveil/store/run.hpp"
#include "pipeline/corrections.hpp"
#include "pipeline/ledger.hpp"

namespace meterveil::pipeline {

/// Pure. Totals of rows are exact; everything per region, month or reason is a range.
publish::Dossier make_dossier(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored,
                              const protect::Evidence& evidence, const Proof& proof, const Corrections& corrections, std::uint32_t min_contributors);

/// Pure. Exact accounts per file, and quality per region and month, for custody only.
std::string accounts_json(const model::Accounts& accounts, const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored);

}  // namespace meterveil::pipeline
