#pragma once
// All linear combinations of the rows of several releases.

#include <vector>

#include "meterveil/prove/derivable.hpp"
#include "prove/judge.hpp"

namespace meterveil::prove {

/// Decides for each block of different rows whether a linear combination fails; adds confirmed violations to the report.
void check_combinations(const Problem& problem, const std::vector<Question>& wholes, const Limits& limits, Report& report);

}  // namespace meterveil::prove
