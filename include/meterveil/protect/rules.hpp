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

/// A kind of rule. Its parameters in the job's order: min_contributors = k; dominance = [n, q]; p_percent = p; diversity = d.
struct RuleKind {
    const char* name;
    const char* summary;
    const char* source;     ///< paper, statute or standard
    const char* guarantee;  ///< what a passing cell promises
    Result<std::shared_ptr<const model::Rule>> (*make)(std::span<const double> parameters);
    /// True if whatever passes with the parameters `one` passes with `other`. @param one, other such as make() takes
    bool (*is_as_strict)(std::span<const double> one, std::span<const double> other);
};

/// All rules of this build, in the order in which a manifest states them.
std::span<const RuleKind> rule_kinds();

/// @errors usage: unknown rule (nearest named), bad parameter
Result<std::shared_ptr<const model::Rule>> make_rule(const std::string& name, std::span<const double> parameters);

/// Where the band of a count starts; 0 below k. Pure.
std::uint64_t contributor_band_floor(std::uint64_t count, std::uint32_t k);
/// "15-19": the band of a count, for people; never finer than k. Pure. Counts below k give "< k".
std::string contributor_band(std::uint64_t count, std::uint32_t k);
/// "0", "< 1 %", "1-5 %", "5-10 %", ">= 10 %"
std::string share_band(std::uint64_t part, std::uint64_t whole);

}  // namespace meterveil::protect
