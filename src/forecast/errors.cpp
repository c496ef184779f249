#include "forecast/errors.hpp"

#include <algorithm>
#include <cmath>

namespace meterveil::forecast {
namespace {

constexpr double millionths = 1e6, most_scaled = 1e6;

double ratio(std::int64_t a, std::int64_t b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

}  // namespace

Errors errors_of(std::span<const std::int64_t, 6> f) { return {f[0], f[1], f[2], f[3], f[4], f[5]}; }

Errors& Errors::operator+=(const Errors& other) {
    auto sums = fields();
    const auto more = other.fields();
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
    return *this = errors_of(sums);
}

double Errors::nmae() const { return ratio(error, actual); }
double Errors::mase() const { return ratio(scaled, series) / millionths; }
double Errors::coverage() const { return banded == 0 ? -1 : ratio(inside, banded); }

void add_series(std::span<const double> forecast, std::span<const double> actual, std::vector<bool>::const_iterator skipped, double in_sample,
                Errors& errors) {
    double total = 0;
    std::int64_t n = 0;
    for (std::size_t i = 0; i < forecast.size(); ++i) {
        if (skipped[static_cast<std::ptrdiff_t>(i)]) continue;
        const double error = std::abs(actual[i] - forecast[i]);
        errors.error += std::llround(error);
        errors.actual += std::llround(std::abs(actual[i]));
        total += error;
        ++n;
    }
    if (in_sample <= 0 || n == 0) return;
    errors.scaled += std::llround(millionths * std::min(most_scaled, total / static_cast<double>(n) / in_sample));
    ++errors.series;
}

}  // namespace meterveil::forecast
