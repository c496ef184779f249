#pragma once
// What custody can prove of a release beyond its own files.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

struct CustodyCheck {
    std::string name;
    enum class Outcome { holds, fails, skipped } outcome = Outcome::fails;
    std::string detail;  ///< what was covered, the first failure, or why it could not be asked
};

/// Collective. The ledger holds; it has this release; its rows are those of the ledger; its sums are those of the members, added up again from the
/// shards if they are still those of this release; no sum that follows from it and all other releases is over a set that fails.
/// Shares no code with what made the release but model and the readers of files.
/// @param release folder of a release whose own files were verified before
/// @errors storage, input: something cannot be read
Result<std::vector<CustodyCheck>> verify_with_custody(par::Comm& comm, const std::string& release, const std::string& custody);

}  // namespace meterveil::pipeline
