// How fast do readings travel between ranks? Under mpirun. Limit: copying memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "limits.hpp"
#include "meterveil/model/readings.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/par/run_job.hpp"

namespace {

using namespace meterveil;

constexpr int rounds = 50;  // fixed: all ranks have to make the same number of calls

/// Every rank sends bytes/ranks to everyone. Time of the slowest rank.
void exchange(benchmark::State& state, par::Comm& comm) {
    const auto ranks = static_cast<std::size_t>(comm.size());
    const auto rows = static_cast<std::size_t>(state.range(0)) / sizeof(model::Reading) / ranks;
    const std::vector<std::vector<model::Reading>> to(ranks, std::vector<model::Reading>(rows));
    for ([[maybe_unused]] auto _ : state) {
        comm.barrier();
        const auto received = par::exchange(comm, to);
        benchmark::DoNotOptimize(received.data());
    }
    const auto all_rows = static_cast<std::int64_t>(rows * ranks * ranks);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * all_rows);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * all_rows * static_cast<std::int64_t>(sizeof(model::Reading)));
}

struct Silence final : benchmark::BenchmarkReporter {
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>&) override {}
};

}  // namespace

int main(int argc, char** argv) {
    return meterveil::par::run_job(argc, argv, [&](meterveil::par::Comm& comm) -> meterveil::Result<> {
        int count = comm.rank() == 0 ? argc : 1;  // one rank writes the report
        benchmark::Initialize(&count, argv);
        if (comm.rank() == 0) meterveil::perf::register_memory_copy("limit/memory_copy");
        benchmark::RegisterBenchmark("exchange/readings", [&](benchmark::State& state) { exchange(state, comm); })
            ->Arg(1 << 20)->Arg(4 << 20)->Arg(16 << 20)->ArgName("bytes_a_rank")->Iterations(rounds)->UseRealTime()->Unit(benchmark::kMicrosecond);
        Silence silence;
        if (comm.rank() == 0) benchmark::RunSpecifiedBenchmarks();
        else benchmark::RunSpecifiedBenchmarks(&silence);
        return {};
    });
}
