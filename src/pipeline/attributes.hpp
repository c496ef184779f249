#pragma once
// Attributes of households: from the table of customers to the release.

#include <string>

#include "meterveil/config/job.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/protect/run.hpp"
#include "meterveil/pseudonym/keys.hpp"

namespace meterveil::pipeline {

/// Collective. Reads, cloaks, generalises, proves, adds. @errors of those rooms
Result<> add_attributes(par::Comm& comm, const config::Job& job, const attributes::Options& options, const pseudonym::RootKey& key, protect::Certified& certified);

/// Pure. evidence/attributes.json: shares and sizes as ranges.
std::string attributes_json(const model::AttributeEvidence& evidence);

}  // namespace meterveil::pipeline
