#include "publish/documents.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meterveil::publish {
namespace {

using Json = nlohmann::ordered_json;

std::string rounded(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

/// Text that is not UTF-8 gets replacement characters: a document is always written.
std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Error bad_manifest(const std::string& what) { return {Code::input, "this is not a release of MeterVeil: " + what, "manifest.json", "name the folder of a release; fetch it again"}; }

/// Entries of a JSON object by key and type; the first that is not as wanted is kept.
class Entries {
public:
    explicit Entries(const nlohmann::json& object) : object_(object) {}
    std::string text(const char* key) {
        const auto* const found = find(key);
        if (found != nullptr && found->is_string()) return found->get<std::string>();
        return fail(key, "text"), "";
    }
    std::uint64_t count(const char* key) {
        const auto* const found = find(key);
        if (found != nullptr && found->is_number_unsigned()) return found->get<std::uint64_t>();
        return fail(key, "a whole number"), 0;
    }
    bool flag(const char* key) {
        const auto* const found = find(key);
        if (found != nullptr && found->is_boolean()) return found->get<bool>();
        return fail(key, "true or false"), false;
    }
    nlohmann::json object(const char* key) {
        const auto* const found = find(key);
        if (found != nullptr && found->is_object()) return *found;
        return fail(key, "an object"), nlohmann::json::object();
    }
    std::vector<std::string> texts(const char* key) {
        std::vector<std::string> list;
        for (const auto& item : items(key)) {
            if (item.is_string()) list.push_back(item.get<std::string>());
            else fail(key, "a list of texts");
        }
        return list;
    }
    nlohmann::json items(const char* key) {
        const auto* const found = find(key);
        if (found != nullptr && found->is_array()) return *found;
        return fail(key, "a list"), nlohmann::json::array();
    }
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

private:
    const nlohmann::json* find(const char* key) const {
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }
    void fail(const char* key, const char* wanted) {
        if (trouble_.empty()) trouble_ = fmt::format("'{}' is not {}", key, wanted);
    }
    const nlohmann::json& object_;
    std::string trouble_;
};

bool is_digest(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "tables/feeder-1d.csv": names of letters, digits, '-', '_' and '.', none of which starts with '.'.
bool is_inside(const std::string& path) {
    char before = '/';
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!plain && (before == '/' || (c != '.' && c != '/'))) return false;
        before = c;
    }
    return before != '/';
}

/// Null: the rules are the job's own.
Json preset_json(const model::PresetTerms& preset) {
    if (preset.name.empty()) return nullptr;
    return {{"name", preset.name}, {"citation", preset.citation}, {"warning", preset.warning}, {"verify_with_counsel", preset.verify_with_counsel}};
}

Json length_guard_json(const model::LengthGuard& guard) {
    return {{"bits_per_value", model::LengthGuard::bits_per_value}, {"values_per_series", guard.values}, {"longest_series", guard.longest}, {"longer_than_guard", guard.is_longer()}};
}

}  // namespace

std::string manifest_json(const model::Release& release, const model::Forecast* forecast, const Dossier& dossier, const std::vector<FileEntry>& files) {
    const auto& terms = release.terms();
    Json resolutions = Json::array(), levels = Json::array(), list = Json::array(), products = {"aggregates"};
    for (const auto& resolution : release.resolutions()) resolutions.push_back(resolution.name);
    Json crossing = nullptr;
    for (const auto& level : release.levels()) levels.push_back(level);
    for (const auto& channel : release.channels())
        if (!channel.by_class.empty()) crossing = channel.by_class;
    if (forecast != nullptr) products.push_back("forecast");
    if (release.attributes()) products.push_back("attributes");
    for (const auto& file : files) list.push_back({{"path", file.path}, {"sha256", file.sha256}, {"bytes", file.bytes}});
    Json manifest = {
        {"format", "meterveil-release/1"},
        {"name", terms.name},
        {"audience", terms.audience},
        {"period", terms.period},
        {"time_zone", terms.time_zone},
        {"products", products},
        {"levels", levels},
        {"crossing", crossing},
        {"resolutions", resolutions},
        {"rules", terms.rules},
        {"scope", terms.scope},
        {"count_unit", terms.count_unit},
        {"min_contributors", terms.min_contributors},
        {"preset", preset_json(terms.preset)},
        {"length_guard", length_guard_json(terms.length_guard)},
        {"key_check_value", terms.key_check_value},
        {"software_version", dossier.software_version},
        {"job_sha256", dossier.job_digest},
        {"record_sha256", dossier.record_digest},
        {"meters", dossier.meters_band},
        {"rows", {{"read", dossier.rows_read}, {"accepted", dossier.rows_accepted}, {"superseded", dossier.rows_superseded},
                  {"duplicate", dossier.rows_duplicate}, {"quarantined", dossier.rows_quarantined}}},
        {"notes", dossier.notes},
        {"files", list}};
    if (release.attributes()) manifest["attributes"] = attribute_terms_json(*release.attributes());
    return dumped(manifest);
}

std::string utility_json(const model::Forecast& forecast) {
    Json scores = Json::array();
    for (const auto& s : forecast.scores) {
        Json score = {{"horizon", s.horizon}, {"level", s.level}, {"model", s.model}, {"origins", s.num_origins},
                      {"nmae", rounded(s.nmae, 6)}, {"mase", rounded(s.mase, 6)}, {"mase_season", s.mase_season}};
        if (s.coverage_90 >= 0) score["coverage_90"] = rounded(s.coverage_90, 4);
        scores.push_back(score);
    }
    return dumped(Json{{"backtest", scores}});
}

std::string sums_text(const std::vector<FileEntry>& files) {
    std::string text;
    for (const auto& file : files) text += file.sha256 + "  " + file.path + "\n";
    return text;
}

Result<nlohmann::json> parse_document(const std::string& text) {
    constexpr int deepest = 16;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {  // before the parser, which takes any depth
        if (quoted) {
            if (text[i] == '\\') ++i;
            else if (text[i] == '"') quoted = false;
        } else {
            quoted = text[i] == '"';
            depth += text[i] == '[' || text[i] == '{' ? 1 : text[i] == ']' || text[i] == '}' ? -1 : 0;
            if (depth > deepest) return Error{Code::input, "it is nested too deep", "", "fetch the release again"};
        }
    }
    auto document = nlohmann::json::parse(text, nullptr, false);
    if (document.is_discarded()) return Error{Code::input, "it is not JSON", "", "fetch the release again"};
    return document;
}

Result<Claims> parse_manifest(const std::string& text) {
    const auto parsed = parse_document(text);
    if (!parsed.ok()) return bad_manifest(parsed.error().what);
    if (!parsed.value().is_object()) return bad_manifest("it is not an object");
    Entries manifest(parsed.value());
    if (manifest.text("format") != "meterveil-release/1") return bad_manifest("the format is not meterveil-release/1");
    Claims claims{manifest.text("audience"), manifest.text("time_zone"), manifest.texts("products"), manifest.texts("levels"), manifest.texts("resolutions"),
                  manifest.texts("rules"), manifest.count("min_contributors"), {}, false, {}};
    const auto guard_object = manifest.object("length_guard");
    Entries guard(guard_object);
    if (!is_digest(manifest.text("record_sha256"))) return bad_manifest("'record_sha256' is no digest");
    claims.length_guard = {guard.count("values_per_series"), guard.count("longest_series")};
    claims.is_longer = guard.flag("longer_than_guard");
    for (const auto& item : manifest.items("files")) {
        if (!item.is_object()) return bad_manifest("'files' holds something that is no file");
        Entries file(item);
        claims.files.push_back({file.text("path"), file.text("sha256"), file.count("bytes")});
        if (!file.trouble().empty()) return bad_manifest("'files': " + file.trouble());
        if (!is_inside(claims.files.back().path)) return bad_manifest("'files' names a file outside the release");
        if (!is_digest(claims.files.back().sha256)) return bad_manifest("'files' holds a digest that is none");
    }
    if (!manifest.trouble().empty()) return bad_manifest(manifest.trouble());
    if (!guard.trouble().empty()) return bad_manifest("'length_guard': " + guard.trouble());
    if (const auto attributes = parsed.value().find("attributes"); attributes != parsed.value().end()) {
        auto terms = parse_attribute_terms(*attributes);
        if (!terms.ok()) return bad_manifest(terms.error().what);
        claims.attributes = std::move(terms).value();
    }
    if (const auto crossing = parsed.value().find("crossing"); crossing != parsed.value().end() && !crossing->is_null()) {
        if (claims.levels.size() < 3 || *crossing != claims.levels.back()) return bad_manifest("'crossing' is not the last of 'levels'");
        claims.crossing = claims.levels.back();
    }
    if (claims.resolutions.empty() || claims.levels.empty()) return bad_manifest("'levels' or 'resolutions' is empty");
    return claims;
}

Result<std::vector<FileEntry>> parse_sums(const std::string& text) {
    std::vector<FileEntry> entries;
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
        end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        if (line.size() < 67 || end == text.size() || !is_digest(line.substr(0, 64)) || line.substr(64, 2) != "  " || !is_inside(line.substr(66)))
            return Error{Code::input, fmt::format("line {} is not a digest, two blanks and a path", entries.size() + 1), "SHA256SUMS", "fetch the release again"};
        entries.push_back({line.substr(66), line.substr(0, 64), 0});
    }
    return entries;
}

}  // namespace meterveil::publish
