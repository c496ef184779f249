#pragma once
// Disclosure rules by name. One file each in src/protect/rules; CMake writes the table.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/rules.hpp"

namespace meterveil::protect {

/// A kind of rule. `make` takes the parameters in the job's order: min_contributors = [k];
/// dominance = [n, q].
struct RuleKind {
    const char* name;
    const char* summary;
    const char* source;     ///< paper, statute or standard
    const char* guarantee;  ///< what a passing cell promises
    Result<std::shared_ptr<const model::Rule>> (*make)(std::span<const double> parameters);
};

/// All rules of this build, by name.
std::span<const RuleKind> rule_kinds();

/// @errors usage: unknown rule (nearest named), bad parameter
Result<std::shared_ptr<const model::Rule>> make_rule(const std::string& name, std::span<const double> parameters);

/// "15-19": the band of a count, for people; never finer than k. Pure. Counts below k give "< k".
std::string contributor_band(std::uint64_t count, std::uint32_t k);
/// "0", "< 1 %", "1-5 %", "5-10 %", ">= 10 %"
std::string share_band(std::uint64_t part, std::uint64_t whole);

}  // namespace meterveil::protect
