#pragma once
// Ranks as processes of MPI.

#include <climits>
#include <cstddef>
#include <memory>

#include "meterveil/par/comm.hpp"

namespace meterveil::par {

/// Bytes that one pair of ranks moves in one round of an exchange. Near 1 MiB the network is fastest and
/// the buffers of a round stay small: 2 x ranks x round.
inline constexpr std::size_t default_round_bytes = std::size_t{1} << 20;

/// A Comm over a duplicate of the world. MPI must be initialised and outlive it.
/// @param round_bytes > 0, of an exchange
/// @param max_count > 0, elements of one MPI call at most; tests use small ones of both to see messages split
std::unique_ptr<Comm> make_mpi_comm(std::size_t round_bytes = default_round_bytes, std::size_t max_count = INT_MAX);

}  // namespace meterveil::par
