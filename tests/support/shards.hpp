#pragma once
// Small shards on disk, for the rooms that read them.

#include <algorithm>
#include <random>
#include <string>

#include "meterveil/io/shard_file.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"
#include "ranks.hpp"

namespace meterveil::testing {

/// A utility of the test: its meters depend on their numbers alone.
struct SmallUtility {
    std::uint32_t num_meters = 400, num_shards = 5;
    model::Axis axis{model::Instant{}, std::chrono::seconds(3600), 30};
    model::Hierarchy hierarchy = model::build_hierarchy(
        {"region", "feeder"}, {{"a", "f1"}, {"a", "f2"}, {"a", "f3"}, {"b", "f4"}, {"b", "f5"}, {"c", "f6"}});

    [[nodiscard]] model::NodeId first_leaf() const { return 4; }

    /// Feeders of uneven size: f1 has 2 meters, f5 3; every 50th meter shares a subject with the one before, on another feeder.
    [[nodiscard]] model::ShardRow row(std::uint32_t meter) const {
        std::mt19937_64 random(meter + 1);
        model::ShardRow row;
        for (auto& byte : row.record.meter.value) byte = static_cast<std::byte>(random());
        row.record.member = row.record.meter;
        row.record.subject = meter % 50 == 1 ? this->row(meter - 1).record.meter : row.record.meter;
        row.record.leaf = first_leaf() + (meter < 2 ? 0 : meter < 5 ? 4 : 1 + (meter % 4 == 3 ? 4 : meter % 4));
        row.takes_part[0] = meter % 20 != 7;
        row.takes_part[1] = meter % 10 == 3;
        row.filled[0] = meter % 3;
        return row;
    }
    [[nodiscard]] std::int32_t quanta(std::uint32_t meter, int channel, std::uint32_t t) const {
        return static_cast<std::int32_t>((meter * 31 + t * 7 + static_cast<std::uint32_t>(channel) * 3) % 100);
    }
    [[nodiscard]] std::uint32_t shard_of(std::uint32_t meter) const { return (meter - (meter % 50 == 1 ? 1 : 0)) / 50 % num_shards; }
};

/// Collective. Writes the shards of this rank (shard id % ranks == rank) to a folder that all share.
inline model::ShardSet write_shards(par::Comm& comm, const SmallUtility& utility) {
    const std::string folder = shared_folder(comm);
    model::ShardSet set;
    set.axis = utility.axis;
    set.energy_quantum_wh = 2;
    for (std::uint32_t s = 0; s < utility.num_shards; ++s) {
        set.plan.shards.push_back({1, s, utility.num_shards, 0, s % static_cast<std::uint32_t>(comm.size())});
        if (set.plan.shards[s].owner != static_cast<std::uint32_t>(comm.rank())) continue;
        std::vector<std::uint32_t> meters;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m)
            if (utility.shard_of(m) == s) meters.push_back(m);
        model::OwnedShard shard{s, folder + "/shard-" + std::to_string(s) + ".h5", {}, {true, true}};
        for (const std::uint32_t m : meters) shard.rows.push_back(utility.row(m));
        std::vector<std::int32_t> series(utility.axis.count);
        const io::ShardHeader header{s, utility.axis, 2, shard.rows, {true, true}};
        std::vector<std::vector<std::int32_t>> all;
        for (int c = 0; c < 2; ++c)
            for (const std::uint32_t m : meters) {
                for (std::uint32_t t = 0; t < utility.axis.count; ++t) series[t] = utility.quanta(m, c, t);
                all.push_back(series);
            }
        const auto written = io::write_shard(shard.path, header, [&](model::Channel channel, std::uint32_t i) {
            return std::span<const std::int32_t>(all[static_cast<std::size_t>(channel) * meters.size() + i]);
        });
        if (!written.ok()) std::abort();
        set.owned.push_back(std::move(shard));
    }
    comm.barrier();
    return set;
}

}  // namespace meterveil::testing
