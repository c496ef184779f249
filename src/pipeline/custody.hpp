#pragma once
// The custody folder before a run: private, ours, and without leftovers of an earlier one.

#include <string>

#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

/// Collective. Makes the folder (0700) with a marker, or checks that it is a custody folder of ours that
/// nobody else may read, and removes shards, scratch and quarantine of an earlier run, and what it did not finish of closed.
/// @errors usage: not a folder, another user's, readable by others, or not empty and not ours; storage
Result<> prepare_custody(par::Comm& comm, const std::string& folder);

}  // namespace meterveil::pipeline
