#include "meterveil/exec/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace meterveil::exec {
namespace {

TEST(ForEachIndex, VisitsEveryIndexOnce) {
    std::vector<int> visits(1000);
    for_each_index(visits.size(), [&](std::size_t i) { ++visits[i]; });
    EXPECT_EQ(visits, std::vector<int>(1000, 1));
}

TEST(ForEachIndex, PassesAnExceptionOn) {
    EXPECT_THROW(for_each_index(100, [](std::size_t i) { if (i == 57) throw std::runtime_error("57"); }), std::runtime_error);
}

TEST(ForEachRange, TilesTheRangeInPiecesOfAtLeastTheGrain) {
    std::vector<int> visits(1000);
    std::atomic<std::size_t> smallest{1000};
    for_each_range(visits.size(), 100, [&](std::size_t first, std::size_t last) {
        for (auto seen = smallest.load(); last - first < seen && !smallest.compare_exchange_weak(seen, last - first);) {}
        for (std::size_t i = first; i < last; ++i) ++visits[i];
    });
    EXPECT_EQ(visits, std::vector<int>(1000, 1));
    EXPECT_GE(smallest.load(), 50U);  // TBB halves ranges above the grain
}

TEST(ForEachDense, VisitsEveryIndexOnce) {
    std::vector<int> visits(1000);
    for_each_dense(visits.size(), [&](std::size_t i) { ++visits[i]; });
    EXPECT_EQ(visits, std::vector<int>(1000, 1));
}

TEST(Loops, DoNothingForNothing) {
    for_each_index(0, [](std::size_t) { FAIL(); });
    for_each_range(0, 10, [](std::size_t, std::size_t) { FAIL(); });
    for_each_dense(0, [](std::size_t) { FAIL(); });
}

TEST(ThreadBudget, HoldsUntilItDies) {
    {
        const ThreadBudget one(1);
        EXPECT_EQ(one.threads(), 1);
        EXPECT_EQ(num_threads(), 1);
    }
    const ThreadBudget three(3);
    EXPECT_EQ(three.threads(), 3);
}

TEST(ThreadBudget, ZeroMeansTheCpusOfThisProcess) { EXPECT_GE(ThreadBudget(0).threads(), 1); }

TEST(ThreadBudget, IsWhatSlurmGaveOrAShareOfTheMachine) {
    const int alone = ThreadBudget(0).threads();
    ASSERT_GE(alone, 1);
    ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "1000000", 1);
    EXPECT_EQ(ThreadBudget(0).threads(), 1);
    ::setenv("SLURM_CPUS_PER_TASK", "3", 1);
    EXPECT_EQ(ThreadBudget(0).threads(), 3);
    EXPECT_EQ(ThreadBudget(2).threads(), 2);
    ::unsetenv("SLURM_CPUS_PER_TASK");
    ::unsetenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    EXPECT_EQ(ThreadBudget(0).threads(), alone);
}

}  // namespace
}  // namespace meterveil::exec
