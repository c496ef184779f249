// failing_job WAY RANK: a job whose rank RANK fails by WAY (error, throw-inside, throw-past, none).
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/run_job.hpp"

using namespace meterveil;

int main(int argc, char** argv) {
    const std::string way = argc > 1 ? argv[1] : "none";
    const int failing = argc > 2 ? std::atoi(argv[2]) : 0;
    return par::run_job(argc, argv, [&](par::Comm& comm) -> Result<> {
        const bool fails = comm.rank() == failing;
        if (fails && way == "throw-past") throw std::runtime_error("planted");
        TRY_DO(par::agree_on(comm, [&]() -> Result<> {
            if (fails && way == "throw-inside") throw std::runtime_error("planted");
            if (fails && way == "error") return Error{Code::input, "planted", "file.csv", "mend it"};
            return {};
        }));
        if (comm.rank() == 0) std::puts("finished");
        return {};
    });
}
