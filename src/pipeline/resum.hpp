#pragma once
// Sums of a release, added up again from the shards by the members of the ledger: no partition is asked.

#include <map>
#include <string>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pipeline {

/// What became of the comparison.
struct Resum {
    bool are_shards_of_it = false;   ///< the shards in custody hold the series that the release was made from
    std::uint64_t rows = 0;          ///< published rows that were added up again
    std::string first_difference;    ///< row of a level; empty: none
};

/// Collective. @param release folder of the release; verified before
/// @errors storage, input: a file cannot be read
Result<Resum> resum(par::Comm& comm, const std::string& release, const std::string& custody, const model::LedgerRecord& record);

}  // namespace meterveil::pipeline
