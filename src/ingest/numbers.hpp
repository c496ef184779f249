#pragma once
// Numbers and units as exports of many countries write them.

#include <optional>
#include <string_view>
#include <vector>

#include "ingest/decimal.hpp"

namespace meterveil::ingest {

/// Which marks a column of numbers uses.
struct NumberStyle {
    char decimal_mark = '.';
    bool has_thousands = false;  ///< the other mark divides thousands; blanks and apostrophes may always
    bool is_told = true;         ///< false: "1,234" and nothing that says whether it is 1.234 or 1234
};

/// The style that these numbers are written in.
/// @param delimiter of the fields: where it is ';', a lone comma is a decimal mark
NumberStyle style_of(const std::vector<std::string_view>& numbers, char delimiter);

/// Pure. Example: parse_number("1.234,5", {',', true}) == {12345, -1}. Nothing if the marks do not fit the style.
std::optional<Decimal> parse_number(std::string_view text, const NumberStyle& style);

/// A word that says what a number measures.
struct UnitWord {
    EnergyUnit unit = EnergyUnit::kwh;
    bool is_power = false;  ///< W, kW, MW
    bool is_energy = true;  ///< false: something else, e.g. "m3", "kvarh"
};
/// Pure. "kWh", "kW", "MWh" and the like, any case, "kilowatt-hours"; what is known to be another quantity; nothing for other words.
std::optional<UnitWord> parse_unit(std::string_view text);

/// Pure. Seconds of "15min", "15 minutes", "PT15M", "1h", "60", "900 s"; a number alone is minutes up to 60 and seconds from 300 on.
std::optional<std::int64_t> parse_length(std::string_view text);

}  // namespace meterveil::ingest
