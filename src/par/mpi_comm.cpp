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

    void exchange(std::span<const std::span<const std::byte>> to, Inbox& inbox) override {
        std::vector<std::uint64_t> sizes_to(to.size()), sizes_from(to.size());
        std::transform(to.begin(), to.end(), sizes_to.begin(), [](auto part) { return part.size(); });
        check(MPI_Alltoall(sizes_to.data(), 1, MPI_UINT64_T, sizes_from.data(), 1, MPI_UINT64_T, comm_), "MPI_Alltoall");
        const auto mine = static_cast<std::size_t>(rank_);
        const auto rooms = inbox.make_room(sizes_from, mine, to[mine]);
        const std::uint64_t largest = std::max(*std::max_element(sizes_to.begin(), sizes_to.end()), *std::max_element(sizes_from.begin(), sizes_from.end()));
        for (std::uint64_t done = 0; done < largest; done += round_bytes_) round(to, rooms, done);
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
    /// A failed MPI call leaves the ranks in no common state: nothing can be agreed any more.
    void check(int status, const char* call) {
        if (status != MPI_SUCCESS) abort(fmt::format("meterveil: rank {}: {} failed with status {}", rank_, call, status));
    }

    /// Moves bytes [done, done + round_bytes) of the messages to and from every other rank. Of a pair both know the sizes, so they make
    /// the same rounds for it; messages of a pair arrive in order.
    void round(std::span<const std::span<const std::byte>> to, std::span<const std::span<std::byte>> from, std::uint64_t done) {
        std::vector<MPI_Request> requests;
        const auto piece = [&](std::uint64_t size) {
            return static_cast<int>(std::min<std::uint64_t>(size > done ? size - done : 0, round_bytes_));
        };
        for (int step = 1; step < size_; ++step) {
            const int r = (rank_ + size_ - step) % size_;
            const auto part = from[static_cast<std::size_t>(r)];
            if (const int count = piece(part.size()); count > 0)
                check(MPI_Irecv(part.data() + done, count, MPI_BYTE, r, 0, comm_, &requests.emplace_back()), "MPI_Irecv");
        }
        for (int step = 1; step < size_; ++step) {
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
