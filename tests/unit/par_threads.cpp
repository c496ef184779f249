#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "meterveil/par/comm.hpp"
#include "meterveil/par/run_job.hpp"

namespace meterveil::par {
namespace {

TEST(RunOnThreads, ARankThatThrowsHangsNobodyAndIsReported) {
    for (int failing = 0; failing < 4; ++failing) {
        std::atomic<int> finished{0};
        try {
            run_on_threads(4, [&](Comm& comm) {
                comm.barrier();
                if (comm.rank() == failing) throw std::domain_error("planted");
                for (int i = 0; i < 3; ++i) comm.barrier();
                ++finished;
            });
            FAIL() << "the exception was lost";
        } catch (const std::domain_error& e) {
            EXPECT_STREQ(e.what(), "planted");
        }
        EXPECT_EQ(finished, 0);
    }
}

TEST(FormatError, SaysWhatWhereAndWhatToDo) {
    const Error error{Code::input, "no such file", "a.csv", "check the path", 2};
    EXPECT_EQ(format_error(error, 4),
              "meterveil: error[input]: no such file\n  where: a.csv\n  hint:  check the path\n  rank:  2 of 4\n");
    EXPECT_EQ(format_error(Error{Code::usage, "x", "", ""}, 1), "meterveil: error[usage]: x\n");
}

}  // namespace
}  // namespace meterveil::par
