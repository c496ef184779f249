#pragma once
// Sums of meters into atoms. Pure kernels.

#include <cstdint>
#include <span>

namespace meterveil::aggregate {

/// sums[t] += row[t]. The values are never missing: only meters without gaps take part. Branch-free.
void add_row(std::span<const std::int32_t> row, std::span<std::int64_t> sums);

/// sums[t] += row[t], for rows of sums.
void add_row(std::span<const std::int64_t> row, std::span<std::int64_t> sums);

}  // namespace meterveil::aggregate
