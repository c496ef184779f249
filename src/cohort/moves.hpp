#pragma once
// What the moves of meters since the period before ask of the partition. Pure.

#include <vector>

#include "cohort/pool.hpp"

namespace meterveil::cohort {

/// Meters that were in one atom of the period before and are on one leaf now.
struct Move {
    std::uint32_t atom = 0;
    model::NodeId leaf = model::no_id;  ///< no_id: they take part nowhere now
    auto operator<=>(const Move&) const = default;
};

struct Moves {
    std::vector<Move> moves;               ///< ascending
    LeafFacts facts;                       ///< [move] of its meters, by their energy of then
    std::vector<std::uint32_t> main_atom;  ///< [leaf] the atom that had most of the leaf of this name; no_id: none
};

/// Who waits, and the history of the leaves but for who joined and who waits.
struct Settled {
    std::vector<bool> waits;  ///< [move]
    History history;
};

/// An atom of then stands where its leaf is: by name; or, if nobody of it is on a leaf of its name, on the leaf without one of its own where most of
/// its energy is, which has got another name. Who is elsewhere has moved. Movers from one atom to one leaf that pass are let in: they hide who came and
/// went beside them. Others wait, as a flow from where their atom stands. An atom of which all who stand are too few stands nowhere, nor does one whose
/// leaf is no more: it is let in where it went if its parts and who left of it all pass; else all of it waits, as strays.
Settled settle(const Moves& moves, const model::Hierarchy& hierarchy, const model::RuleSet& rules);

}  // namespace meterveil::cohort
