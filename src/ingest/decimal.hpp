#pragma once
// Decimal text to integer energy, exactly.

#include <cstdint>
#include <optional>
#include <string_view>

#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

/// A value in quanta, and what rounding took (+) or gave (-).
struct Energy {
    std::int64_t quanta = 0;
    std::int64_t residue_nwh = 0;  ///< nano-Wh
};

/// Pure. No floating point: text x unit in nano-Wh, rounded half to even.
/// @return nothing if the text is no number, or one past 9.2e9 Wh
std::optional<std::int64_t> to_nwh(std::string_view text, EnergyUnit unit);

/// Energy of a mean power over `length_s`: `nwh_an_hour` is the power in nano-Wh an hour. Rounded to nearest; nothing if it does not fit.
/// Example: 2 kW over 15 minutes: energy_of_power(2000 * 10^9, 900) == 500 * 10^9.
std::optional<std::int64_t> energy_of_power(std::int64_t nwh_an_hour, std::int64_t length_s);

/// As to_nwh, then rounded half to even to the quantum.
/// Takes a sign, digits, a point, and an exponent of two digits at most ("1.2E-05").
/// Example: to_energy("0.0625", kwh, 1) == {62, 500000000}: 62.5 Wh, half to even.
std::optional<Energy> to_energy(std::string_view text, EnergyUnit unit, std::int32_t quantum_wh);

}  // namespace meterveil::ingest
