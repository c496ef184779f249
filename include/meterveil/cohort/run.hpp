#pragma once
// The workshop's first bench: the one partition. @source privacy.md section 2

#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/rules.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::cohort {

struct Options {
    model::RuleSet rules;
    /// Cells of the scope: one bin for period, local months, or every interval.
    model::Resolution slots;
    /// The release of the period before, or null: who joined, left or moved is held against it.
    const model::LedgerRecord* before = nullptr;
    [[nodiscard]] std::uint32_t num_slots() const { return rules.num_slots(slots.num_bins()); }
};

/// Collective. Builds the partition of every channel that some meter takes part in (import first).
/// Bottom-up; deterministic; the same on any number of ranks.
/// Marks the newcomers among the rows of the shards. @return one Partition per channel, two if the hierarchy is crossed; no unit at all if everything is withheld (protect decides)
/// @errors storage: a shard cannot be read
Result<std::vector<model::Partition>> run(par::Comm& comm, model::ShardSet& shards,
                                          const model::Hierarchy& hierarchy, const Options& options);

}  // namespace meterveil::cohort
