#include "store/clean.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "meterveil/core/integer.hpp"

namespace meterveil::store {
namespace {

using model::missing_quanta;

std::optional<std::int32_t> median(std::vector<std::int32_t>& values) {
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    const std::int32_t below = *std::max_element(values.begin(), middle);
    return static_cast<std::int32_t>(divide_half_even(std::int64_t{below} + *middle, 2));
}

std::optional<std::int32_t> typical(std::span<const std::int32_t> readings, const Days& days, std::uint32_t t, std::vector<std::int32_t>& values) {
    for (const std::uint32_t weeks : {3U, 6U, 12U, 24U, 48U}) {
        collect(readings, days, t, 7 * weeks, DayKind::same, values);
        if (const auto value = median(values)) return value;
    }
    collect(readings, days, t, days.num_days(), DayKind::any, values);
    return median(values);
}

void fill_typical(std::span<std::int32_t> quanta, const Days& days) {
    const std::vector<std::int32_t> readings(quanta.begin(), quanta.end());
    std::vector<std::int32_t> values;
    for (std::uint32_t t = 0; t < quanta.size(); ++t)
        if (readings[t] == missing_quanta) quanta[t] = typical(readings, days, t, values).value_or(missing_quanta);
}

void fill_linear(std::span<std::int32_t> quanta, const Days& days) {
    const std::size_t longest = static_cast<std::size_t>(max_linear_gap_s) * days.slots_per_day / 86400;
    for (std::size_t t = 0; t < quanta.size(); ++t) {
        if (quanta[t] != missing_quanta) continue;
        std::size_t end = t;
        while (end < quanta.size() && quanta[end] == missing_quanta) ++end;
        if (t > 0 && end < quanta.size() && end - t <= longest) {
            const std::int64_t before = quanta[t - 1], after = quanta[end], span = static_cast<std::int64_t>(end - t) + 1;
            for (std::size_t i = t; i < end; ++i)
                quanta[i] = static_cast<std::int32_t>(before + divide_half_even((after - before) * static_cast<std::int64_t>(i - t + 1), span));
        }
        t = end - 1;
    }
}

std::uint32_t num_values(std::span<const std::int32_t> quanta) {
    return static_cast<std::uint32_t>(quanta.size()) - static_cast<std::uint32_t>(std::count(quanta.begin(), quanta.end(), missing_quanta));
}

}  // namespace

Cleaned clean(std::span<std::int32_t> quanta, const Days& days, Fill fill, double min_coverage) {
    Cleaned cleaned;
    cleaned.measured = num_values(quanta);
    cleaned.has_coverage = cleaned.measured > 0 && cleaned.measured >= min_coverage * static_cast<double>(quanta.size());
    if (!cleaned.has_coverage) return cleaned;
    if (cleaned.measured < quanta.size() && fill == Fill::typical) fill_typical(quanta, days);
    if (cleaned.measured < quanta.size() && fill == Fill::linear) fill_linear(quanta, days);
    const std::uint32_t present = num_values(quanta);
    cleaned.filled = present - cleaned.measured;
    cleaned.takes_part = present == quanta.size();
    return cleaned;
}

}  // namespace meterveil::store
