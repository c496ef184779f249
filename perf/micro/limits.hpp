#pragma once
// What the machine can do at most, measured in the run that it is compared with.

#include <benchmark/benchmark.h>

#include <cstddef>

namespace meterveil::perf {

/// Larger than any cache of the machines that this runs on.
inline constexpr std::size_t large_bytes = std::size_t{256} << 20;

/// Registers "limit/NAME" with bytes/s. One thread.
void register_memory_read(const char* name);     ///< sum of 64-bit words
void register_memory_copy(const char* name);     ///< memcpy; bytes/s counts the bytes copied once
void register_newline_scan(const char* name);    ///< memchr from line end to line end, lines of 56 bytes

}  // namespace meterveil::perf
