// main of the collective tests under mpirun: every rank runs the same tests on the world.
#include <gtest/gtest.h>

#include "meterveil/par/exchange.hpp"
#include "meterveil/par/run_job.hpp"
#include "par/mpi_comm.hpp"
#include "ranks.hpp"

namespace meterveil::testing {
namespace {
par::Comm* world = nullptr;
}

void on_ranks(const std::function<void(par::Comm&)>& body) { body(*world); }

void on_ranks_in_small_rounds(const std::function<void(par::Comm&)>& body) { body(*par::make_mpi_comm(7, 3)); }

}  // namespace meterveil::testing

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return meterveil::par::run_job(argc, argv, [&](meterveil::par::Comm& comm) -> meterveil::Result<> {
        meterveil::testing::world = &comm;
        if (comm.rank() != 0) {  // one report, of rank 0; the others' failures are counted
            auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
            if (std::getenv("METERVEIL_ALL_RANKS") == nullptr) delete listeners.Release(listeners.default_result_printer());
        }
        const auto failed = meterveil::par::sum(comm, RUN_ALL_TESTS());
        if (failed != 0) return meterveil::Error{meterveil::Code::internal, "tests failed", "", "METERVEIL_ALL_RANKS=1 shows every rank"};
        return {};
    });
}
