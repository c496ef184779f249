#pragma once
// The rules as the manifest states them, read and judged apart from the rules that built the release.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::prove {

enum class RuleKind : std::uint8_t {
    min_contributors,  ///< subjects with a non-zero contribution >= k
    dominance,         ///< x1 + ... + xn <= q X
    p_percent,         ///< X - x1 - x2 >= p / 100 x1
    diversity,         ///< x1 >= (1 + d) times the smallest non-zero contribution
};

/// A rule looks at all subjects together, or at those of one group.
inline constexpr std::uint32_t all_groups = 0xffffffffU;

struct Rule {
    RuleKind kind = RuleKind::min_contributors;
    std::uint32_t group = all_groups;
    std::uint32_t n = 0;            ///< dominance: how many of the largest
    std::uint64_t k = 0;            ///< min_contributors
    std::int64_t millionths = 0;    ///< q, p or d
    std::string statement;          ///< as the manifest has it
    [[nodiscard]] std::uint32_t num_top() const;
};

/// Reads "min_contributors = 15", "dominance = [1, 0.15]", "p_percent = 10", "diversity = 0.1", each also after
/// "class NAME: " for the subjects of one group. Pure.
/// @param groups names of the groups of subjects, in the order of the facts
/// @errors input: a statement that is not understood; none is ever skipped
Result<std::vector<Rule>> parse_rules(std::span<const std::string> statements, std::span<const std::string> groups);

}  // namespace meterveil::prove
