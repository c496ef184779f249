// How many draws of exact noise a second does one thread make? Limit: the key stream that they are made of, two words a draw.
// Beside it the published algorithm in 128-bit integers, and the rounded continuous Gaussian that is not exact.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "limits.hpp"
#include "meterveil/model/ids.hpp"
#include "protect/private/discrete_gaussian.hpp"
#include "reference_gaussian.hpp"

namespace {

using namespace meterveil::protect;

constexpr std::size_t block = 1728;  // a node's typical days: 12 months, 3 types of day, 48 half-hours

NoiseStream some_stream() {
    constexpr std::array<unsigned char, NoiseStream::key_bytes> key{1, 2, 3};
    return NoiseStream(key);
}

void count_draws(benchmark::State& state, std::size_t draws) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(draws));
}

void key_stream(benchmark::State& state) {
    NoiseStream stream = some_stream();
    for ([[maybe_unused]] auto _ : state)
        for (std::size_t i = 0; i < 2 * block; ++i) benchmark::DoNotOptimize(stream.next());
    count_draws(state, block);
}

void fast(benchmark::State& state) {
    const Integer deviation = state.range(0);
    const DiscreteGaussian gaussian{Fraction(deviation * deviation)};
    std::vector<std::int64_t> noise(block);
    NoiseStream stream = some_stream();
    for ([[maybe_unused]] auto _ : state) {
        gaussian.draw(stream, noise);
        benchmark::DoNotOptimize(noise.data());
    }
    count_draws(state, block);
}

/// As a job does it: a key and a stream for each block.
void blocks(benchmark::State& state) {
    const Integer deviation = state.range(0);
    const DiscreteGaussian gaussian{Fraction(deviation * deviation)};
    std::vector<std::int64_t> noise(block);
    constexpr std::array<unsigned char, 32> ledger_key{4, 5, 6};
    constexpr std::array<std::byte, 32> content{};
    NoiseKey key(ledger_key, "public-2013", content);
    std::uint32_t node = 0;
    for ([[maybe_unused]] auto _ : state) {
        NoiseStream stream = key.stream({0, node++, 0}, gaussian.variance());
        gaussian.draw(stream, noise);
        benchmark::DoNotOptimize(noise.data());
    }
    count_draws(state, block);
}

template <class Number>
void published(benchmark::State& state) {
    const auto deviation = static_cast<std::uint64_t>(state.range(0));
    const ReferenceGaussian<Number> gaussian(Number(deviation) * deviation, 1);
    NoiseStream stream = some_stream();
    for ([[maybe_unused]] auto _ : state)
        for (std::size_t i = 0; i < block; ++i) benchmark::DoNotOptimize(gaussian.draw(stream));
    count_draws(state, block);
}

void rounded_continuous(benchmark::State& state) {
    std::normal_distribution<double> normal(0, static_cast<double>(state.range(0)));
    std::mt19937_64 random(1);
    for ([[maybe_unused]] auto _ : state)
        for (std::size_t i = 0; i < block; ++i) benchmark::DoNotOptimize(std::llrint(normal(random)));
    count_draws(state, block);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    benchmark::RegisterBenchmark("limit/key_stream", key_stream);
    for (const std::int64_t deviation : {1, 20, 10000, 1000000000}) benchmark::RegisterBenchmark("noise/draw", fast)->Arg(deviation)->ArgName("deviation");
    benchmark::RegisterBenchmark("noise/blocks", blocks)->Arg(10000)->ArgName("deviation");
    for (const std::int64_t deviation : {20, 10000})
        benchmark::RegisterBenchmark("noise/published", published<meterveil::model::uint128>)->Arg(deviation)->ArgName("deviation");
    benchmark::RegisterBenchmark("noise/published_any_size", published<Integer>)->Arg(10000)->ArgName("deviation");
    benchmark::RegisterBenchmark("noise/rounded_continuous", rounded_continuous)->Arg(10000)->ArgName("deviation");
    benchmark::RunSpecifiedBenchmarks();
}
