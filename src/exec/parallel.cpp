#include "meterveil/exec/parallel.hpp"

#include <omp.h>
#include <sched.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace meterveil::exec {
namespace {

/// A number of the environment; 0: none there.
int number_of(const char* variable) {
    const char* text = std::getenv(variable);
    return text == nullptr ? 0 : std::max(0, std::atoi(text));
}

/// What Slurm gave a task; else the CPUs that this process may use, shared with the ranks beside it unless each is bound to its own.
int available_cpus() {
    if (const int of_task = number_of("SLURM_CPUS_PER_TASK"); of_task > 0) return of_task;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    const int cpus = CPU_COUNT(&set), neighbours = std::max(1, number_of("OMPI_COMM_WORLD_LOCAL_SIZE"));
    const bool is_bound = cpus < static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    return std::max(1, is_bound ? cpus : cpus / neighbours);
}

}  // namespace

struct ThreadBudget::Control {
    tbb::global_control limit;
};

ThreadBudget::ThreadBudget(int threads) : threads_(threads > 0 ? threads : available_cpus()) {
    control_ = std::unique_ptr<Control>(new Control{
        tbb::global_control(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads_))});
    omp_set_num_threads(threads_);
}

ThreadBudget::~ThreadBudget() { omp_set_num_threads(available_cpus()); }

int num_threads() {
    return std::min(static_cast<int>(tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism)),
                    tbb::this_task_arena::max_concurrency());
}

void for_each_index(std::size_t count, const std::function<void(std::size_t)>& body) {
    tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) { body(i); });
}

void for_each_range(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& body) {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, std::max<std::size_t>(grain, 1)),
                      [&](const tbb::blocked_range<std::size_t>& range) { body(range.begin(), range.end()); });
}

void for_each_dense(std::size_t count, const std::function<void(std::size_t)>& body) {
    const auto last = static_cast<std::int64_t>(count);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < last; ++i) body(static_cast<std::size_t>(i));
}

}  // namespace meterveil::exec
