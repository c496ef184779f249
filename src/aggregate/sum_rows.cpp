#include "aggregate/sum_rows.hpp"

#include <cstddef>

namespace meterveil::aggregate {

void add_row(std::span<const std::int32_t> row, std::span<std::int64_t> sums) {
    for (std::size_t t = 0; t < row.size(); ++t) sums[t] += row[t];
}

void add_row(std::span<const std::int64_t> row, std::span<std::int64_t> sums) {
    for (std::size_t t = 0; t < row.size(); ++t) sums[t] += row[t];
}

}  // namespace meterveil::aggregate
