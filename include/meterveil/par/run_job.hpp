#pragma once
// The frame of every program that runs under mpirun.

#include <functional>
#include <string>

#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::par {

/// Initialises MPI (funnelled threads), runs `job`, prints the agreed error once on rank 0 to stderr
/// (code, what, where, hint), ends MPI. Works without mpirun as a single rank.
/// @param job () on every rank; ends in agreement. A rank on which it throws past its doors prints
///   one line and aborts all.
/// @return the exit status of the process
int run_job(int& argc, char**& argv, const std::function<Result<>(Comm&)>& job);

/// How run_job prints an error: "meterveil: error[input]: what\n  where: ...\n  hint: ...\n  rank: ..."
std::string format_error(const Error& error, int ranks);

}  // namespace meterveil::par
