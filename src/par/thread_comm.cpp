// Ranks as threads of one process: the bench for collective code.

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "meterveil/par/exchange.hpp"

namespace meterveil::par {
namespace {

using Bytes = std::vector<std::byte>;

/// A rank left its body by an exception; the others learn it at their next collective call.
struct PeerGone : std::runtime_error {
    PeerGone() : std::runtime_error("another rank ended with an exception") {}
};

/// Where the threads meet. A slot per rank holds what it shows to the others between two meetings.
class Room {
public:
    explicit Room(int ranks) : shown(static_cast<std::size_t>(ranks)), ranks_(ranks) {}

    /// Waits for all ranks. Throws PeerGone if one of them will never come.
    void meet() {
        std::unique_lock lock(guard_);
        if (someone_left_) throw PeerGone();
        const std::uint64_t round = round_;
        if (++present_ == ranks_) {
            present_ = 0;
            ++round_;
            all_here_.notify_all();
            return;
        }
        all_here_.wait(lock, [&] { return round_ != round || someone_left_; });
        if (round_ == round) throw PeerGone();
    }

    void leave(std::exception_ptr cause) {
        const std::lock_guard lock(guard_);
        someone_left_ = true;
        if (!first_cause_) first_cause_ = std::move(cause);
        all_here_.notify_all();
    }

    [[nodiscard]] std::exception_ptr first_cause() const { return first_cause_; }

    std::vector<std::vector<std::span<const std::byte>>> shown;  ///< [rank][destination]

private:
    int ranks_, present_ = 0;
    std::uint64_t round_ = 0;
    bool someone_left_ = false;
    std::exception_ptr first_cause_;
    std::mutex guard_;
    std::condition_variable all_here_;
};

class ThreadComm final : public Comm {
public:
    ThreadComm(Room& room, int rank, int size) : room_(room), rank_(rank), size_(size) {}

    [[nodiscard]] int rank() const override { return rank_; }
    [[nodiscard]] int size() const override { return size_; }

    void exchange(std::span<const std::span<const std::byte>> to, Inbox& inbox) override {
        room_.shown[index()].assign(to.begin(), to.end());
        room_.meet();
        std::vector<std::uint64_t> sizes;
        for (const auto& from : room_.shown) sizes.push_back(from[index()].size());
        const auto rooms = inbox.make_room(sizes, index(), to[index()]);
        for (std::size_t r = 0; r < sizes.size(); ++r) std::copy_n(room_.shown[r][index()].begin(), rooms[r].size(), rooms[r].begin());
        room_.meet();  // nobody changes what it shows before all have read it
    }

    void sum(std::span<std::int64_t> values) override {
        combine(values, [](std::int64_t a, std::int64_t b) { return a + b; });
    }
    void max(std::span<std::int64_t> values) override {
        combine(values, [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
    }

    void broadcast(Bytes& bytes, int root) override {
        const std::span<const std::byte> mine = rank_ == root ? std::span<const std::byte>(bytes) : std::span<const std::byte>();
        Inbox inbox;
        exchange(std::vector(static_cast<std::size_t>(size_), mine), inbox);
        if (rank_ == root) return;
        const auto sent = inbox.from(static_cast<std::size_t>(root));
        bytes.assign(sent.begin(), sent.end());
    }

    void barrier() override { room_.meet(); }

    [[noreturn]] void abort(const std::string& line) override {
        fmt::print(stderr, "{}\n", line);
        std::abort();
    }

private:
    [[nodiscard]] std::size_t index() const { return static_cast<std::size_t>(rank_); }

    template <class Combine>
    void combine(std::span<std::int64_t> values, Combine&& combine_two) {
        const std::vector<std::int64_t> mine(values.begin(), values.end());
        Inbox inbox;
        exchange(std::vector(static_cast<std::size_t>(size_), std::as_bytes(std::span(mine))), inbox);
        for (std::size_t r = 0; r < inbox.num_ranks(); ++r) {
            const auto theirs = records<std::int64_t>(inbox, r);
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = r == 0 ? theirs[i] : combine_two(values[i], theirs[i]);
        }
    }

    Room& room_;
    int rank_, size_;
};

}  // namespace

void run_on_threads(int ranks, const std::function<void(Comm&)>& body) {
    Room room(ranks);
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank)
        threads.emplace_back([&, rank] {
            try {
                ThreadComm comm(room, rank, ranks);
                body(comm);
            } catch (...) {
                room.leave(std::current_exception());
            }
        });
    for (std::thread& thread : threads) thread.join();
    if (room.first_cause()) std::rethrow_exception(room.first_cause());
}

}  // namespace meterveil::par
