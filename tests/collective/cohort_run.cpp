#include "meterveil/cohort/run.hpp"

#include <gtest/gtest.h>

#include <map>

#include "cohort/pool.hpp"
#include "meterveil/core/integer.hpp"
#include "plain_rules.hpp"
#include "shards.hpp"

namespace meterveil::cohort {
namespace {

using testing::on_ranks;
using testing::SmallUtility;

Options options(const model::Axis& axis, bool by_interval) {
    Options options;
    options.rules = testing::five_or_more_none_over_half();
    options.slots.name = "slots";
    for (std::uint32_t t = 0; t <= axis.count; t += by_interval ? 1 : axis.count) options.slots.bounds.push_back(t);
    return options;
}

/// The facts straight from the definition: subjects' sums over all their meters, leaf by leaf.
LeafFacts reference_facts(const SmallUtility& utility, int channel, const Options& options) {
    std::map<model::Pseudonym, std::map<std::size_t, std::vector<std::int64_t>>> subjects;
    for (std::uint32_t m = 0; m < utility.num_meters; ++m) {
        const auto row = utility.row(m);
        if (!row.takes_part[channel]) continue;
        auto& sums = subjects[row.record.subject][row.record.leaf - utility.first_leaf()];
        sums.resize(options.slots.num_bins());
        for (std::uint32_t s = 0; s < options.slots.num_bins(); ++s)
            for (std::uint32_t t = options.slots.bounds[s]; t < options.slots.bounds[s + 1]; ++t) sums[s] += 2 * utility.quanta(m, channel, t);
    }
    LeafFacts facts(6);
    for (const auto& [subject, leaves] : subjects)
        for (const auto& [leaf, sums] : leaves) {
            if (facts[leaf].slots == 0) facts[leaf] = model::SetFacts(options.slots.num_bins(), 1);
            if (leaves.size() > 1) facts[leaf].span(subject, sums);
            else facts[leaf].fold(sums);
        }
    return facts;
}

TEST(Cohort, IsThePurePartitionOnAnyNumberOfRanks) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility utility;
        auto shards = testing::write_shards(comm, utility);
        for (const bool by_interval : {false, true}) {
            const Options wanted = options(utility.axis, by_interval);
            const auto partitions = run(comm, shards, utility.hierarchy, wanted).value();
            ASSERT_EQ(partitions.size(), 2U);
            for (int c = 0; c < 2; ++c) {
                const auto expected = build_partition(static_cast<model::Channel>(c), utility.hierarchy, reference_facts(utility, c, wanted), wanted.rules);
                const auto& got = partitions[static_cast<std::size_t>(c)];
                EXPECT_EQ(got.units, expected.units);
                EXPECT_EQ(got.fates, expected.fates);
                EXPECT_EQ(got.atom_of_batch, expected.atom_of_batch);
                EXPECT_GT(got.num_atoms(), 1U);
                for (std::uint64_t a = 0; a < got.num_atoms(); ++a) {
                    const bool mine = part_of(got.num_atoms(), static_cast<std::uint64_t>(comm.size()), a) == static_cast<std::uint64_t>(comm.rank());
                    EXPECT_EQ(got.atom_facts[a], mine ? expected.atom_facts[a] : model::SetFacts{});
                }
            }
        }
        comm.barrier();
    });
}

TEST(Cohort, AShardThatCannotBeReadFailsAllRanks) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility utility;
        auto shards = testing::write_shards(comm, utility);
        if (comm.rank() == 0) shards.owned[0].path += ".gone";
        const auto outcome = run(comm, shards, utility.hierarchy, options(utility.axis, false));
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::storage);
        EXPECT_EQ(outcome.error().rank, 0);
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::cohort
