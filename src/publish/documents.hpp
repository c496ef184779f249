#pragma once
// The JSON documents of a release. Pure.

#include "meterveil/publish/run.hpp"

namespace meterveil::publish {

/// A file of the release.
struct FileEntry {
    std::string path;  ///< relative to the release
    std::string sha256;
    std::uint64_t bytes = 0;
};

std::string manifest_json(const model::Release& release, const model::Forecast* forecast, const Dossier& dossier, const std::vector<FileEntry>& files);
std::string utility_json(const model::Forecast& forecast);
/// Lines of SHA256SUMS.
std::string sums_text(const std::vector<FileEntry>& files);

}  // namespace meterveil::publish
