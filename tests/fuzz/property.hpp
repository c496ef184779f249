#pragma once
// What must hold for any input; a breach ends the program, as a fuzzer expects.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#define HOLDS(condition)                                                                            \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            std::fprintf(stderr, "does not hold: %s (%s:%d)\n", #condition, __FILE__, __LINE__);    \
            std::abort();                                                                           \
        }                                                                                           \
    } while (false)

namespace meterveil::fuzz {

inline std::string_view text_of(const unsigned char* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// A number that the input alone decides: where a target needs a choice.
inline std::size_t choice(std::string_view text, std::size_t below) {
    std::size_t sum = text.size();
    for (const char c : text) sum = sum * 131 + static_cast<unsigned char>(c);
    return below == 0 ? 0 : (sum >> 7) % below;
}

}  // namespace meterveil::fuzz
