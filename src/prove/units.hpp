#pragma once
// Every atom, every unit, and the difference of every two units that overlap.

#include <vector>

#include "meterveil/prove/derivable.hpp"
#include "prove/judge.hpp"
#include "prove/layout.hpp"

namespace meterveil::prove {

/// Adds a violation to the report; explains the first `max_explained`.
void add_violation(Report& report, const Limits& limits, Violation violation);

/// Judges atoms, units, and differences: within a forest a unit minus each one below it, across forests every two units
/// that share a class. @param wholes one for each group of subjects that rules name
void check_units(const Problem& problem, const std::vector<Layout>& layouts, const std::vector<Question>& wholes, const Limits& limits,
                 Report& report);

}  // namespace meterveil::prove
