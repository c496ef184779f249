#pragma once
// The one partition, from the facts of the leaves. Pure. @source privacy.md section 2

#include <vector>

#include "meterveil/model/partition.hpp"

namespace meterveil::cohort {

/// Facts of one leaf node; no slots: no meter of it takes part.
using LeafFacts = std::vector<model::SetFacts>;  ///< [node id - id of the first leaf]

/// @return id of the first leaf node; leaves are the last nodes
model::NodeId first_leaf(const model::Hierarchy& hierarchy);

/// Builds the partition of one channel, bottom-up, children in order of their ids (by name).
///
/// A leaf that passes every rule is an atom. Leaves that fail are pooled at their parent, together with
/// pools handed up from below. A pool that passes is an atom, a cohort. One that fails either absorbs atoms
/// under the node until it passes, or is handed up: whichever loses less, where a loss is the sum over
/// units lost of their energy (absorbing loses the atom's leaves and every node below this one that the new
/// cohort straddles; handing up loses this node). At the root it absorbs; if even everything together
/// fails, what was handed to the root is withheld, and with it every node above a withheld leaf.
/// A published node is always a union of atoms; so every sum or difference of published units is too.
model::Partition build_partition(model::Channel channel, const model::Hierarchy& hierarchy, const LeafFacts& facts,
                                 const model::RuleSet& rules);

}  // namespace meterveil::cohort
