#pragma once
// A release held against earlier ones: no sum that follows from all of them together may be over a set that fails.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove {

/// What a comparison is of.
enum class Relation : std::uint8_t {
    same_intervals,  ///< all share intervals: members are meters, and a reading that was changed is one more column
    next_period,     ///< two consecutive periods: members are subjects on their leaves, whoever joined or left must pass alone
};

struct Comparison {
    model::Channel channel = model::Channel::import;
    Relation relation = Relation::same_intervals;
    std::vector<std::uint64_t> numbers;  ///< of the ledger: the earlier releases
    Report report;                       ///< forests: the candidate first, then the earlier ones in order
    std::string rules_of;                ///< name of the release whose rules it was judged by
};

/// Collective. Each channel of the candidate by itself and with the earlier releases. Safe if every derivable sum passes the rules of one of the
/// releases that are compared: the candidate's are tried first.
/// @param records the candidate first. next_period: two
/// @return one for each channel of the candidate; the same on every rank
/// @errors privacy: periods that share a part of a month only, which cannot be compared; input: a rule is not understood
Result<std::vector<Comparison>> compare(par::Comm& comm, const std::vector<const model::LedgerRecord*>& records, Relation relation, const Limits& limits = {});

/// True if two periods have an interval in common.
bool overlap(const model::LedgerEntry& a, const model::LedgerEntry& b);

}  // namespace meterveil::prove
