#pragma once
// Lines of the ledger: one JSON object each, chained by SHA-256. Pure.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"

namespace meterveil::ledger {

/// SHA-256 of a text, hex: given by the door, as a bench knows no OpenSSL.
using Digest = std::string (*)(std::string_view);

/// What stands before the first entry.
inline constexpr const char* no_previous = "0000000000000000000000000000000000000000000000000000000000000000";

/// The line of an entry, without a line end. Its digest is that of the line without the digest's own field.
std::string to_line(model::LedgerEntry& entry, Digest digest);

/// @errors storage: a line that is no entry, out of order, changed, or not chained to the one before; where = its number
Result<std::vector<model::LedgerEntry>> parse_chain(const std::string& text, Digest digest);

/// What an entry tells of a release, as text: all but number, time and chain.
std::string record_text(model::LedgerEntry entry);

}  // namespace meterveil::ledger
