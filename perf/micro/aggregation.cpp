// How fast are readings summed: the kernel in memory, and the whole door from shards on disk? Limit: reading memory.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "aggregate/sum_rows.hpp"
#include "limits.hpp"
#include "meterveil/aggregate/run.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/comm.hpp"

namespace {

using namespace meterveil;

constexpr std::uint32_t intervals = 17520, meters = 2048;

void count_values(benchmark::State& state, std::uint64_t values) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(values));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(values * sizeof(std::int32_t)));
}

void kernel(benchmark::State& state) {
    const std::vector<std::int32_t> quanta(std::size_t{meters} * intervals, 250);
    std::vector<std::int64_t> sums(intervals, 0);
    for ([[maybe_unused]] auto _ : state) {
        for (std::uint32_t m = 0; m < meters; ++m) aggregate::add_row(std::span(quanta).subspan(std::size_t{m} * intervals, intervals), sums);
        benchmark::DoNotOptimize(sums.data());
    }
    count_values(state, quanta.size());
}

/// One region of one feeder, in shards of 1024 meters.
struct Shards {
    model::ShardSet set;
    model::Partition partition;
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("meterveil-perf-" + std::to_string(getpid()));

    Shards() {
        std::filesystem::create_directories(folder);
        set.axis = {model::Instant{}, std::chrono::minutes(30), intervals};
        for (std::uint32_t s = 0; s < meters / 1024; ++s) set.owned.push_back(write(s));
        set.plan.shards.resize(set.owned.size());
        partition.units = {{"total", 0, false, model::no_id, 0, 1, {0}}};
        partition.atom_unit = {0};
        partition.atom_of_batch = {0, 0};
        partition.fates.resize(1);
    }
    ~Shards() { std::filesystem::remove_all(folder); }
    Shards(const Shards&) = delete;
    Shards& operator=(const Shards&) = delete;

private:
    model::OwnedShard write(std::uint32_t number) const {
        model::OwnedShard shard{number, (folder / (std::to_string(number) + ".h5")).string(), std::vector<model::ShardRow>(1024), {true, false}};
        for (auto& row : shard.rows) {
            row.record.leaf = 0;
            row.takes_part[0] = true;
        }
        std::vector<std::int32_t> series(intervals);
        const auto day_shaped = [&](model::Channel, std::uint32_t row) {
            for (std::uint32_t t = 0; t < intervals; ++t)
                series[t] = static_cast<std::int32_t>(100 + (t % 48) * 5 + (row * 2654435761U + t * 40503U) % 97);
            return std::span<const std::int32_t>(series);
        };
        const auto written = io::write_shard(shard.path, {number, set.axis, 1, shard.rows, {true, false}}, day_shaped);
        if (!written.ok()) throw std::runtime_error(written.error().what);
        return shard;
    }
};

void door(benchmark::State& state) {
    const exec::ThreadBudget threads(static_cast<int>(state.range(0)));
    const Shards shards;
    for ([[maybe_unused]] auto _ : state)
        par::run_on_threads(1, [&](par::Comm& comm) {
            if (!aggregate::run(comm, shards.set, {shards.partition}).ok()) state.SkipWithError("not summed");
        });
    count_values(state, std::uint64_t{meters} * intervals);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    meterveil::perf::register_memory_read("limit/memory_read");
    benchmark::RegisterBenchmark("aggregation/kernel", kernel)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("aggregation/from_shards", door)->Arg(1)->Arg(2)->ArgName("threads")->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RunSpecifiedBenchmarks();
}
