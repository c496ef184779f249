#include "ledger/chain.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace meterveil::ledger {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* format = "meterveil-ledger/1";

/// Calls visit(key, field) for every field but the digest, in the order of the line.
template <class Entry, class Visit>
void for_each_field(Entry& e, Visit&& visit) {
    visit("number", e.number);
    visit("recorded_at", e.recorded_at);
    visit("name", e.name);
    visit("audience", e.audience);
    visit("from", e.from);
    visit("until", e.until);
    visit("time_zone", e.time_zone);
    visit("months_s", e.months_s);
    visit("interval_s", e.interval_s);
    visit("resolutions", e.resolutions);
    visit("levels", e.levels);
    visit("channels", e.channels);
    visit("count_unit", e.count_unit);
    visit("scope", e.scope);
    visit("max_failing_share", e.max_failing_share);
    visit("rules", e.rules);
    visit("subject_classes", e.subject_classes);
    visit("key_check_value", e.key_check_value);
    visit("job_sha256", e.job_sha256);
    visit("units_sha256", e.units_sha256);
    visit("members_sha256", e.members_sha256);
    visit("previous", e.previous);
}

Json to_json(const model::LedgerEntry& entry) {
    Json json = {{"format", format}, {"kind", entry.kind}};
    for_each_field(entry, [&](const char* key, const auto& field) { json[key] = field; });
    return json;
}

Error broken(std::size_t line, const char* why) {
    return {Code::storage, fmt::format("the ledger is broken at entry {}: {}", line, why), "ledger/ledger.jsonl", "restore custody from a backup; nothing is released until it holds"};
}

Result<model::LedgerEntry> parse_line(std::string_view line, std::size_t number, const std::string& previous, Digest digest) {
    try {
        Json json = Json::parse(line);
        const std::string kind = json.at("kind");
        if (json.at("format") != format || (kind != "release" && kind != "erasure")) return broken(number, "it is of a kind that this version does not know");
        model::LedgerEntry entry;
        entry.kind = kind;
        for_each_field(entry, [&](const char* key, auto& field) { json.at(key).get_to(field); });
        entry.digest = json.at("digest").get<std::string>();
        std::string again = to_line(entry, digest);
        if (again != line) return broken(number, "it was changed");
        if (entry.number != number || entry.previous != previous) return broken(number, "it does not follow the one before");
        return entry;
    } catch (const nlohmann::json::exception&) {
        return broken(number, "it cannot be read");
    }
}

}  // namespace

std::string to_line(model::LedgerEntry& entry, Digest digest) {
    Json json = to_json(entry);
    entry.digest = digest(json.dump());
    json["digest"] = entry.digest;
    return json.dump();
}

Result<std::vector<model::LedgerEntry>> parse_chain(const std::string& text, Digest digest) {
    std::vector<model::LedgerEntry> entries;
    std::string previous = no_previous;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) return broken(entries.size() + 1, "it was not written to its end");
        TRY(auto entry, parse_line(std::string_view(text).substr(begin, end - begin), entries.size() + 1, previous, digest));
        previous = entry.digest;
        entries.push_back(std::move(entry));
        begin = end + 1;
    }
    return entries;
}

std::string record_text(model::LedgerEntry entry) {
    entry.number = 0;
    entry.recorded_at = entry.previous = "";
    return to_json(entry).dump();
}

}  // namespace meterveil::ledger
