#include "meterveil/pipeline/verify.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/table_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "pipeline/ledger.hpp"
#include "pipeline/resum.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using model::Channel;
using model::LedgerEntry;
using model::LedgerRecord;
using Outcome = CustodyCheck::Outcome;

/// The newest entry that the release is of, by its digest and by what the manifest says.
Result<const LedgerEntry*> entry_of(const std::string& release, const std::vector<LedgerEntry>& entries) {
    TRY(const std::string text, io::read_text(fs::path(release) / "manifest.json", std::uint64_t{16} << 20));
    const auto manifest = nlohmann::json::parse(text, nullptr, false);
    if (!manifest.is_object()) return Error{Code::input, "manifest.json is not JSON", release, "fetch the release again"};
    const auto says = [&](const char* key, const auto& value) { return manifest.contains(key) && manifest[key] == nlohmann::json(value); };
    const LedgerEntry* found = nullptr;
    for (const LedgerEntry& e : entries)
        if (says("record_sha256", ledger::record_digest(e)) && says("name", e.name) && says("audience", e.audience) && says("job_sha256", e.job_sha256) && says("key_check_value", e.key_check_value) &&
            says("period", e.from + "/" + e.until) && says("rules", e.rules) && says("resolutions", e.resolutions))
            found = &e;
    return found;
}

/// @return the first row that differs; empty: none
Result<std::string> difference_of_rows(io::TableReader& file, const std::string& root, const std::vector<model::LedgerUnit>& recorded) {
    if (recorded.empty()) return std::string();
    TRY(const auto names, file.read_text(root + "/units/name"));
    TRY(const auto parents, file.read_int(root + "/units/parent"));
    if (names.size() != recorded.size() || parents.size() != recorded.size()) return std::string("the number of rows");
    for (std::size_t u = 0; u < names.size(); ++u) {
        const std::int64_t parent = recorded[u].parent == model::no_id ? -1 : std::int64_t{recorded[u].parent};
        if (names[u] != recorded[u].name || parents[u] != parent) return names[u];
    }
    return std::string();
}

Result<std::string> difference_of_rows(const std::string& release, const LedgerRecord& record) {
    TRY(const auto file, io::TableReader::open(fs::path(release) / "aggregates.h5"));
    for (const Channel channel : {Channel::import, Channel::export_}) {
        TRY(std::string difference, difference_of_rows(*file, model::root_of(channel, ""), record.units.channels[static_cast<std::size_t>(channel)]));
        if (difference.empty()) {
            TRY(difference, difference_of_rows(*file, model::root_of(channel, record.entry.levels.back()), record.units.by_class[static_cast<std::size_t>(channel)]));
        }
        if (!difference.empty()) return difference;
    }
    return std::string();
}

CustodyCheck check_of_sums(const Resum& resum) {
    if (!resum.are_shards_of_it) return {"sums of members", Outcome::skipped, "the shards in custody are not those that it was made from"};
    if (!resum.first_difference.empty()) return {"sums of members", Outcome::fails, fmt::format("'{}' is not the sum of its members", resum.first_difference)};
    return {"sums of members", Outcome::holds, fmt::format("{} rows added up again from the shards", resum.rows)};
}

Result<CustodyCheck> check_derivable(par::Comm& comm, const std::string& custody, const LedgerRecord& record) {
    const auto begin = std::chrono::steady_clock::now();
    const auto proof = hold_against_ledger(comm, custody, record);
    if (!proof.ok() && proof.error().code == Code::privacy) return CustodyCheck{"derivable sums", Outcome::fails, proof.error().what};
    if (!proof.ok()) return Error(proof.error());
    std::uint64_t pairs = 0, blocks = 0;
    for (const auto& comparison : proof.value().comparisons) {
        pairs += comparison.report.num_pairs;
        blocks += comparison.report.num_blocks;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return CustodyCheck{"derivable sums", Outcome::holds, fmt::format("0 violations: {} differences of rows, {} blocks of combinations, with {} other releases, in {:.2f} s", pairs, blocks, proof.value().num_earlier, seconds)};
}

}  // namespace

Result<std::vector<CustodyCheck>> verify_with_custody(par::Comm& comm, const std::string& release, const std::string& custody) {
    std::vector<CustodyCheck> checks;
    TRY(const auto entries, ledger::open(comm, custody));
    checks.push_back({"ledger", Outcome::holds, fmt::format("{} entries, each follows the one before", entries.size())});
    TRY(const LedgerEntry* entry, par::agree_on(comm, [&] { return entry_of(release, entries); }));
    if (entry == nullptr) {
        checks.push_back({"recorded", Outcome::fails, "the ledger has no such release"});
        return checks;
    }
    checks.push_back({"recorded", Outcome::holds, fmt::format("entry {} of {}", entry->number, entry->recorded_at)});
    TRY(const auto record, ledger::read(comm, custody, *entry));
    TRY(const std::string difference, par::agree_on(comm, [&] { return difference_of_rows(release, record); }));
    if (difference.empty()) checks.push_back({"rows", Outcome::holds, "the rows of the release are those of the ledger"});
    else checks.push_back({"rows", Outcome::fails, fmt::format("the ledger has other rows: {}", difference)});
    if (difference.empty()) {
        TRY(const auto again, resum(comm, release, custody, record));
        checks.push_back(check_of_sums(again));
    }
    TRY(auto derivable, check_derivable(comm, custody, record));
    checks.push_back(std::move(derivable));
    return checks;
}

}  // namespace meterveil::pipeline
