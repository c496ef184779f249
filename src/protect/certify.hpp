#pragma once
// What must hold before a sum leaves custody. Pure; each check is independent of how the partition was built.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/cells.hpp"
#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/partition.hpp"

namespace meterveil::protect {

/// Every node with data is accounted for once: each leaf lies in one atom or is withheld; a unit's atoms cover
/// exactly the leaves with data below its node, or a cohort's members; a published node holds no withheld leaf.
/// @errors privacy
Result<> check_structure(const model::Hierarchy& hierarchy, const model::Partition& partition);

/// A row as one number that is linear in it, modulo 2^61 - 1: if a unit's differs from the sum of its
/// children's, the rows differ; equal by chance with probability below 2^-60.
std::uint64_t fingerprint(std::span<const std::int64_t> row);

/// @param prints [unit] fingerprints of all units
/// @errors privacy: a unit is not the sum of its children
Result<> check_sums(const model::Partition& partition, std::span<const std::uint64_t> prints);

/// Two partitions of a channel are of the same atoms, member by member and sum by sum: what follows from both follows from sets that pass.
/// @param own, by_class with [unit] fingerprints of their units
/// @errors privacy: they are of others
Result<> check_same_atoms(const model::Partition& own, std::span<const std::uint64_t> own_prints, const model::Partition& by_class, std::span<const std::uint64_t> prints);

/// @param total_wh published sum over the axis, of the atom with these facts (in Wh)
/// @errors privacy: it fails a rule; or the rules saw another total
Result<> check_atom(const model::RuleSet& rules, const model::SetFacts& facts, std::int64_t total_wh);

}  // namespace meterveil::protect
