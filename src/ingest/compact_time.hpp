#pragma once
// Dates and times written as digits alone: market messages and meters.

#include <cstdint>
#include <optional>
#include <string_view>

namespace meterveil::ingest {

/// Pure. "CCYYMMDD", "CCYYMMDDhhmm" or "CCYYMMDDhhmmss" as seconds since 1970-01-01 00:00 of its clock.
/// Example: parse_compact("20040201") == 1075593600. Nothing for anything else: other lengths, the 31st of April, 24:00.
std::optional<std::int64_t> parse_compact(std::string_view digits);

/// The same as a version: of statements about one interval the highest wins; 0 if the text is no time from 1970 to 2106.
std::uint32_t version_of(std::string_view digits);

}  // namespace meterveil::ingest
