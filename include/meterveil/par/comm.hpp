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

/// What arrived from every rank. It keeps its memory from one exchange to the next. What a rank sends itself is not copied: here
/// stands a view of it.
class Inbox {
public:
    /// Room for sizes[r] bytes of each rank r but this one, not cleared. What was there is gone.
    /// @return where to write what rank r sends; empty for this rank
    std::vector<std::span<std::byte>> make_room(std::span<const std::uint64_t> sizes, std::size_t this_rank, std::span<const std::byte> own);
    [[nodiscard]] std::size_t num_ranks() const { return parts_.size(); }
    /// Aligned for any record.
    [[nodiscard]] std::span<const std::byte> from(std::size_t rank) const { return parts_[rank]; }

private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t capacity_ = 0;
    std::vector<std::span<const std::byte>> parts_;
};

/// A group of ranks. Every member below is collective but rank() and size(): all ranks call them in
/// the same order. Two implementations: MPI (make_mpi_comm) and threads (run_on_threads).
class Comm {
public:
    virtual ~Comm() = default;
    [[nodiscard]] virtual int rank() const = 0;
    [[nodiscard]] virtual int size() const = 0;

    /// Collective. Sends to[r] to rank r. Messages of any size; split below INT_MAX and into bounded
    /// rounds inside. @param inbox is filled with what every rank sent here; valid as long as `to`
    virtual void exchange(std::span<const std::span<const std::byte>> to, Inbox& inbox) = 0;
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
