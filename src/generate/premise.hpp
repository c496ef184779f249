#pragma once
// One metered place and what happens to it: a pure function of the seed and its number.

#include <cstdint>

#include "meterveil/core/integer.hpp"
#include "meterveil/generate/run.hpp"

namespace meterveil::generate {

enum class Kind : std::uint8_t { flat, house, large_house, business, works };

/// Loads are in W; a share of them is drawn anew every interval (series.hpp).
struct Premise {
    std::uint32_t number = 0;
    Kind kind = Kind::flat;
    bool is_vacant = false;         ///< reads zero throughout
    bool has_vehicle = false;       ///< charges at home, at night
    std::int32_t base_w = 0;        ///< mean load without heating
    std::int32_t heat_w_per_k = 0;  ///< electric heating below 15.5 degrees
    std::int32_t solar_peak_w = 0;  ///< 0: no panels, no export channel
    IndexRange present;             ///< intervals of the axis with a meter: joins late, leaves early
    std::uint32_t exchanged_at = 0; ///< from this interval on a second meter; 0: never
};

/// Draws with the shares of the spec resolved once.
class Premises {
public:
    Premises(const Spec& spec, std::uint32_t num_intervals);
    [[nodiscard]] Premise operator()(std::uint32_t number) const;

private:
    void equip(Premise& premise) const;
    void churn(Premise& premise) const;
    std::uint64_t seed_;
    std::uint32_t num_intervals_;
    std::uint64_t vehicle_, solar_, vacant_, joins_, leaves_, exchanged_;  ///< thresholds; the last three add up
};

}  // namespace meterveil::generate
