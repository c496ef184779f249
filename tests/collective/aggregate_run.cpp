#include "meterveil/aggregate/run.hpp"

#include <gtest/gtest.h>

#include "shards.hpp"

namespace meterveil::aggregate {
namespace {

using testing::on_ranks;
using testing::SmallUtility;

/// Leaf 0 and 1 make a cohort, the others are atoms; total above them.
model::Partition partition_of(const SmallUtility& utility, model::Channel channel) {
    model::Partition p;
    p.channel = channel;
    p.units.push_back({"total", 0, false, model::no_id, 0, 5, {0}});
    p.units.push_back({"f1+f2", 2, true, 0, 0, 1, {4, 5}});
    for (model::AtomId a = 1; a < 5; ++a) p.units.push_back({"f", 2, false, 0, a, 1, {utility.first_leaf() + 1 + a}});
    p.atom_unit = {1, 2, 3, 4, 5};
    p.atom_of_batch.assign(2 * utility.hierarchy.nodes.size(), model::no_id);
    for (std::uint32_t leaf = 0; leaf < 6; ++leaf) p.atom_of_batch[utility.first_leaf() + leaf] = leaf == 0 ? 0 : leaf - 1;
    return p;
}

/// Sum over meters, straight from the definition.
std::int64_t expected_wh(const SmallUtility& utility, const model::Partition& p, const model::Unit& unit, std::uint32_t t) {
    std::int64_t sum = 0;
    for (std::uint32_t m = 0; m < utility.num_meters; ++m) {
        const auto row = utility.row(m);
        const auto atom = p.atom_of_batch[row.record.leaf];
        const auto channel = static_cast<int>(p.channel);
        if (row.takes_part[channel] && atom >= unit.first_atom && atom < unit.first_atom + unit.num_atoms) sum += 2 * utility.quanta(m, channel, t);
    }
    return sum;
}

TEST(Aggregate, EveryUnitAndIntervalIsTheSumOfItsMeters) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility utility;
        const auto shards = testing::write_shards(comm, utility);
        const std::vector<model::Partition> partitions = {partition_of(utility, model::Channel::import), partition_of(utility, model::Channel::export_)};
        const auto cells = run(comm, shards, partitions).value();
        ASSERT_EQ(cells.channels.size(), 2U);
        for (std::size_t c = 0; c < 2; ++c) {
            const auto& owned = cells.channels[c].owned;
            EXPECT_EQ(owned, block_of(6, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank())));
            for (std::uint64_t u = owned.first; u < owned.last; ++u)
                for (std::uint32_t t = 0; t < utility.axis.count; ++t)
                    ASSERT_EQ(cells.channels[c].energy_wh[(u - owned.first) * utility.axis.count + t], expected_wh(utility, partitions[c], partitions[c].units[u], t));
        }
        comm.barrier();
    });
}

TEST(Aggregate, CountsReadingsAndFilledOnes) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility utility;
        const auto shards = testing::write_shards(comm, utility);
        const auto cells = run(comm, shards, {partition_of(utility, model::Channel::import)}).value();
        if (comm.rank() == 0) {  // owns the total
            std::uint64_t readings = 0, filled = 0;
            for (std::uint32_t m = 0; m < utility.num_meters; ++m) {
                const auto row = utility.row(m);
                if (!row.takes_part[0]) continue;
                readings += utility.axis.count;
                filled += row.filled[0];
            }
            EXPECT_EQ(cells.channels[0].readings[0], readings);
            EXPECT_EQ(cells.channels[0].filled[0], filled);
        }
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::aggregate
