#pragma once
// One test source, two benches: threads at 1, 2, 3, 4, 8 ranks, or the ranks of mpirun.

#include <functional>

#include "meterveil/par/comm.hpp"

namespace meterveil::testing {

/// Runs `body` as a collective. On threads: once for each of 1, 2, 3, 4, 8 ranks. Under mpirun: once.
void on_ranks(const std::function<void(par::Comm&)>& body);

/// The same; where messages move in rounds and pieces, in rounds of 7 bytes and pieces of 3 elements.
void on_ranks_in_small_rounds(const std::function<void(par::Comm&)>& body);

/// A fresh private folder that all ranks of this call share; removed at exit of the process.
/// Collective: rank 0 makes it.
std::string shared_folder(par::Comm& comm);

}  // namespace meterveil::testing
