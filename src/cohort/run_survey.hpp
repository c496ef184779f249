#pragma once
// Who is where now, and who was where in the period before. Collective.

#include <vector>

#include "cohort/moves.hpp"
#include "meterveil/cohort/run.hpp"

namespace meterveil::cohort {

/// What is told of a meter that takes part.
struct Whence {
    std::uint32_t atom = model::no_id;  ///< of the period before; no_id: it joined
    bool is_spanning = false;           ///< its subject is or was in more than one place
};

struct Survey {
    std::vector<std::vector<Whence>> whence;  ///< [shard of this rank][row]
    Moves moves;                              ///< none if there was no period before
};

/// Collective. @param options its `before` may be null: then nobody moved
Survey survey(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, model::Channel channel, const Options& options);

/// Collective. The sum of facts over ranks. @param mine as many on every rank
LeafFacts merge_over_ranks(par::Comm& comm, const LeafFacts& mine, const Options& options);

}  // namespace meterveil::cohort
