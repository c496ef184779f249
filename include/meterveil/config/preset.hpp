#pragma once
// Rules as a job or a preset writes them, and the presets: rules of regulators and operators, as data.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::config {

/// Parameters by name of the rule: {"dominance", {1, 0.15}}.
using RuleParameters = std::map<std::string, std::vector<double>>;

/// The table `rules` as it is written, before anything is made of it.
struct RuleTerms {
    RuleParameters rules;                           ///< beside the classes: they hold for every class that does not state its own
    std::map<std::string, RuleParameters> classes;  ///< by value of the class; "other" is everything else; empty: no classes
    std::string scope, count_unit;                  ///< empty: not stated
    std::optional<double> max_failing_share;
};

/// One file of src/protect/presets.
struct Preset {
    std::string name, jurisdiction, citation, summary, applies_to, warning;
    model::Date date{};                            ///< of the source
    std::vector<std::string> notes;
    std::vector<std::string> verify_with_counsel;  ///< keys whose figure nobody has checked against the source: "scope", "other.dominance"
    RuleTerms terms;
};

/// Pure. @param path for messages
/// @errors usage: as a job file, all problems at once
Result<Preset> parse_preset(const std::string& text, const std::string& path);

/// All presets of this build, by name.
const std::vector<Preset>& presets();

/// The rules of a preset as a job states them, one a line: "min_contributors = 15", "class other: dominance = [1, 0.15]".
std::vector<std::string> statements_of(const RuleTerms& terms);

}  // namespace meterveil::config
