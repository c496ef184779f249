#pragma once
// The energy of one premise, interval by interval, in whole Wh.

#include <cstdint>
#include <vector>

#include "generate/premise.hpp"
#include "generate/weather.hpp"

namespace meterveil::generate {

/// What one interval measured; the two are never netted against each other.
struct Energy {
    std::int32_t import_wh = 0, export_wh = 0;
    bool operator==(const Energy&) const = default;
};

/// Pure: interval i depends on (seed, premise, i) and the shared moment alone.
class Series {
public:
    Series(const Premise& premise, std::uint64_t seed, std::int32_t interval_s);
    [[nodiscard]] Energy at(const Moment& moment, std::uint32_t interval) const;

private:
    [[nodiscard]] std::int64_t load_w(const Moment& moment, std::uint32_t interval) const;
    [[nodiscard]] bool is_charging(const Moment& moment) const;
    [[nodiscard]] bool charges_at(std::int64_t day, std::int64_t half_hours_after_midnight) const;
    Premise premise_;
    std::int64_t interval_s_;
    std::uint64_t noise_, activity_, charging_;
};

}  // namespace meterveil::generate
