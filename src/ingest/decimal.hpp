#pragma once
// Decimal text to integer energy, exactly.

#include <cstdint>
#include <optional>
#include <string_view>

#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

/// A number as it is written, mantissa x 10^exponent: up to 18 significant digits.
struct Decimal {
    std::int64_t mantissa = 0;
    int exponent = 0;
};

/// Pure. A sign, digits, a point, an exponent of two digits at most. Example: parse_decimal("-0.25") == {-25, -2}.
std::optional<Decimal> parse_decimal(std::string_view text);

/// Pure. Energy of value x factor over `over_s` seconds where one is a power of an hour (3600 s: an energy), rounded half to even.
/// @return nano-Wh; INT64_MAX or -INT64_MAX for all that is beyond them
/// Example: nwh_of({2, 0}, {1, -3}, mwh) == 2000 * 10^9 nano-Wh: 2 x 0.001 MWh.
std::int64_t nwh_of(Decimal value, Decimal factor, EnergyUnit unit, std::int64_t over_s = 3600);

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
