#pragma once
// From sets of leaves to the rows of a release. Pure.

#include "cohort/pool.hpp"

namespace meterveil::cohort {

/// Leaves that are summed together, and their facts.
struct Set {
    std::vector<model::NodeId> leaves;  ///< ascending
    model::SetFacts facts;
};

/// Units in depth-first order, atoms in the order of their units, the fate of every node.
/// Leaves with data that lie in no atom are withheld.
model::Partition lay_out(model::Channel channel, const model::Hierarchy& hierarchy, const LeafFacts& facts, const model::RuleSet& rules,
                         const std::vector<Set>& atoms);

}  // namespace meterveil::cohort
