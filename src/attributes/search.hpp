#pragma once
// From a problem to a solution. Pure; the same on any number of threads.

#include "attributes/table.hpp"

namespace meterveil::attributes {

/// Nodes of the lattice: the product of the levels of all attributes. @return UINT64_MAX if there are more than 2^64
std::uint64_t num_nodes(const std::vector<Hierarchy>& hierarchies);

/// The node with the least loss of all that pass; of several the one first in order of levels, the last attribute moving fastest.
/// Paths up the lattice are cut in halves; a node is left unjudged only if one that was judged shows that it fails (Verdict::fails_below)
/// or that it cannot lose less than the best (NodeJudge::least_loss).
/// @source Kohlmayer, Prasser, Eckert, Kemper, Kuhn, Flash (2012); El Emam et al., OLA (2009): predictive tagging
Solution search_lattice(const Problem& problem);

/// Cuts the table into ever smaller parts while all of them hold the criteria: numbers at their median, other values along their
/// hierarchy. The levels differ from part to part. Suppresses nobody.
/// @source LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional k-Anonymity (ICDE 2006)
Solution search_mondrian(const Problem& problem);

}  // namespace meterveil::attributes
