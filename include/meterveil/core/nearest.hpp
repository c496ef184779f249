#pragma once
// "Did you mean": for unknown keys, names and columns.

#include <string>
#include <vector>

namespace meterveil {

/// The candidate nearest to `word` by edit distance, or "" if none is near (over a third of its
/// length, at least 2). Pure. Example: nearest("min_coverge", {"min_coverage", "fill"}) == "min_coverage".
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

/// " (did you mean 'x'?)" or "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace meterveil
