#pragma once
// Readings of a finer source become intervals of the job. Pure kernels.

#include <cstdint>
#include <span>

namespace meterveil::store {

/// coarse[i] = sum of fine[i * parts, (i + 1) * parts); missing_quanta if any of them is missing. Exact: nothing is rounded.
/// @param fine [coarse.size() * parts]; may begin where `coarse` does
void join(std::span<const std::int32_t> fine, std::uint32_t parts, std::span<std::int32_t> coarse);

/// Intervals of `parts` values that lack none.
std::uint32_t num_whole(std::span<const std::int32_t> fine, std::uint32_t parts);

}  // namespace meterveil::store
