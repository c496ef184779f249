#include "publish/documents.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace meterveil::publish {
namespace {

using Json = nlohmann::ordered_json;

std::string rounded(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

}  // namespace

std::string manifest_json(const model::Release& release, const model::Forecast* forecast, const Dossier& dossier, const std::vector<FileEntry>& files) {
    const auto& terms = release.terms();
    Json resolutions = Json::array(), levels = Json::array(), list = Json::array(), products = {"aggregates"};
    for (const auto& resolution : release.resolutions()) resolutions.push_back(resolution.name);
    for (const auto& level : release.levels()) levels.push_back(level);
    if (forecast != nullptr) products.push_back("forecast");
    for (const auto& file : files) list.push_back({{"path", file.path}, {"sha256", file.sha256}, {"bytes", file.bytes}});
    const Json manifest = {
        {"format", "meterveil-release/1"},
        {"name", terms.name},
        {"audience", terms.audience},
        {"period", terms.period},
        {"time_zone", terms.time_zone},
        {"products", products},
        {"levels", levels},
        {"resolutions", resolutions},
        {"rules", terms.rules},
        {"scope", terms.scope},
        {"count_unit", terms.count_unit},
        {"min_contributors", terms.min_contributors},
        {"key_check_value", terms.key_check_value},
        {"software_version", dossier.software_version},
        {"job_sha256", dossier.job_digest},
        {"meters", dossier.meters_band},
        {"rows", {{"read", dossier.rows_read}, {"accepted", dossier.rows_accepted}, {"superseded", dossier.rows_superseded},
                  {"duplicate", dossier.rows_duplicate}, {"quarantined", dossier.rows_quarantined}}},
        {"notes", dossier.notes},
        {"files", list}};
    return manifest.dump(2) + "\n";
}

std::string utility_json(const model::Forecast& forecast) {
    Json scores = Json::array();
    for (const auto& s : forecast.scores) {
        Json score = {{"horizon", s.horizon}, {"level", s.level}, {"model", s.model}, {"origins", s.num_origins},
                      {"nmae", rounded(s.nmae, 6)}, {"mase", rounded(s.mase, 6)}, {"mase_season", s.mase_season}};
        if (s.coverage_90 >= 0) score["coverage_90"] = rounded(s.coverage_90, 4);
        scores.push_back(score);
    }
    return Json{{"backtest", scores}}.dump(2) + "\n";
}

std::string sums_text(const std::vector<FileEntry>& files) {
    std::string text;
    for (const auto& file : files) text += file.sha256 + "  " + file.path + "\n";
    return text;
}

}  // namespace meterveil::publish
