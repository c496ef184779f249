#pragma once
// Which meter of now is which of the period before. Pure.

#include <cstddef>
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
    model::NodeId leaf = model::no_id;  ///< of now, by its path; no_id: there is no such leaf now
    std::uint32_t atom = 0, subject_class = 0;
    std::int64_t energy_wh = 0;         ///< over the period
};

/// One meter of both periods, or two that stand for each other.
struct Match {
    const MeterNow* now = nullptr;    ///< null: it left
    const MeterThen* then = nullptr;  ///< null: it joined
};

/// Meters of one subject: one and the same; else one that replaced another at the same leaf; else one of a subject that moved. Each meter is in one match.
std::vector<Match> match_meters(std::vector<const MeterNow*> now, std::vector<const MeterThen*> then);

}  // namespace meterveil::cohort
