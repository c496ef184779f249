#pragma once
// The groups of a stratum: near to each other, enough subjects in each, every rule passed. docs/methods/load-profiles.md

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "meterveil/model/ids.hpp"
#include "meterveil/model/rules.hpp"
#include "profiles/shapes.hpp"

namespace meterveil::profiles {

/// Who stands behind the rows of a stratum, as the rules see it.
struct Members {
    std::span<const model::Pseudonym> subjects;    ///< [row]
    std::span<const std::int64_t> quanta;          ///< [row x RuleSet::num_slots] >= 0, of the meter
    std::span<const std::uint8_t> is_elsewhere{};  ///< [row] 1: its subject has meters in other strata too; empty: none has
};

/// Meters that are published as one curve.
struct Group {
    std::vector<std::uint32_t> rows;  ///< ascending
    bool is_merged = false;           ///< of several that MDAV made: some part failed by itself, so it may have 2k rows or more
    model::Finding finding;           ///< of a part that fails: the rule, or "group_size"
};

/// What is asked of a group: so many subjects with energy, and the rules.
struct Requirement {
    std::uint32_t k = 0;
    const model::RuleSet& rules;
};

struct Microaggregation {
    std::vector<Group> groups;  ///< by their lowest row; all pass. None: the stratum cannot be published
    model::Finding finding;     ///< of the stratum as a whole, if it cannot
};

/// Groups of at least k subjects that pass the rules. Local; parallel over leaves, or within the one there is.
///
/// The stratum is split into leaves, MDAV forms the groups of each. A group that fails is merged with the nearest (by the means, on the grid of the
/// values; of equal ones that of the lowest row) until it passes: among the groups of its leaf, and if all of them together fail, among those of the stratum. Groups are
/// taken in the order of their lowest rows. Two groups that pass are never merged.
/// @param max_leaf_rows at least 2k
/// @return the same on any number of threads; every row is in one group, or there are no groups
Microaggregation microaggregate(const Shapes& shapes, const Members& members, const Requirement& requirement, std::size_t max_leaf_rows = 20000);

/// Share of the variance of the rows that is lost if each is replaced by the mean of its group (SSE / SST), 0 .. 1. Pure.
double lost_variance(const Shapes& shapes, std::span<const Group> groups);

}  // namespace meterveil::profiles
