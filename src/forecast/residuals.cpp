#include "forecast/residuals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t parts_of_day = 8;
constexpr std::size_t bins = 2048;
constexpr double bins_per_deviation = 128;  // +- 8 deviations

}  // namespace

Residuals::Residuals(std::uint32_t horizon_days, std::uint32_t slots)
    : horizon_days_(horizon_days), slots_(slots), counts_(std::size_t{horizon_days} * parts_of_day * bins, 0) {}

std::size_t Residuals::cell(std::uint32_t lead_day, std::uint32_t slot) const {
    return (std::size_t{lead_day} * parts_of_day + std::size_t{slot} * parts_of_day / slots_) * bins;
}

void Residuals::add(std::uint32_t lead_day, std::uint32_t slot, double z) {
    const double bin = std::floor(z * bins_per_deviation) + static_cast<double>(bins / 2);
    ++counts_[cell(lead_day, slot) + static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(bins - 1)))];
}

double Residuals::quantile(std::uint32_t lead_day, std::uint32_t slot, double p) const {
    const auto counts = std::span(counts_).subspan(cell(lead_day, slot), bins);
    const auto n = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    if (n == 0) return 0;
    const double rank = p * static_cast<double>(n + 1);
    const auto wanted = std::clamp(static_cast<std::int64_t>(p < 0.5 ? std::floor(rank) : std::ceil(rank)), std::int64_t{1}, n);
    std::int64_t seen = 0;
    std::size_t bin = 0;
    while (bin + 1 < bins && (seen += counts[bin]) < wanted) ++bin;
    return (static_cast<double>(bin) + 0.5 - static_cast<double>(bins / 2)) / bins_per_deviation;
}

std::vector<double> Residuals::quantiles(std::span<const double> p) const {
    std::vector<double> all;
    for (std::uint32_t d = 0; d < horizon_days_; ++d)
        for (std::uint32_t s = 0; s < slots_; ++s)
            for (std::size_t i = 0; i < p.size(); ++i)
                all.push_back(s > 0 && cell(d, s) == cell(d, s - 1) ? all[all.size() - p.size()] : quantile(d, s, p[i]));
    return all;
}

}  // namespace meterveil::forecast
