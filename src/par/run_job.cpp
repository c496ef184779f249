#include "meterveil/par/run_job.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>
#include <exception>

#include "par/mpi_comm.hpp"

namespace meterveil::par {
namespace {

/// MPI from the first to the last line of a program.
class World {
public:
    World(int& argc, char**& argv) {
        int provided = 0;
        MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    }
    ~World() { MPI_Finalize(); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
};

/// An exception that passed every door leaves the other ranks waiting: end them too.
Result<> guarded(Comm& comm, const std::function<Result<>(Comm&)>& job) {
    std::string what;
    try {
        return job(comm);
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
        what = "unknown exception";
    }
    if (comm.size() > 1) comm.abort(fmt::format("meterveil: error[internal]: {} (rank {})", what, comm.rank()));
    return Error{Code::internal, what, "", "please report this"};
}

}  // namespace

std::string format_error(const Error& error, int ranks) {
    std::string text = fmt::format("meterveil: error[{}]: {}\n", name_of(error.code), error.what);
    if (!error.where.empty()) text += fmt::format("  where: {}\n", error.where);
    if (!error.hint.empty()) text += fmt::format("  hint:  {}\n", error.hint);
    if (ranks > 1) text += fmt::format("  rank:  {} of {}\n", error.rank, ranks);
    return text;
}

int run_job(int& argc, char**& argv, const std::function<Result<>(Comm&)>& job) {
    const World world(argc, argv);
    const auto comm = make_mpi_comm();
    const Result<> outcome = guarded(*comm, job);
    if (outcome.ok()) return 0;
    if (comm->rank() == 0) std::fputs(format_error(outcome.error(), comm->size()).c_str(), stderr);
    return exit_status(outcome.error().code);
}

}  // namespace meterveil::par
