#pragma once
// Sums of errors as whole numbers: they add up over units and ranks in any order. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::forecast {

struct Errors {
    std::int64_t error = 0, actual = 0;   ///< Wh, absolute
    std::int64_t scaled = 0, series = 0;  ///< mean error of a series at an origin over its naive one in-sample, in millionths; how many
    std::int64_t inside = 0, banded = 0;  ///< values within their 90 % band; values that had a band
    [[nodiscard]] std::array<std::int64_t, 6> fields() const { return {error, actual, scaled, series, inside, banded}; }
    Errors& operator+=(const Errors& other);
    [[nodiscard]] double nmae() const;
    [[nodiscard]] double mase() const;
    [[nodiscard]] double coverage() const;  ///< -1 if nothing had a band
};

Errors errors_of(std::span<const std::int64_t, 6> fields);

/// Adds one series at one origin.
/// @param forecast, actual [n] Wh
/// @param skipped [n] true: a step that the clock skipped; it does not count
/// @param in_sample mean absolute error of the seasonal naive before the origin, Wh; 0: the series is left out of MASE
void add_series(std::span<const double> forecast, std::span<const double> actual, std::vector<bool>::const_iterator skipped, double in_sample,
                Errors& errors);

}  // namespace meterveil::forecast
