#include "ingest/decimal.hpp"

#include "meterveil/core/integer.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::int64_t nano = 1'000'000'000;
constexpr int max_digits = 18;
__extension__ using Wide = __int128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "E-05" at `text`'s start, or nothing there at all.
std::optional<int> parse_exponent(std::string_view text) {
    if (text.empty()) return 0;
    if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
    text.remove_prefix(1);
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 2) return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
}

/// mantissa x 10^exponent as an integer, half to even; nothing if it does not fit.
std::optional<std::int64_t> scaled(Decimal decimal) {
    for (; decimal.exponent > 0 && decimal.mantissa != 0; --decimal.exponent)
        if (__builtin_mul_overflow(decimal.mantissa, std::int64_t{10}, &decimal.mantissa)) return std::nullopt;
    std::int64_t divisor = 1;
    for (; decimal.exponent < 0 && divisor <= nano * nano / 10; ++decimal.exponent) divisor *= 10;
    return decimal.exponent < 0 ? 0 : divide_half_even(decimal.mantissa, divisor);
}

int exponent_of(EnergyUnit unit) { return 9 + (unit == EnergyUnit::kwh ? 3 : unit == EnergyUnit::mwh ? 6 : 0); }

/// Rounded half to even. @param divisor > 0
Wide divide_half_even_wide(Wide dividend, Wide divisor) {
    Wide quotient = dividend / divisor, rest = dividend % divisor;
    if (rest < 0) {
        rest += divisor;
        --quotient;
    }
    const Wide left = divisor - rest;
    return quotient + (rest > left || (rest == left && (quotient & 1) != 0) ? 1 : 0);
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    Decimal decimal;
    std::size_t i = 0;
    int digits = 0, significant = 0;
    for (bool point = false; i < text.size(); ++i) {
        if (text[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(text[i])) break;
        ++digits;
        if (decimal.mantissa != 0 || text[i] != '0') ++significant;
        if (significant > max_digits) return std::nullopt;
        decimal.mantissa = decimal.mantissa * 10 + (text[i] - '0');
        if (point) --decimal.exponent;
    }
    const auto exponent = parse_exponent(text.substr(i));
    if (digits == 0 || !exponent) return std::nullopt;
    decimal.exponent += *exponent;
    if (negative) decimal.mantissa = -decimal.mantissa;
    return decimal;
}

std::int64_t nwh_of(Decimal value, Decimal factor, EnergyUnit unit, std::int64_t over_s) {
    constexpr std::int64_t most = INT64_MAX;
    Wide product = static_cast<Wide>(value.mantissa) * factor.mantissa, divisor = 3600;
    const std::int64_t beyond = product < 0 ? -most : most;
    if (product == 0) return 0;
    if (__builtin_mul_overflow(product, static_cast<Wide>(over_s), &product)) return beyond;
    int exponent = value.exponent + factor.exponent + exponent_of(unit);
    for (; exponent > 0; --exponent)
        if (__builtin_mul_overflow(product, Wide{10}, &product)) return beyond;
    for (; exponent < 0; ++exponent)
        if (__builtin_mul_overflow(divisor, Wide{10}, &divisor)) return 0;
    const Wide quotient = divide_half_even_wide(product, divisor);
    return quotient > most || quotient < -most ? beyond : static_cast<std::int64_t>(quotient);
}

std::optional<std::int64_t> to_nwh(std::string_view text, EnergyUnit unit) {
    auto decimal = parse_decimal(text);
    if (!decimal) return std::nullopt;
    decimal->exponent += exponent_of(unit);
    return scaled(*decimal);
}

std::optional<std::int64_t> energy_of_power(std::int64_t nwh_an_hour, std::int64_t length_s) {
    const std::int64_t whole = nwh_an_hour / 3600, rest = nwh_an_hour % 3600;
    std::int64_t energy_nwh = 0;
    if (__builtin_mul_overflow(whole, length_s, &energy_nwh)) return std::nullopt;
    if (__builtin_add_overflow(energy_nwh, divide_half_even(rest * length_s, 3600), &energy_nwh)) return std::nullopt;
    return energy_nwh;
}

std::optional<Energy> to_energy(std::string_view text, EnergyUnit unit, std::int32_t quantum_wh) {
    const auto nwh = to_nwh(text, unit);
    if (!nwh) return std::nullopt;
    const std::int64_t quantum_nwh = quantum_wh * nano;
    const std::int64_t quanta = divide_half_even(*nwh, quantum_nwh);
    std::int64_t rounded_nwh = 0;  // up to half a quantum past the value, and then past what fits
    if (__builtin_mul_overflow(quanta, quantum_nwh, &rounded_nwh)) return std::nullopt;
    return Energy{quanta, *nwh - rounded_nwh};
}

}  // namespace meterveil::ingest
