#pragma once
// From sets of batches to the rows of a release. Pure.

#include "cohort/sets.hpp"

namespace meterveil::cohort {

/// The lowest node whose sum has all batches of a set.
model::NodeId top_of(const model::Hierarchy& hierarchy, const Set& set);

/// Units in depth-first order, atoms in the order of their units, the fate of every node.
/// Leaves with data that lie in no atom are withheld; newcomers in no atom wait.
model::Partition lay_out(model::Channel channel, const model::Hierarchy& hierarchy, const Batches& batches, std::vector<Set> atoms);

}  // namespace meterveil::cohort
