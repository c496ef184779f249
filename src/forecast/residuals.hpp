#pragma once
// Past errors as counts, and the bands that they give. Pure. docs/methods/prediction-intervals.md

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::forecast {

/// Histogram of standardised errors for every lead day and part of the day. Counts add up over ranks exactly.
class Residuals {
public:
    explicit Residuals(std::uint32_t horizon_days, std::uint32_t slots);
    /// @param z (actual - forecast) / deviation
    void add(std::uint32_t lead_day, std::uint32_t slot, double z);
    [[nodiscard]] std::span<std::int64_t> counts() { return counts_; }
    /// Conformal, to half a bin (1/256): of n errors the one of rank ceil(p (n + 1)), below the median floor(p (n + 1)),
    /// so that a band errs to the wide side; 0 without errors.
    [[nodiscard]] double quantile(std::uint32_t lead_day, std::uint32_t slot, double p) const;
    /// @return [horizon_days x slots x p] all of them at once
    [[nodiscard]] std::vector<double> quantiles(std::span<const double> p) const;

private:
    [[nodiscard]] std::size_t cell(std::uint32_t lead_day, std::uint32_t slot) const;
    std::uint32_t horizon_days_, slots_;
    std::vector<std::int64_t> counts_;
};

}  // namespace meterveil::forecast
