#include "meterveil/store/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/exchange.hpp"
#include "ranks.hpp"

namespace meterveil::store {
namespace {

using testing::on_ranks;
using testing::shared_folder;

constexpr std::uint32_t num_meters = 3000, num_files = 4;

/// Meter i of the test: two regions of uneven size, some subjects with two meters.
model::MeterRecord record_of(std::uint32_t i, const model::Hierarchy& hierarchy) {
    std::mt19937_64 random(i);
    model::MeterRecord record;
    for (auto& byte : record.meter.value) byte = static_cast<std::byte>(random());
    record.subject = i % 10 == 1 ? record_of(i - 1, hierarchy).subject : record.meter;
    record.leaf = i % 4 == 0 ? 3 : 4 + i % 2;
    return record;
}

struct World {
    model::Hierarchy hierarchy = model::build_hierarchy({"region", "feeder"}, {{"a", "f1"}, {"b", "f2"}, {"b", "f3"}});
    model::Calendar calendar = model::Calendar::make("UTC").value();
    model::Axis axis{model::Instant{}, std::chrono::seconds(3600), 48};

    [[nodiscard]] model::Roster roster(const par::Comm& comm) const {
        model::Roster roster{hierarchy, {}, num_meters, {}};
        for (std::uint32_t i = 0; i < num_meters; ++i) {
            const auto record = record_of(i, hierarchy);
            if (model::slice_of(record.meter, static_cast<std::uint32_t>(comm.size())) == static_cast<std::uint32_t>(comm.rank()))
                roster.meters.push_back(record);
        }
        std::sort(roster.meters.begin(), roster.meters.end());
        return roster;
    }
    [[nodiscard]] Options options(const std::string& custody, std::uint64_t memory) const {
        return {custody, calendar, 0.5, Fill::typical, 1, memory};
    }
};

/// Rows of the files f with f % ranks == rank, one batch a file. A row depends on (file, meter, interval) only.
class Rows final : public model::PlacedStream {
public:
    Rows(par::Comm& comm, const World& world, const std::map<model::Pseudonym, model::Address>& address)
        : comm_(comm), world_(world), address_(address), file_(static_cast<std::uint32_t>(comm.rank())) {}
    Result<bool> next(model::PlacedBatch& batch) override {
        batch = {};
        batch.to.resize(static_cast<std::size_t>(comm_.size()));
        batch.runs.resize(batch.to.size());
        if (file_ < num_files) fill(batch);
        const bool more = par::max(comm_, file_ < num_files ? 1 : 0) != 0;
        file_ += static_cast<std::uint32_t>(comm_.size());
        return more;
    }

private:
    void fill(model::PlacedBatch& batch) {
        batch.accounts = {{file_, {}}};
        for (std::uint32_t i = 0; i < num_meters; ++i) {
            const auto& to = address_.at(record_of(i, world_.hierarchy).meter);
            for (std::uint32_t t = 0; t < world_.axis.count; ++t) {
                const std::uint32_t draw = (i * 7919 + t * 104729) % 100;
                const bool mine = (i + t) % num_files == file_ || (draw < 5 && (i + t + 1) % num_files == file_);
                if (!mine || draw == 99) continue;  // one in a hundred is missing
                model::Reading row;
                row.who = to.slot;
                row.interval = t & 0xffffffU;
                row.quanta = static_cast<std::int32_t>(draw == 4 ? 1000 + file_ : 10 + i % 7);  // draw 4: a conflict
                batch.to[to.rank].push_back(row);
                ++batch.accounts[0].account.read;
            }
        }
        for (std::size_t r = 0; r < batch.to.size(); ++r) batch.runs[r] = {{file_, static_cast<std::uint32_t>(batch.to[r].size())}};
    }
    par::Comm& comm_;
    const World& world_;
    const std::map<model::Pseudonym, model::Address>& address_;
    std::uint32_t file_;
};

/// Addresses of all meters on every rank: for the test's rows only.
std::map<model::Pseudonym, model::Address> all_addresses(par::Comm& comm, const Placement& placement) {
    std::map<model::Pseudonym, model::Address> all;
    for (const auto& part : par::all_gather(comm, placement.addresses))
        for (const auto& address : part) all[address.meter] = address;
    return all;
}

struct Done {
    Stored stored;
    std::string digests;  ///< of all shards, in order; on every rank
};

Done store_all(par::Comm& comm, std::uint64_t memory) {
    const World world;
    const std::string custody = shared_folder(comm);
    const auto roster = world.roster(comm);
    const auto shards = plan(comm, roster).value();
    auto placement = place(comm, roster, shards).value();
    const auto addresses = all_addresses(comm, placement);
    Rows rows(comm, world, addresses);
    Done done{run(comm, rows, shards, std::move(placement), world.hierarchy, world.axis, num_files, world.options(custody, memory)).value(), ""};
    comm.barrier();
    for (std::size_t i = 0; i < shards.shards.size(); ++i) {
        const std::string name = "/shards/shard-0000" + std::to_string(i) + ".h5";
        done.digests += io::sha256_of_file(custody + name).value() + "\n";
    }
    comm.barrier();
    return done;
}

TEST(Plan, CutsByTheDataAlone) {
    on_ranks([](par::Comm& comm) {
        const World world;
        const auto roster = world.roster(comm);
        const auto shards = plan(comm, roster).value();
        ASSERT_EQ(shards.shards.size(), 1U + 3U);  // 750 meters, 2,250 meters
        std::uint32_t total = 0;
        for (const auto& shard : shards.shards) total += shard.num_meters;
        EXPECT_EQ(total, num_meters);
        EXPECT_GE(shards.imbalance, 1.0);
    });
}

TEST(Place, EveryMeterHasOneAddressAndSubjectsStayTogether) {
    on_ranks([](par::Comm& comm) {
        const World world;
        const auto roster = world.roster(comm);
        const auto shards = plan(comm, roster).value();
        const auto placement = place(comm, roster, shards).value();
        ASSERT_EQ(placement.addresses.size(), roster.meters.size());
        for (std::size_t i = 0; i < roster.meters.size(); ++i) EXPECT_EQ(placement.addresses[i].meter, roster.meters[i].meter);
        std::map<model::Pseudonym, model::ShardId> shard_of;
        for (const auto& shard : placement.owned)
            for (const auto& row : shard.rows)
                EXPECT_TRUE(shards.shards[shard.id].region == 1 || shard_of.emplace(row.record.subject, shard.id).first->second == shard.id);
    });
}

TEST(Store, ShardsAndAccountsDoNotDependOnRanksOrMemory) {
    static std::string expected;
    static std::vector<model::RowAccount> accounts;
    on_ranks([](par::Comm& comm) {
        for (const std::uint64_t memory : {std::uint64_t{1} << 30, std::uint64_t{1000}}) {
            const Done done = store_all(comm, memory);
            EXPECT_EQ(done.stored.spooled, memory == 1000);
            if (comm.rank() == 0 && expected.empty()) {
                expected = done.digests;
                accounts = done.stored.accounts;
            }
            comm.barrier();
            EXPECT_TRUE(comm.rank() != 0 || done.digests == expected);
            EXPECT_TRUE(comm.rank() != 0 || done.stored.accounts == accounts);
            model::RowAccount total;
            for (const auto& account : done.stored.accounts) {
                EXPECT_TRUE(account.balances());
                total += account;
            }
            EXPECT_GT(total.duplicate, 0U);
            EXPECT_GT(total.num_quarantined(), 0U);
            comm.barrier();
        }
    });
}

TEST(Store, NothingIsLostOrMadeUp) {
    on_ranks([](par::Comm& comm) {
        const Done done = store_all(comm, std::uint64_t{1} << 30);
        std::uint64_t accepted = 0, measured = 0;
        for (const auto& account : done.stored.accounts) accepted += account.accepted;
        for (const auto& shard : done.stored.shards.owned) {
            const auto header = io::open_shard(shard.path).value();
            EXPECT_TRUE(std::is_sorted(header.rows.begin(), header.rows.end(), [](const auto& a, const auto& b) { return a.record < b.record; }));
            for (const auto& row : header.rows) measured += row.measured[0];
        }
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(measured)), static_cast<std::int64_t>(accepted));
        EXPECT_EQ(done.stored.quality[0].size(), 2U);
        EXPECT_EQ(done.stored.quality[0][0].meters, 750U);
        EXPECT_EQ(done.stored.quality[0][1].meters, 2250U);
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::store
