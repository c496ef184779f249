#pragma once
// `ledger show` and `ledger check`: what custody remembers of releases, and whether it holds.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "meterveil/ledger/run.hpp"
#include "verify_command.hpp"

namespace meterveil::jobs {

inline nlohmann::ordered_json to_json(const model::LedgerEntry& e) {
    return {{"number", e.number}, {"recorded_at", e.recorded_at}, {"name", e.name}, {"audience", e.audience}, {"from", e.from}, {"until", e.until},
            {"time_zone", e.time_zone}, {"resolutions", e.resolutions}, {"levels", e.levels}, {"channels", e.channels}, {"rules", e.rules},
            {"scope", e.scope}, {"count_unit", e.count_unit}, {"key_check_value", e.key_check_value}, {"digest", e.digest}};
}

/// Collective. Rank 0 prints. @errors storage: the ledger does not hold
inline Result<> ledger_command(par::Comm& comm, const std::string& custody, bool is_check, bool as_json) {
    TRY(const auto entries, ledger::open(comm, custody));
    if (is_check)
        for (const auto& entry : entries) {
            TRY(const auto record, ledger::read(comm, custody, entry));
        }
    if (comm.rank() != 0) return {};
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& entry : entries) {
        list.push_back(to_json(entry));
        if (!as_json && !is_check)
            fmt::print("{:>4}  {}  {} .. {}  {}, for {}: {}\n", entry.number, entry.recorded_at, entry.from, entry.until, entry.name, entry.audience, fmt::join(entry.rules, "; "));
    }
    if (as_json) fmt::print("{}\n", dumped({{"holds", true}, {"checked_files", is_check}, {"entries", list}}));
    else if (is_check) fmt::print("ok: {} entries, each follows the one before; their files are those that were recorded\n", entries.size());
    return {};
}

}  // namespace meterveil::jobs
