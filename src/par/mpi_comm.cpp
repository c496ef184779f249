#include "par/mpi_comm.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>

namespace meterveil::par {
namespace {

using Bytes = std::vector<std::byte>;

class MpiComm final : public Comm {
public:
    MpiComm(std::size_t round_bytes, std::size_t max_count) : round_bytes_(round_bytes), max_count_(max_count) {
        check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup");
        MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
        MPI_Comm_rank(comm_, &rank_);
        MPI_Comm_size(comm_, &size_);
    }
    ~MpiComm() override { MPI_Comm_free(&comm_); }

    [[nodiscard]] int rank() const override { return rank_; }
    [[nodiscard]] int size() const override { return size_; }

    std::vector<Bytes> all_gather(std::span<const std::byte> mine) override {
        return exchange(std::vector(ranks(), mine));
    }

    std::vector<Bytes> exchange(const std::vector<std::span<const std::byte>>& to) override {
        std::vector<std::uint64_t> sizes_to(ranks()), sizes_from(ranks());
        std::transform(to.begin(), to.end(), sizes_to.begin(), [](auto part) { return part.size(); });
        check(MPI_Alltoall(sizes_to.data(), 1, MPI_UINT64_T, sizes_from.data(), 1, MPI_UINT64_T, comm_), "MPI_Alltoall");
        std::vector<Bytes> received(ranks());
        for (std::size_t r = 0; r < ranks(); ++r) received[r].resize(sizes_from[r]);
        for (std::uint64_t done = 0, rounds = num_rounds(sizes_to, sizes_from); rounds > 0; --rounds, done += round_bytes_)
            round(to, received, done);
        return received;
    }

    void sum(std::span<std::int64_t> values) override { reduce(values, MPI_SUM); }
    void max(std::span<std::int64_t> values) override { reduce(values, MPI_MAX); }

    void broadcast(Bytes& bytes, int root) override {
        std::uint64_t size = bytes.size();
        check(MPI_Bcast(&size, 1, MPI_UINT64_T, root, comm_), "MPI_Bcast");
        bytes.resize(size);
        in_pieces(size, [&](std::size_t first, int count) {
            check(MPI_Bcast(bytes.data() + first, count, MPI_BYTE, root, comm_), "MPI_Bcast");
        });
    }

    void barrier() override { check(MPI_Barrier(comm_), "MPI_Barrier"); }

    [[noreturn]] void abort(const std::string& line) override {
        fmt::print(stderr, "{}\n", line);
        std::fflush(stderr);
        MPI_Abort(comm_, 70);
        std::abort();
    }

private:
    [[nodiscard]] std::size_t ranks() const { return static_cast<std::size_t>(size_); }

    /// A failed MPI call leaves the ranks in no common state: nothing can be agreed any more.
    void check(int status, const char* call) {
        if (status != MPI_SUCCESS) abort(fmt::format("meterveil: rank {}: {} failed with status {}", rank_, call, status));
    }

    /// Rounds until the largest message of any pair is through; the same on every rank.
    std::uint64_t num_rounds(const std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
        std::uint64_t largest = std::max(*std::max_element(to.begin(), to.end()), *std::max_element(from.begin(), from.end()));
        check(MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_UINT64_T, MPI_MAX, comm_), "MPI_Allreduce");
        return (largest + round_bytes_ - 1) / round_bytes_;
    }

    /// Moves bytes [done, done + round_bytes) of every pair's message.
    void round(const std::vector<std::span<const std::byte>>& to, std::vector<Bytes>& received, std::uint64_t done) {
        std::vector<MPI_Request> requests;
        const auto piece = [&](std::uint64_t size) {
            return static_cast<int>(std::min<std::uint64_t>(size > done ? size - done : 0, round_bytes_));
        };
        for (int r = 0; r < size_; ++r) {
            Bytes& part = received[static_cast<std::size_t>(r)];
            if (const int count = piece(part.size()); count > 0)
                check(MPI_Irecv(part.data() + done, count, MPI_BYTE, r, 0, comm_, &requests.emplace_back()), "MPI_Irecv");
        }
        for (int step = 0; step < size_; ++step) {
            const int r = (rank_ + step) % size_;  // not everybody to rank 0 first
            const auto part = to[static_cast<std::size_t>(r)];
            if (const int count = piece(part.size()); count > 0)
                check(MPI_Isend(part.data() + done, count, MPI_BYTE, r, 0, comm_, &requests.emplace_back()), "MPI_Isend");
        }
        check(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
    }

    void reduce(std::span<std::int64_t> values, MPI_Op operation) {
        in_pieces(values.size(), [&](std::size_t first, int count) {
            check(MPI_Allreduce(MPI_IN_PLACE, values.data() + first, count, MPI_INT64_T, operation, comm_), "MPI_Allreduce");
        });
    }

    /// Calls part(first, count) over [0, size) with counts that MPI takes.
    template <class Part>
    void in_pieces(std::uint64_t size, Part&& part) const {
        for (std::uint64_t first = 0; first < size; first += max_count_)
            part(first, static_cast<int>(std::min<std::uint64_t>(max_count_, size - first)));
    }

    MPI_Comm comm_ = MPI_COMM_NULL;
    int rank_ = 0, size_ = 1;
    std::size_t round_bytes_, max_count_;
};

}  // namespace

std::unique_ptr<Comm> make_mpi_comm(std::size_t round_bytes, std::size_t max_count) {
    return std::make_unique<MpiComm>(std::clamp<std::size_t>(round_bytes, 1, INT_MAX), std::clamp<std::size_t>(max_count, 1, INT_MAX));
}

}  // namespace meterveil::par
