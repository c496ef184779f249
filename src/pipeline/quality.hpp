#pragma once
// Quality by region and month: as ranges for the evidence of a release, exact for custody. Pure.

#include <nlohmann/json.hpp>

#include "meterveil/config/job.hpp"
#include "meterveil/model/hierarchy.hpp"
#include "meterveil/store/run.hpp"

namespace meterveil::pipeline {

/// One entry for each region and one for all of them, channel by channel; a channel that nobody has is left out. Meters as ranges from k on
/// ("< 10" for none as for nine), intervals as ranges of shares. Shares of a region in which fewer than k subjects take part are withheld.
nlohmann::ordered_json quality_ranges(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored, std::uint32_t k);

/// The same entries with every count, for custody only.
nlohmann::ordered_json quality_counts(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored);

/// True if every meter and every interval of every region is counted once.
bool quality_adds_up(const store::Stored& stored);

}  // namespace meterveil::pipeline
