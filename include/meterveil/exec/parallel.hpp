#pragma once
// Threads inside a rank. One number sets both TBB and OpenMP; the two are never nested.

#include <cstddef>
#include <functional>
#include <memory>

namespace meterveil::exec {

/// Sets the number of threads of this process for TBB and OpenMP, until the guard dies.
class ThreadBudget {
public:
    /// @param threads 0: CPUs this process may use (SLURM_CPUS_PER_TASK; else the affinity mask, shared by the ranks of a machine
    ///   that are not bound)
    explicit ThreadBudget(int threads);
    ~ThreadBudget();
    ThreadBudget(const ThreadBudget&) = delete;
    ThreadBudget& operator=(const ThreadBudget&) = delete;
    [[nodiscard]] int threads() const { return threads_; }

private:
    struct Control;
    int threads_;
    std::unique_ptr<Control> control_;
};

/// Threads that a parallel loop may use now.
int num_threads();

/// Calls body(i) for i in [0, count), in any order, on TBB. For data rooms.
/// Results must not depend on the order: integers, or one slot per i. Exceptions propagate.
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& body);

/// Calls body(first, last) on sub-ranges of [0, count) of at least `grain`, on TBB.
void for_each_range(std::size_t count, std::size_t grain,
                    const std::function<void(std::size_t first, std::size_t last)>& body);

/// Calls body(i) for i in [0, count) on OpenMP with a static schedule. For dense numeric loops of
/// forecast. No reduction: each i writes its own slot. `body` must not throw.
void for_each_dense(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace meterveil::exec
