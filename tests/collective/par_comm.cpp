#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "ranks.hpp"

namespace meterveil::par {
namespace {

using testing::on_ranks;

/// `count` numbers that only the pair (from, to) has.
std::vector<std::uint32_t> message(int from, int to, std::size_t count) {
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), static_cast<std::uint32_t>(from * 1000003 + to * 7919));
    return numbers;
}

TEST(Exchange, EveryPairGetsItsOwnMessageOfAnySize) {
    on_ranks([](Comm& comm) {
        const auto size_of = [](int from, int to) { return static_cast<std::size_t>((from + 2 * to) % 4) * 300001; };  // up to 3.4 MiB
        std::vector<std::vector<std::uint32_t>> to;
        for (int r = 0; r < comm.size(); ++r) to.push_back(message(comm.rank(), r, size_of(comm.rank(), r)));
        const auto received = par::exchange(comm, to);
        ASSERT_EQ(received.size(), static_cast<std::size_t>(comm.size()));
        for (int r = 0; r < comm.size(); ++r)
            EXPECT_EQ(received[static_cast<std::size_t>(r)], message(r, comm.rank(), size_of(r, comm.rank())));
    });
}

TEST(Exchange, MessagesThatAreCutIntoManyRoundsArriveWhole) {
    testing::on_ranks_in_small_rounds([](Comm& comm) {
        const auto size_of = [](int from, int to) { return static_cast<std::size_t>((from * 5 + to * 11) % 17); };  // 0 to 64 bytes
        std::vector<std::vector<std::uint32_t>> to;
        for (int r = 0; r < comm.size(); ++r) to.push_back(message(comm.rank(), r, size_of(comm.rank(), r)));
        const auto received = par::exchange(comm, to);
        for (int r = 0; r < comm.size(); ++r)
            EXPECT_EQ(received[static_cast<std::size_t>(r)], message(r, comm.rank(), size_of(r, comm.rank())));
        const auto all = all_gather(comm, message(comm.rank(), 0, 100));
        for (int r = 0; r < comm.size(); ++r) EXPECT_EQ(all[static_cast<std::size_t>(r)], message(r, 0, 100));
    });
}

TEST(Pieces, SumsMaximaAndBroadcastsOfManyPiecesAreWhole) {
    testing::on_ranks_in_small_rounds([](Comm& comm) {
        for (const std::int64_t count : {0, 1, 2, 3, 4, 100}) {
            std::vector<std::int64_t> sums, maxima, n_times, highest;
            for (std::int64_t i = 0; i < count; ++i) {
                sums.push_back(i);
                n_times.push_back(comm.size() * i);
                maxima.push_back(i * comm.rank());
                highest.push_back(i * (comm.size() - 1));
            }
            comm.sum(sums);
            comm.max(maxima);
            EXPECT_EQ(sums, n_times);
            EXPECT_EQ(maxima, highest);
            const int root = comm.size() - 1;
            const std::string text(static_cast<std::size_t>(count), 'x');
            EXPECT_EQ(broadcast(comm, comm.rank() == root ? text : "not this", root), text);
        }
    });
}

TEST(AllGather, KeepsRankOrderAndEmptyParts) {
    on_ranks([](Comm& comm) {
        const auto all = all_gather(comm, message(comm.rank(), 0, static_cast<std::size_t>(comm.rank())));
        for (int r = 0; r < comm.size(); ++r) EXPECT_EQ(all[static_cast<std::size_t>(r)], message(r, 0, static_cast<std::size_t>(r)));
        const auto texts = all_gather_text(comm, std::string(static_cast<std::size_t>(comm.rank()), 'x'));
        EXPECT_EQ(texts.back().size(), static_cast<std::size_t>(comm.size() - 1));
    });
}

TEST(Sum, AddsElementByElement) {
    on_ranks([](Comm& comm) {
        std::vector<std::int64_t> values = {comm.rank(), 1, std::int64_t{1} << 40};
        comm.sum(values);
        const std::int64_t n = comm.size();
        EXPECT_EQ(values, (std::vector<std::int64_t>{n * (n - 1) / 2, n, n << 40}));
        EXPECT_EQ(sum(comm, 3), 3 * n);
    });
}

TEST(Max, FindsTheLargestAlsoAmongNegatives) {
    on_ranks([](Comm& comm) { EXPECT_EQ(max(comm, -5 - comm.rank()), -5); });
}

TEST(Broadcast, WorksFromEveryRoot) {
    on_ranks([](Comm& comm) {
        for (int root = 0; root < comm.size(); ++root)
            EXPECT_EQ(broadcast(comm, "from " + std::to_string(comm.rank()), root), "from " + std::to_string(root));
    });
}

TEST(Agree, KeepsTheValueWhenNobodyFails) {
    on_ranks([](Comm& comm) { EXPECT_EQ(agree(comm, Result<int>(comm.rank())).value(), comm.rank()); });
}

TEST(Agree, EveryRankReturnsTheErrorOfTheLowestFailingRank) {
    on_ranks([](Comm& comm) {
        for (int failing = 0; failing < comm.size(); ++failing) {
            Result<int> mine = 7;
            if (comm.rank() >= failing) mine = Error{Code::storage, "of " + std::to_string(comm.rank()), "disk", "free some"};
            const auto outcome = agree(comm, std::move(mine));
            ASSERT_FALSE(outcome.ok());
            EXPECT_EQ(outcome.error(), (Error{Code::storage, "of " + std::to_string(failing), "disk", "free some", failing}));
        }
    });
}

TEST(AgreeOn, AThrowingRankFailsAllAndHangsNone) {
    on_ranks([](Comm& comm) {
        for (int failing = 0; failing < comm.size(); ++failing) {
            const auto outcome = agree_on(comm, [&]() -> Result<> {
                if (comm.rank() == failing) throw std::runtime_error("planted");
                return {};
            });
            ASSERT_FALSE(outcome.ok());
            EXPECT_EQ(outcome.error().code, Code::internal);
            EXPECT_EQ(outcome.error().what, "planted");
            EXPECT_EQ(outcome.error().rank, failing);
        }
    });
}

TEST(AgreeOn, WhatTheFileSystemOrTheMemoryRefusesIsOfTheStorage) {
    on_ranks([](Comm& comm) {
        const int last = comm.size() - 1;
        const auto files = agree_on(comm, [&]() -> Result<> {
            if (comm.rank() == last) throw std::filesystem::filesystem_error("planted", "/some/where", std::make_error_code(std::errc::io_error));
            return {};
        });
        ASSERT_FALSE(files.ok());
        EXPECT_EQ(files.error().code, Code::storage);
        EXPECT_EQ(files.error().where, "/some/where");
        EXPECT_EQ(files.error().rank, last);
        const auto memory = agree_on(comm, [&]() -> Result<> {
            if (comm.rank() == last) throw std::bad_alloc();
            return {};
        });
        ASSERT_FALSE(memory.ok());
        EXPECT_EQ(memory.error().code, Code::storage);
    });
}

}  // namespace
}  // namespace meterveil::par
