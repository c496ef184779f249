#pragma once
// The file of sources as values that `collect` takes. Strict: an unknown key is an error.

#include <string>
#include <vector>

#include "meterveil/collect/run.hpp"
#include "meterveil/core/result.hpp"

namespace meterveil::config {

/// Pure. Paths are resolved against the folder of `path`. All problems at once, one per line of `what`.
/// @errors usage: syntax (line), unknown key (nearest), wrong type, bad value, a secret in the file
Result<std::vector<collect::Source>> parse_sources(const std::string& text, const std::string& path);

}  // namespace meterveil::config
