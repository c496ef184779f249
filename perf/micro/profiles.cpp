// How long do shapes and groups of load curves take? Exact MDAV beside its reference; strata up to a million meters, split; what splitting loses.
#include <benchmark/benchmark.h>

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <vector>

#include "limits.hpp"
#include "load_shapes.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "profiles/embedding.hpp"
#include "profiles/groups.hpp"
#include "profiles/mdav.hpp"

namespace {

using namespace meterveil;

constexpr std::uint32_t k = 5;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

const profiles::Shapes& homes(std::size_t rows, std::size_t values) {
    static profiles::Shapes made;
    if (made.size() != rows || made.num_values != values) made = testing::homes(rows, values, 1);
    return made;
}

/// What the passes of MDAV read: the rows that are left, three times for every two groups.
std::int64_t bytes_of_passes(std::size_t leaf_rows, std::size_t leaves, std::size_t values) {
    return static_cast<std::int64_t>(leaves * (3 * leaf_rows * leaf_rows / (4 * k)) * values * sizeof(std::int16_t));
}

template <class Body>
void measure(benchmark::State& state, std::size_t rows, std::int64_t bytes, Body&& body) {
    double cpu_s = 0;
    reset_peak_memory();
    for ([[maybe_unused]] auto _ : state) {
        const double before = cpu_seconds();
        body();
        cpu_s += cpu_seconds() - before;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(rows));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bytes);
    state.counters["cpu_s"] = cpu_s / static_cast<double>(state.iterations());
    state.counters["peak_bytes"] = static_cast<double>(io::peak_memory_bytes());
}

void embed(benchmark::State& state) {
    const auto calendar = model::Calendar::make("Europe/London").value();
    const auto axis = model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2014-01-01").value(), std::chrono::minutes(30)).value();
    const profiles::Embedding embedding(calendar, axis, 128);
    constexpr std::size_t meters = 1000;
    std::mt19937 random(1);
    std::vector<std::int32_t> quanta(meters * axis.count);
    for (auto& q : quanta) q = static_cast<std::int32_t>(random() % 2000);
    std::vector<std::int16_t> shape(embedding.num_values());
    measure(state, meters, static_cast<std::int64_t>(quanta.size() * sizeof(std::int32_t)), [&] {
        for (std::size_t m = 0; m < meters; ++m) {
            embedding.embed(std::span(quanta).subspan(m * axis.count, axis.count), shape);
            benchmark::DoNotOptimize(shape.data());
        }
    });
}

void group_exactly(benchmark::State& state, bool is_reference) {
    const auto rows = static_cast<std::size_t>(state.range(0)), values = static_cast<std::size_t>(state.range(1));
    const profiles::Shapes& shapes = homes(rows, values);
    measure(state, rows, bytes_of_passes(rows, 1, values), [&] {
        const auto grouping = is_reference ? profiles::mdav_reference(shapes, k) : profiles::mdav(shapes, k);
        benchmark::DoNotOptimize(grouping.group_of.data());
    });
}

/// Every row a subject of its own; all rules but k aside.
void group_stratum(benchmark::State& state) {
    const auto rows = static_cast<std::size_t>(state.range(0)), values = static_cast<std::size_t>(state.range(1)), max_rows = static_cast<std::size_t>(state.range(2));
    const profiles::Shapes& shapes = homes(rows, values);
    std::vector<model::Pseudonym> subjects(rows);
    std::mt19937_64 random(2);
    for (auto& subject : subjects)
        for (auto& byte : subject.value) byte = static_cast<std::byte>(random());
    const std::vector<std::int64_t> quanta(rows, 1000);
    const model::RuleSet rules;
    std::size_t leaves = 1;
    while (rows / leaves > max_rows) leaves *= 2;
    profiles::Microaggregation result;
    measure(state, rows, bytes_of_passes(rows / leaves, leaves, values), [&] { result = profiles::microaggregate(shapes, {subjects, quanta}, {k, rules}, max_rows); });
    state.counters["lost_variance"] = profiles::lost_variance(shapes, result.groups);
    state.counters["groups"] = static_cast<double>(result.groups.size());
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    const exec::ThreadBudget budget(1);
    meterveil::perf::register_memory_read("limit/memory_read");
    benchmark::RegisterBenchmark("profiles/embed", embed)->Unit(benchmark::kMillisecond);
    const auto add_exact = [](const char* name, bool is_reference) {
        return benchmark::RegisterBenchmark(name, [=](auto& state) { group_exactly(state, is_reference); })->Unit(benchmark::kMillisecond)->ArgNames({"rows", "values"});
    };
    add_exact("profiles/mdav_reference", true)->Args({10000, 48})->Iterations(1);
    add_exact("profiles/mdav", false)->Args({10000, 48})->Args({40000, 48})->Args({20000, 96})->Iterations(3);
    benchmark::RegisterBenchmark("profiles/stratum", group_stratum)->Unit(benchmark::kMillisecond)->ArgNames({"rows", "values", "leaf"})->Iterations(1)
        ->Args({10000, 48, 20000})->Args({10000, 48, 5000})->Args({10000, 48, 2500})
        ->Args({40000, 48, 40000})->Args({40000, 48, 20000})->Args({40000, 48, 10000})
        ->Args({10000, 96, 20000})->Args({100000, 96, 20000})->Args({1000000, 96, 20000});
    benchmark::RunSpecifiedBenchmarks();
}
