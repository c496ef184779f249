#include "limits.hpp"

#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace meterveil::perf {
namespace {

constexpr std::size_t line_bytes = 56;

void count_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

void memory_read(benchmark::State& state) {
    const std::vector<std::uint64_t> words(large_bytes / sizeof(std::uint64_t), 1);
    for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(std::accumulate(words.begin(), words.end(), std::uint64_t{0}));
    count_bytes(state, large_bytes);
}

void memory_copy(benchmark::State& state) {
    const std::vector<char> from(large_bytes / 2, 'x');
    std::vector<char> to(from.size());
    for ([[maybe_unused]] auto _ : state) {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::ClobberMemory();
    }
    count_bytes(state, from.size());
}

void newline_scan(benchmark::State& state) {
    std::string text(large_bytes / line_bytes * line_bytes, 'x');
    for (std::size_t i = line_bytes - 1; i < text.size(); i += line_bytes) text[i] = '\n';
    for ([[maybe_unused]] auto _ : state) {
        std::size_t lines = 0;
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at) ++lines;
        benchmark::DoNotOptimize(lines);
    }
    count_bytes(state, text.size());
}

}  // namespace

void register_memory_read(const char* name) { benchmark::RegisterBenchmark(name, memory_read)->Unit(benchmark::kMillisecond); }
void register_memory_copy(const char* name) { benchmark::RegisterBenchmark(name, memory_copy)->Unit(benchmark::kMillisecond); }
void register_newline_scan(const char* name) { benchmark::RegisterBenchmark(name, newline_scan)->Unit(benchmark::kMillisecond); }

}  // namespace meterveil::perf
