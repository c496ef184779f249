#pragma once
// Maximum distance to average vector: groups of k to 2k - 1 rows that are near to each other. docs/methods/load-profiles.md

#include <cstdint>
#include <vector>

#include "profiles/shapes.hpp"

namespace meterveil::profiles {

/// Which group each row is in. Groups are numbered as they were formed: the outermost first.
struct Grouping {
    std::vector<std::uint32_t> group_of;  ///< [row]
    std::uint32_t num_groups = 0;
    bool operator==(const Grouping&) const = default;
};

/// MDAV. Pure, local.
///
/// While 3k rows or more are left: r is the row farthest from the mean of those left (on the grid of the values), s the one farthest from r; r and
/// its k - 1 nearest are a group, s and its k - 1 nearest another. Of 2k to 3k - 1 rows, r and its nearest are a group and the rest is one. Fewer than 2k
/// rows are one group. Of equal distances the lowest row is taken, of the farthest as of the nearest; s is none of r's group.
/// @param k at least 1  @param lanes parts that a pass over the rows is cut into, for threads; the groups are the same for any
/// @return every group has k to 2k - 1 rows, unless there are fewer than k
/// @source Domingo-Ferrer, Mateo-Sanz (2002); Domingo-Ferrer, Torra (2005), MDAV-generic
/// Example: values 0, 1, 2, 10, 11, 12, k = 3: the mean is 6; r = 0 takes 1 and 2, the rest is 10, 11, 12.
Grouping mdav(const Shapes& shapes, std::uint32_t k, std::size_t lanes = 1);

/// The same groups, in the words of the paper and without haste.
Grouping mdav_reference(const Shapes& shapes, std::uint32_t k);

}  // namespace meterveil::profiles
