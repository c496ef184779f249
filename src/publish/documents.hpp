#pragma once
// The JSON documents of a release. Pure.

#include <nlohmann/json.hpp>

#include <optional>

#include "meterveil/publish/run.hpp"
#include "publish/attribute_terms.hpp"

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

/// What a manifest says, with its types checked; from a stranger.
struct Claims {
    std::string audience, time_zone;
    std::vector<std::string> products, levels, resolutions, rules;
    std::uint64_t min_contributors = 0;
    model::LengthGuard length_guard;
    bool is_longer = false;        ///< than the guard allows, as the manifest says
    std::vector<FileEntry> files;  ///< paths lead nowhere out of the release
    std::optional<AttributeTerms> attributes = {};
    std::string crossing = {};     ///< the last level, if there are also rows by it; else empty
};
/// @errors input: not a manifest of this format; an entry is missing, has another type, or names a file outside the release
Result<Claims> parse_manifest(const std::string& text);
/// @errors input: not JSON, or nested deeper than any document of a release
Result<nlohmann::json> parse_document(const std::string& text);
/// Entries of SHA256SUMS, digests only. @errors input: a line that is none
Result<std::vector<FileEntry>> parse_sums(const std::string& text);

}  // namespace meterveil::publish
