#pragma once
// The groups of a stratum: near to each other, enough subjects in each, every rule passed. docs/methods/load-profiles.md

#include <cstdint>
#include <span>
#include <vector>

#include "profiles/judging.hpp"
#include "profiles/shapes.hpp"

namespace meterveil::profiles {

/// Meters that are published as one curve.
struct Group {
    std::vector<std::uint32_t> rows;  ///< ascending
    bool is_merged = false;           ///< of several that MDAV made: some part failed by itself, so it may have 2k rows or more
    model::Finding finding;           ///< of a part that fails: the rule, or "group_size"
};

/// MDAV on a leaf, then merge_failing. Pure, local: a rank that has the rows of one leaf needs nothing else, if `judging` was told which subjects have rows elsewhere.
/// @param leaf rows, ascending  @param lanes as in mdav
/// @return by their lowest row; all pass, or there is one and it fails
std::vector<Group> groups_of_leaf(const Shapes& shapes, const std::vector<std::uint32_t>& leaf, const Judging& judging, std::uint32_t k, std::size_t lanes);

/// Merges every group that fails with its nearest until it passes. Nearest is the one with which the squared distances from the means grow least (by means on the
/// grid of the values), of equal ones that of the lowest row: plain distance would let one group in the middle swallow all. Groups are taken in the order of their
/// lowest rows; two that pass are not merged. Pure, local.
/// @return by their lowest row; all pass, or there is one and it fails
/// @source Ward, Hierarchical Grouping to Optimize an Objective Function, JASA 58 (1963)
std::vector<Group> merge_failing(const Shapes& shapes, const Judging& judging, std::vector<Group> groups);

struct Microaggregation {
    std::vector<Group> groups;  ///< by their lowest row; all pass. None: the stratum cannot be published
    model::Finding finding;     ///< of the stratum as a whole, if it cannot
};

/// Groups of at least k subjects that pass the rules. Local; parallel over leaves, or within the one there is.
///
/// The stratum is split into leaves, each has its groups; if all of a leaf together fail, they are merged with the nearest groups of other leaves.
/// @param max_leaf_rows at least 2k
/// @return the same on any number of threads; every row is in one group, or there are no groups
Microaggregation microaggregate(const Shapes& shapes, const Members& members, const Requirement& requirement, std::size_t max_leaf_rows = 20000);

/// Share of the variance of the rows that is lost if each is replaced by the mean of its group (SSE / SST), 0 .. 1. Pure.
double lost_variance(const Shapes& shapes, std::span<const Group> groups);

}  // namespace meterveil::profiles
