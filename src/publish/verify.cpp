#include "meterveil/publish/verify.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <new>

#include "publish/verify_parts.hpp"

namespace meterveil::publish {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t max_document = std::uint64_t{16} << 20;

/// A file of the release as it lies on disk. Only what is a plain file is ever opened.
using Found = std::map<std::string, std::uint64_t>;  // path -> bytes

bool is_plain_file(const fs::path& path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::file_type::regular;
}

/// @param found filled with the plain files
Check check_files(const fs::path& folder, const Claims& claims, Found& found) {
    Probe probe("files");
    Found listed;
    std::set<std::string> folders;
    for (const FileEntry& file : claims.files) {
        probe.require(listed.emplace(file.path, file.bytes).second, file.path + " is listed twice");
        for (fs::path up = fs::path(file.path).parent_path(); !up.empty(); up = up.parent_path()) folders.insert(up.string());
    }
    for (const char* own : {"manifest.json", "SHA256SUMS"}) probe.require(!listed.contains(own), std::string(own) + " cannot be in its own list");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string path = entry.path().lexically_relative(folder).string();
        const fs::file_type type = entry.symlink_status().type();
        if (type == fs::file_type::directory) {
            probe.require(folders.contains(path), path + " is a folder that holds nothing of the release");
            continue;
        }
        probe.require(type == fs::file_type::regular, path + " is not a plain file");
        if (type != fs::file_type::regular) continue;
        found[path] = entry.file_size();
        if (path == "manifest.json" || path == "SHA256SUMS") continue;
        const auto claim = listed.find(path);
        probe.require(claim != listed.end(), path + " is not listed in the manifest");
        if (claim != listed.end()) probe.require(claim->second == found[path], path + " has another size than the manifest says");
    }
    for (const auto& [path, bytes] : listed) probe.require(found.contains(path), path + " is missing");
    probe.require(found.contains("SHA256SUMS"), "SHA256SUMS is missing");
    probe.covered(found.size());
    return probe.done("files, none more or less than listed");
}

Check check_digests(const fs::path& folder, const Claims& claims, const Found& found) {
    Probe probe("checksums");
    if (!found.contains("SHA256SUMS")) return probe.done("");
    const auto text = io::read_text(folder / "SHA256SUMS", max_document);
    if (!probe.require(text)) return probe.done("");
    const auto sums = parse_sums(text.value());
    if (!probe.require(sums)) return probe.done("");
    std::map<std::string, std::string> listed;
    for (const FileEntry& sum : sums.value()) probe.require(listed.emplace(sum.path, sum.sha256).second, sum.path + " is in SHA256SUMS twice");
    for (const FileEntry& file : claims.files) probe.require(listed[file.path] == file.sha256, file.path + ": SHA256SUMS and the manifest differ");
    for (const auto& [path, bytes] : found) {
        if (path == "SHA256SUMS") continue;
        const auto actual = io::sha256_of_file(folder / path);
        if (probe.require(actual)) probe.require(listed[path] == actual.value(), path + " was changed, or is not in SHA256SUMS");
    }
    for (const auto& [path, sum] : listed) probe.require(found.contains(path), path + " is in SHA256SUMS and not there");
    probe.covered(listed.size());
    return probe.done("checksums hold");
}

/// The smallest k of the rules: "min_contributors = 15", "class other: min_contributors = 15"; 0 if none says one.
std::uint64_t stated_threshold(const std::vector<std::string>& rules) {
    const std::string words = "min_contributors = ";
    std::uint64_t least = 0;
    for (const std::string& rule : rules) {
        const auto at = rule.rfind(words);
        if (at == std::string::npos) continue;
        std::uint64_t k = 0;
        const char* const end = rule.data() + rule.size();
        if (const auto [rest, trouble] = std::from_chars(rule.data() + at + words.size(), end, k); trouble != std::errc() || rest != end) return 0;
        least = least == 0 ? k : std::min(least, k);
    }
    return least;
}

/// What the manifest says of itself.
Check check_statements(const Claims& claims, const Found& found) {
    Probe probe("statements");
    const auto has = [](const std::vector<std::string>& list, const std::string& item) { return std::find(list.begin(), list.end(), item) != list.end(); };
    for (const std::string& product : claims.products) probe.require(product == "aggregates" || product == "forecast" || product == "attributes", "there is a product that this version cannot check");
    probe.require(has(claims.products, "aggregates") && found.contains("aggregates.h5"), "there are no aggregates");
    probe.require(has(claims.products, "forecast") == found.contains("forecast.h5"), "forecast.h5 and the list of products differ");
    probe.require(has(claims.products, "attributes") == found.contains("attributes.csv") && found.contains("attributes.csv") == claims.attributes.has_value(),
                  "attributes.csv, its terms and the list of products differ");
    const std::uint64_t longest = claims.length_guard.longest;
    probe.require(longest == 0 || std::has_single_bit(longest), "the limit of the length guard is not rounded");
    probe.require(claims.is_longer == claims.length_guard.is_longer(), "the verdict of the length guard is not that of its figures");
    probe.require(claims.audience != "public" || !claims.length_guard.is_longer(), "exact sums of this length are not for the public");
    probe.require(claims.min_contributors >= 1 && stated_threshold(claims.rules) == claims.min_contributors, "the rules do not state the threshold of the manifest");
    return probe.done("statements of the manifest hold");
}

Check check_evidence(const fs::path& folder, const Found& found) {
    Probe probe("evidence");
    for (const char* name : {"evidence/quality.json", "evidence/disclosure.json"}) probe.require(found.contains(name), std::string(name) + " is missing");
    for (const auto& [path, bytes] : found) {
        if (!path.starts_with("evidence/")) continue;
        const auto text = io::read_text(folder / path, max_document);
        if (!probe.require(text)) continue;
        const auto document = parse_document(text.value());
        probe.require(document.ok() && document.value().is_object(), path + " is not a JSON object");
    }
    return probe.done("documents are there and can be read");
}

/// One check that could not be made.
Check failed(const char* name, const std::string& why) {
    Probe probe(name);
    probe.fail(why);
    return probe.done("");
}

template <class T>
Check failed(const char* name, const Result<T>& outcome) {
    Probe probe(name);
    probe.require(outcome);
    return probe.done("");
}

Result<Claims> read_claims(const fs::path& folder) {
    if (!is_plain_file(folder / "manifest.json")) return Error{Code::input, "this is not a release of MeterVeil: it has no manifest.json", folder.string(), "name the folder of a release"};
    TRY(const std::string text, io::read_text(folder / "manifest.json", max_document));
    auto claims = parse_manifest(text);
    if (!claims.ok()) claims.error().where = (folder / "manifest.json").string();
    return claims;
}

/// The checks of aggregates.h5 and of what is made from it.
void check_numbers(const fs::path& folder, const Claims& claims, const Found& found, std::vector<Check>& checks) {
    if (!found.contains("aggregates.h5")) return checks.push_back(failed("structure", "aggregates.h5 is missing"));
    const auto tables = io::TableReader::open(folder / "aggregates.h5");
    if (!tables.ok()) return checks.push_back(failed("structure", tables));
    const auto outline = read_outline(*tables.value(), claims);
    if (!outline.ok()) return checks.push_back(failed("structure", outline));
    Probe structure("structure");
    for (const Tree& tree : outline.value().trees)
        for (std::size_t u = 0; u < tree.places.size(); ++u) structure.require(true, "");
    structure.require(outline.value().times_s.at(claims.resolutions[0]).size() == claims.length_guard.values, "the length guard counts other values than there are");
    checks.push_back(structure.done("units, their levels and times fit together"));
    std::set<std::string> files;
    for (const auto& [path, bytes] : found) files.insert(path);
    checks.push_back(check_contributors(outline.value(), claims));
    checks.push_back(check_levels(*tables.value(), outline.value(), claims));
    if (!claims.crossing.empty()) checks.push_back(check_crossing(*tables.value(), outline.value(), claims));
    checks.push_back(check_resolutions(*tables.value(), outline.value(), claims));
    checks.push_back(check_tables(folder, files, *tables.value(), outline.value(), claims));
    checks.push_back(files.contains("tables/nodes.csv") ? check_nodes(folder, outline.value(), claims) : failed("nodes", "tables/nodes.csv is missing"));
    if (!found.contains("forecast.h5")) return;
    const auto forecast = io::TableReader::open(folder / "forecast.h5");
    checks.push_back(forecast.ok() ? check_forecast(*forecast.value(), outline.value(), claims) : failed("forecasts add up", forecast));
}

Result<std::vector<Check>> all_checks(const fs::path& folder) {
    TRY(const Claims claims, read_claims(folder));
    Found found;
    std::vector<Check> checks = {check_files(folder, claims, found)};
    checks.push_back(check_digests(folder, claims, found));
    checks.push_back(check_statements(claims, found));
    checks.push_back(check_evidence(folder, found));
    check_numbers(folder, claims, found, checks);
    if (claims.attributes && found.contains("attributes.csv")) checks.push_back(check_attributes(folder, *claims.attributes));
    return checks;
}

}  // namespace

Result<std::vector<Check>> verify(const std::string& release_folder) {
    try {
        return all_checks(release_folder);
    } catch (const fs::filesystem_error& error) {
        return Error{Code::input, error.code().message(), error.path1().string(), "check the path and its permissions"};
    } catch (const std::bad_alloc&) {
        return Error{Code::input, "the release asks for more memory than there is", release_folder, "is it a release of MeterVeil?"};
    }
}

}  // namespace meterveil::publish
