#pragma once
// Proves what can be proven of a finished release, from its files alone.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::publish {

struct Check {
    std::string name;    ///< e.g. "checksums", "levels add up"
    bool passes = false;
    std::string detail;  ///< first failure in words: file, node, bin; or what was covered
    bool unreadable = false;  ///< the first failure: a file that could not be read
};

/// Local. Sums and checksums, no file more or less than listed, additivity over levels and resolutions
/// (aggregates and forecast means), tables equal to HDF5, bands and statements against the thresholds
/// in the manifest.
/// @errors input: not a release at all
Result<std::vector<Check>> verify(const std::string& release_folder);

}  // namespace meterveil::publish
