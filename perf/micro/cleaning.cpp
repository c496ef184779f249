// What does cleaning cost a reading? Limit: reading memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "limits.hpp"
#include "store/clean.hpp"
#include "store/quality.hpp"
#include "store/set_aside.hpp"

namespace {

using namespace meterveil;

constexpr std::uint32_t meters = 512;

/// A year of half-hours in London: day-shaped loads, and gaps of 1 to 96 intervals that take the share of the second kind.
struct Year {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis axis = model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2014-01-01").value(), std::chrono::minutes(30)).value();
    store::Days days = store::make_days(calendar, axis);
    std::vector<std::int32_t> quanta;

    explicit Year(double missing_share) : quanta(std::size_t{meters} * axis.count) {
        std::mt19937 random(1);
        for (std::size_t i = 0; i < quanta.size(); ++i) quanta[i] = static_cast<std::int32_t>(40 + i % 48 * 5 + random() % 300);
        const auto wanted = static_cast<std::size_t>(missing_share * static_cast<double>(quanta.size()));
        for (std::size_t gone = 0; gone < wanted;) {
            const std::size_t length = 1 + random() % 96, first = random() % (quanta.size() - length);
            std::fill_n(quanta.begin() + static_cast<std::ptrdiff_t>(first), length, model::missing_quanta);
            gone += length;
        }
    }
    [[nodiscard]] std::span<std::int32_t> series(std::vector<std::int32_t>& values, std::uint32_t meter) const {
        return std::span(values).subspan(std::size_t{meter} * axis.count, axis.count);
    }
};

/// `work` on every series of a fresh copy.
template <class Work>
void on_every_series(benchmark::State& state, double missing_share, Work&& work) {
    const Year year(missing_share);
    std::vector<std::int32_t> values;
    for ([[maybe_unused]] auto _ : state) {
        state.PauseTiming();
        values = year.quanta;
        state.ResumeTiming();
        for (std::uint32_t m = 0; m < meters; ++m) work(year, year.series(values, m));
        benchmark::DoNotOptimize(values.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(year.quanta.size()));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(year.quanta.size() * sizeof(std::int32_t)));
    const auto readings = static_cast<double>(year.quanta.size());
    state.counters["s_per_reading"] = benchmark::Counter(readings, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void close_gaps(benchmark::State& state, store::Fill fill, double missing_share) {
    on_every_series(state, missing_share, [&](const Year& year, std::span<std::int32_t> series) {
        benchmark::DoNotOptimize(store::clean(series, year.days, fill, 0.5));
    });
}

/// What every reading pays: suspects, presence and the counts of quality by month.
void look_through(benchmark::State& state, const store::Suspicion& suspicion) {
    const Year year(0);
    const auto months = model::make_resolution(year.calendar, year.axis, "month").value().bounds;
    on_every_series(state, 0.01, [&](const Year& same, std::span<std::int32_t> series) {
        benchmark::DoNotOptimize(store::set_aside(series, {}, same.days, suspicion));
        benchmark::DoNotOptimize(store::presence(series, 28 * 48));
        benchmark::DoNotOptimize(store::count_kinds(series, {}, 1, months));
    });
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    meterveil::perf::register_memory_read("limit/memory_read");
    const auto add = [](const char* name, auto work) { benchmark::RegisterBenchmark(name, work)->Unit(benchmark::kMillisecond); };
    add("cleaning/whole_series", [](auto& state) { close_gaps(state, store::Fill::typical, 0); });
    add("cleaning/typical_fill_of_1_percent", [](auto& state) { close_gaps(state, store::Fill::typical, 0.01); });
    add("cleaning/typical_fill_of_10_percent", [](auto& state) { close_gaps(state, store::Fill::typical, 0.1); });
    add("cleaning/linear_fill_of_1_percent", [](auto& state) { close_gaps(state, store::Fill::linear, 0.01); });
    add("cleaning/quality_alone", [](auto& state) { look_through(state, {}); });
    add("cleaning/quality_and_stuck", [](auto& state) { look_through(state, {48, 0}); });
    add("cleaning/quality_and_spikes", [](auto& state) { look_through(state, {0, 20}); });
    benchmark::RunSpecifiedBenchmarks();
}
