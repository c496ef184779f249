// Who owns which meters.

#include <algorithm>
#include <numeric>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/store/run.hpp"
#include "store/shard_of.hpp"

namespace meterveil::store {
namespace {

using model::MeterRecord;
using model::ShardSpec;

/// Nodes of the first job level are consecutive: children of the root.
std::uint32_t num_regions(const model::Hierarchy& hierarchy) { return hierarchy.nodes[0].num_children; }

std::vector<ShardSpec> cut(const model::Hierarchy& hierarchy, const std::vector<std::int64_t>& meters_of_region) {
    std::vector<ShardSpec> shards;
    for (std::uint32_t r = 0; r < num_regions(hierarchy); ++r) {
        const auto blocks = static_cast<std::uint32_t>((meters_of_region[r] + meters_per_shard - 1) / meters_per_shard);
        for (std::uint32_t b = 0; b < blocks; ++b) shards.push_back({hierarchy.nodes[0].first_child + r, b, blocks, 0, 0});
    }
    return shards;
}

/// Largest shard first to the rank with the fewest meters; ties by number. @return imbalance
double assign(std::vector<ShardSpec>& shards, std::uint32_t ranks) {
    std::vector<std::size_t> order(shards.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return shards[a].num_meters > shards[b].num_meters; });
    std::vector<std::uint64_t> load(ranks, 0);
    for (const std::size_t i : order) {
        const auto least = std::min_element(load.begin(), load.end());
        shards[i].owner = static_cast<std::uint32_t>(least - load.begin());
        *least += shards[i].num_meters;
    }
    const auto total = std::accumulate(load.begin(), load.end(), std::uint64_t{0});
    if (total == 0) return 1;
    return static_cast<double>(*std::max_element(load.begin(), load.end())) * ranks / static_cast<double>(total);
}

}  // namespace

ShardIndex::ShardIndex(const model::Hierarchy& hierarchy, const std::vector<ShardSpec>& shards)
    : hierarchy_(hierarchy), shards_(shards), first_(num_regions(hierarchy), 0) {
    for (std::size_t i = shards.size(); i-- > 0;) first_[shards[i].region - hierarchy.nodes[0].first_child] = static_cast<model::ShardId>(i);
}

model::ShardId ShardIndex::of(const MeterRecord& record) const {
    const model::ShardId first = first_[hierarchy_.ancestor(record.leaf, 1) - hierarchy_.nodes[0].first_child];
    return first + model::slice_of(record.subject, shards_[first].num_blocks);
}

Result<model::ShardPlan> plan(par::Comm& comm, const model::Roster& roster) {
    std::vector<std::int64_t> per_region(num_regions(roster.hierarchy), 0);
    for (const MeterRecord& record : roster.meters)
        ++per_region[roster.hierarchy.ancestor(record.leaf, 1) - roster.hierarchy.nodes[0].first_child];
    comm.sum(per_region);
    model::ShardPlan plan;
    plan.shards = cut(roster.hierarchy, per_region);
    const ShardIndex index(roster.hierarchy, plan.shards);
    std::vector<std::int64_t> per_shard(plan.shards.size(), 0);
    for (const MeterRecord& record : roster.meters) ++per_shard[index.of(record)];
    comm.sum(per_shard);
    for (std::size_t i = 0; i < per_shard.size(); ++i) plan.shards[i].num_meters = static_cast<std::uint32_t>(per_shard[i]);
    plan.imbalance = assign(plan.shards, static_cast<std::uint32_t>(comm.size()));
    return plan;
}

Result<Placement> place(par::Comm& comm, const model::Roster& roster, const model::ShardPlan& plan) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    const ShardIndex index(roster.hierarchy, plan.shards);
    std::vector<std::vector<MeterRecord>> to(ranks);
    for (const MeterRecord& record : roster.meters) to[plan.shards[index.of(record)].owner].push_back(record);
    Placement placement;
    std::vector<std::size_t> place_of(plan.shards.size(), 0);
    for (model::ShardId id = 0; id < plan.shards.size(); ++id) {
        if (plan.shards[id].owner != static_cast<std::uint32_t>(comm.rank())) continue;
        place_of[id] = placement.owned.size();
        placement.owned.push_back({id, "", {}, {false, false}});
    }
    for (const auto& part : par::exchange(comm, to))
        for (const MeterRecord& record : part) placement.owned[place_of[index.of(record)]].rows.push_back({record, {0, 0}, {0, 0}, {false, false}});

    std::vector<std::vector<model::Address>> back(ranks);
    std::uint32_t slot = 0;
    for (model::OwnedShard& shard : placement.owned) {
        std::sort(shard.rows.begin(), shard.rows.end(), [](const auto& a, const auto& b) { return a.record < b.record; });
        for (const model::ShardRow& row : shard.rows)
            back[model::slice_of(row.record.meter, ranks)].push_back({row.record.meter, static_cast<std::uint32_t>(comm.rank()), slot++});
    }
    for (const auto& part : par::exchange(comm, back)) placement.addresses.insert(placement.addresses.end(), part.begin(), part.end());
    std::sort(placement.addresses.begin(), placement.addresses.end(), [](const auto& a, const auto& b) { return a.meter < b.meter; });
    return placement;
}

}  // namespace meterveil::store
