#pragma once
// `verify`, the same in both programs.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "meterveil/publish/verify.hpp"

namespace meterveil::jobs {

/// Prints every check. @errors privacy: a check failed (status 4); input: not a release
inline Result<> verify_command(const std::string& folder, bool as_json) {
    TRY(const auto checks, publish::verify(folder));
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    bool all = true;
    for (const auto& check : checks) {
        all = all && check.passes;
        list.push_back({{"check", check.name}, {"passes", check.passes}, {"detail", check.detail}});
        if (!as_json) fmt::print("{}  {}: {}\n", check.passes ? "ok    " : "FAILED", check.name, check.detail);
    }
    if (as_json) fmt::print("{}\n", nlohmann::ordered_json{{"passes", all}, {"checks", list}}.dump(2));
    if (!all) return Error{Code::privacy, "the release does not verify", folder, "do not use it; fetch it again"};
    return {};
}

}  // namespace meterveil::jobs
