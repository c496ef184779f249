#pragma once
// Integers modulo 2^61 - 1, and the small fractions behind them.

#include <cstdint>
#include <optional>

namespace meterveil::prove::field {

using Value = std::uint64_t;  ///< 0 <= value < prime
inline constexpr Value prime = (Value{1} << 61) - 1;

constexpr Value add(Value a, Value b) {
    const Value sum = a + b;
    return sum >= prime ? sum - prime : sum;
}
constexpr Value negate(Value a) { return a == 0 ? 0 : prime - a; }
constexpr Value multiply(Value a, Value b) {
    __extension__ typedef unsigned __int128 Product;
    const auto product = static_cast<Product>(a) * b;
    return add(static_cast<Value>(product & prime), static_cast<Value>(product >> 61));
}
/// @param a not 0. Fermat: a^(prime - 2).
constexpr Value inverse(Value a) {
    Value result = 1;
    for (Value exponent = prime - 2; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0) result = multiply(result, a);
        a = multiply(a, a);
    }
    return result;
}

struct Fraction {
    std::int64_t numerator = 0, denominator = 1;
};

/// The one fraction with numerator and denominator below 2^16 that is `value` modulo the prime, if there is one: the
/// extended Euclidean algorithm, stopped half-way. So small that a value which is none looks like one with a chance of
/// 2^-28 only. Example: inverse(3) gives 1/3, prime - 1 gives -1.
constexpr std::optional<Fraction> fraction_of(Value value) {
    constexpr std::int64_t bound = std::int64_t{1} << 16;
    std::int64_t r0 = static_cast<std::int64_t>(prime), r1 = static_cast<std::int64_t>(value), t0 = 0, t1 = 1;
    while (r1 >= bound) {
        const std::int64_t quotient = r0 / r1;
        const std::int64_t r2 = r0 - quotient * r1, t2 = t0 - quotient * t1;
        r0 = r1, r1 = r2, t0 = t1, t1 = t2;
    }
    if (t1 == 0 || t1 >= bound || t1 <= -bound) return std::nullopt;
    return t1 < 0 ? Fraction{-r1, -t1} : Fraction{r1, t1};
}

}  // namespace meterveil::prove::field
