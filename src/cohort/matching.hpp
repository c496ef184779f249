#pragma once
// Which meter of now is which of the period before. Pure.

#include <cstddef>
#include <string>
#include <vector>

#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::cohort {

/// A meter that takes part. The record on the wire.
struct MeterNow {
    model::Pseudonym subject, member;
    model::NodeId leaf = 0;
};

/// A meter that was in a sum of the period before. The record on the wire.
struct MeterThen {
    model::Pseudonym subject, member;
    std::uint32_t place = 0;            ///< index of its leaf in the record of then
    model::NodeId leaf = model::no_id;  ///< of now, by its path; no_id: there is no such leaf now
    std::uint32_t atom = 0, subject_class = 0;
    std::int64_t energy_wh = 0;         ///< over the period
};

/// Nodes of now that hold leaves: the leaf itself, the node above it, and so on; the whole is not one of them.
struct Grid {
    model::NodeId first_leaf = 0;
    std::vector<std::vector<model::NodeId>> now, then;  ///< [steps up][leaf], [steps up][place]; no_id: there is no such node now
};
/// @param leaves_then paths
Grid grid_of(const model::Hierarchy& hierarchy, const std::vector<std::string>& leaves_then);

/// One meter of both periods, or two that stand for each other.
struct Match {
    const MeterNow* now = nullptr;    ///< null: it left
    const MeterThen* then = nullptr;  ///< null: it joined
};

/// Meters of one subject: one and the same; else one that replaced another at the same leaf; else one of a subject that moved, within the lowest node that
/// has both. Each meter is in one match. As the proof does it: who is taken for whom must be the same.
std::vector<Match> match_meters(std::vector<const MeterNow*> now, std::vector<const MeterThen*> then, const Grid& grid);

}  // namespace meterveil::cohort
