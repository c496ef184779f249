#pragma once
// Decides by search whether a space of derivable sums has a vector whose classes fail.

#include <optional>
#include <vector>

#include "prove/judge.hpp"
#include "prove/row_space.hpp"

namespace meterveil::prove {

/// Classes of a failing vector; nothing if there is none. Complete unless `work` ran out: then nothing is known.
/// Branches over the classes: in the vector, or zero on it. A branch ends where every vector of it passes for sure.
std::optional<std::vector<ClassId>> find_failing(const RowSpace& space, const Question& question, const Facts& facts, Work& work);

/// The same for consecutive periods: an elementary vector (of least support) whose positive or whose negative part fails.
std::optional<std::vector<ClassId>> find_failing_part(const RowSpace& space, const Question& question, const Facts& facts, Work& work);

}  // namespace meterveil::prove
