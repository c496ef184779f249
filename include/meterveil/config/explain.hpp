#pragma once
// What a key, an exit status, a rule or a preset means, in the words of the documents: they are part of the program.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::config {

struct Topic {
    std::string kind;   ///< section | key | rule | preset | status
    std::string name;   ///< "clean", "clean.fill", "p_percent", "il-15-15", "privacy"
    std::string also;   ///< another name: a status' number
    std::string type;   ///< of a key: "integer"
    std::string text;   ///< lines; code in backquotes, as the documents have it
    bool operator==(const Topic&) const = default;
};

/// Everything that can be explained: sections and keys in the order of docs/formats/job-file.md, then rules, presets, statuses.
const std::vector<Topic>& topics();

/// The topics of a word: "clean.fill", "[clean] fill", "fill", "p_percent", "il-15-15", "privacy", "4". Several keys may bear one name.
/// @errors usage: unknown (nearest named)
Result<std::vector<Topic>> explain(const std::string& word);

}  // namespace meterveil::config
