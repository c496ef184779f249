#pragma once
// Who is where now, and who was where in the period before. Collective.

#include <map>
#include <set>

#include "cohort/pool.hpp"
#include "meterveil/cohort/run.hpp"

namespace meterveil::cohort {

/// A subject that has a meter on a leaf. The record on the wire.
struct Presence {
    model::Pseudonym subject;
    model::NodeId leaf = 0;
    auto operator<=>(const Presence&) const = default;
};

struct Survey {
    std::set<model::Pseudonym> spanning;   ///< subjects of this rank's meters that are on more than one leaf, anywhere
    std::set<Presence> newcomers;          ///< of this rank's meters: not on that leaf in the period before
    LeafFacts left;                        ///< who left, as far as this rank knows; not merged over ranks
    LeafFacts earlier;                     ///< who was on the leaf in the period before, likewise
    std::vector<std::uint32_t> earlier_atom;  ///< [leaf] atom of then; no_id: none; the same on every rank
};

/// Collective. @param options its `before` may be null: then everybody stands where he is
Survey survey(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, model::Channel channel, const Options& options);

}  // namespace meterveil::cohort
