#pragma once
// Ranks that talk. Few primitives; typed functions on top (exchange.hpp, agree.hpp).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::par {

/// A group of ranks. Every member below is collective but rank() and size(): all ranks call them in
/// the same order. Two implementations: MPI (make_mpi_comm) and threads (run_on_threads).
class Comm {
public:
    virtual ~Comm() = default;
    [[nodiscard]] virtual int rank() const = 0;
    [[nodiscard]] virtual int size() const = 0;

    /// Collective. @return the bytes of every rank, in rank order
    virtual std::vector<std::vector<std::byte>> all_gather(std::span<const std::byte> mine) = 0;
    /// Collective. Sends to[r] to rank r. Messages of any size; split below INT_MAX and into bounded
    /// rounds inside. @return [r] the bytes that rank r sent here
    virtual std::vector<std::vector<std::byte>> exchange(const std::vector<std::span<const std::byte>>& to) = 0;
    /// Collective. Element-wise sum over ranks, in place.
    virtual void sum(std::span<std::int64_t> values) = 0;
    /// Collective. Element-wise maximum over ranks, in place.
    virtual void max(std::span<std::int64_t> values) = 0;
    /// Collective. Replaces `bytes` by root's.
    virtual void broadcast(std::vector<std::byte>& bytes, int root) = 0;
    virtual void barrier() = 0;
    /// Collective. What every agreement (agree.hpp) asks; virtual so that a test can plant an error in any of them.
    /// @param mine of this rank; null: it did not fail
    /// @return the error of the lowest rank that has one (with its rank noted), on every rank
    virtual std::optional<Error> first_error(const Error* mine);
    /// Ends all ranks at once; for a rank that cannot reach agreement. Prints `line` first.
    [[noreturn]] virtual void abort(const std::string& line) = 0;
};

/// Runs `body` on `ranks` threads, each with a Comm of its own, and returns when all have ended.
/// The bench for collective code. A test may inject delays but not lose messages.
void run_on_threads(int ranks, const std::function<void(Comm&)>& body);

}  // namespace meterveil::par
