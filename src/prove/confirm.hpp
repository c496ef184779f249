#pragma once
// A failing set that was found modulo a prime, confirmed over the rational numbers and put in terms of published rows.

#include <optional>
#include <vector>

#include "prove/blocks.hpp"
#include "prove/cut_graph.hpp"
#include "prove/judge.hpp"

namespace meterveil::prove {

/// Whole numbers by which rows of the block are multiplied so that their sum is over classes of `support` alone and fails.
/// The sum is added up and judged anew in exact fractions.
/// @param graph of the block, if it has one; with is_added
/// @param is_consecutive the positive or the negative part of the sum fails
/// @return nothing if no such sum was found: then nothing is known
std::optional<std::vector<Violation::Term>> confirm(const Block& block, const std::optional<CutGraph>& graph, const std::vector<bool>& is_added,
                                                    std::vector<ClassId> support, const Question& question, const Facts& facts, bool is_consecutive,
                                                    Work& work);

/// All rows of a block as a space.
RowSpace space_of(const Block& block);

}  // namespace meterveil::prove
