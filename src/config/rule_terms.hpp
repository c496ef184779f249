#pragma once
// The table `rules`: read, held against a preset, made into rules.

#include <vector>

#include "meterveil/config/job.hpp"
#include "meterveil/config/preset.hpp"
#include "section.hpp"

namespace meterveil::config {

/// Reads every key of `rules` that job and preset share. Whoever calls says which must be there, and finishes the section.
RuleTerms read_terms(Section& rules);

/// What `terms` ask of one class of subjects. @param name a class of the terms, or of none: what holds for "other"
RuleParameters rules_of_class(const RuleTerms& terms, const std::string& name);

/// Names of the classes, "other" last; one empty name if there are none.
std::vector<std::string> class_names(const RuleTerms& terms);

/// The preset's terms, with what the job adds or tightens. What would loosen them is a problem of `rules`.
RuleTerms tightened(const Preset& preset, const RuleTerms& job, Section& rules);

/// The rules themselves. @param terms whole: scope, and parameters that have been read
model::RuleSet make_rules(const RuleTerms& terms);

/// The table of a [[release]].
void parse_rules(Section rules, Section& release_section, const Job& job, ReleaseSpec& release);

}  // namespace meterveil::config
