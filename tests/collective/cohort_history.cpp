// The partition of a period, held against the record of the period before.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/pool.hpp"
#include "meterveil/cohort/run.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/par/exchange.hpp"
#include "shards.hpp"

namespace meterveil::cohort {
namespace {

using model::Channel;
using model::NodeId;
using model::no_id;
using testing::on_ranks;
using testing::SmallUtility;
using Meters = std::set<std::uint32_t>;

class AtLeastFive final : public model::Rule {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return cell.contributors >= 5 && 2 * cell.top[0] <= cell.total; }
    [[nodiscard]] std::uint32_t num_top() const override { return 1; }
    [[nodiscard]] std::string statement() const override { return "test"; }

private:
    std::string name_ = "at_least_five";
};

/// A subject on a leaf.
struct Presence {
    model::Pseudonym subject;
    NodeId leaf = no_id;
    auto operator<=>(const Presence&) const = default;
};
using Sums = std::map<Presence, std::int64_t>;

/// Two periods of one utility: who was there then, and who is now.
struct Story {
    SmallUtility utility;
    Meters absent_then, absent_now;  ///< of import
    Meters exchanged;                ///< another meter hangs at the subject's place now
    Meters apart_then;               ///< were not in the atom of their leaf: newcomers that had waited
    bool leaves_turned = false;      ///< the record has its leaves in another order

    [[nodiscard]] Options options() const {
        Options options;
        options.rules.classes[0].rules = {std::make_shared<AtLeastFive>()};
        options.slots = {"period", {0, utility.axis.count}};
        return options;
    }
    [[nodiscard]] bool was_there(std::uint32_t m) const { return utility.row(m).takes_part[0] && !absent_then.contains(m); }
    [[nodiscard]] bool is_there(std::uint32_t m) const { return utility.row(m).takes_part[0] && !absent_now.contains(m); }
    [[nodiscard]] std::int64_t energy_wh(std::uint32_t m) const {
        std::int64_t energy = 0;
        for (std::uint32_t t = 0; t < utility.axis.count; ++t) energy += 2 * utility.quanta(m, 0, t);
        return energy;
    }
    [[nodiscard]] std::uint32_t leaf_of(std::uint32_t m) const { return utility.row(m).record.leaf - utility.first_leaf(); }
    [[nodiscard]] Presence presence(std::uint32_t m) const { return {utility.row(m).record.subject, utility.row(m).record.leaf}; }

    [[nodiscard]] Sums then() const {
        Sums sums;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m)
            if (was_there(m) && !apart_then.contains(m)) sums[presence(m)] += energy_wh(m);
        return sums;
    }
    [[nodiscard]] Sums now() const {
        Sums sums;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m)
            if (is_there(m)) sums[presence(m)] += energy_wh(m);
        return sums;
    }

    /// Those of `all` that `wanted` tells, by leaf. A subject of several leaves in `all` is kept by its name.
    template <class Wanted>
    [[nodiscard]] LeafFacts facts_of(const Sums& all, Wanted&& wanted) const {
        std::map<model::Pseudonym, int> leaves;
        for (const auto& [p, wh] : all) ++leaves[p.subject];
        LeafFacts facts(6);
        for (const auto& [p, wh] : all) {
            if (!wanted(p)) continue;
            auto& set = facts[p.leaf - utility.first_leaf()];
            if (set.slots == 0) set = model::SetFacts(1, 1);
            if (leaves[p.subject] > 1) set.span(p.subject, {wh});
            else set.fold({wh});
        }
        return facts;
    }

    /// The partition of import, straight from who was there.
    [[nodiscard]] model::Partition expected(const std::vector<std::uint32_t>& bond) const {
        const Sums earlier = then(), later = now();
        const LeafFacts standing = facts_of(later, [&](const Presence& p) { return earlier.contains(p); });
        const History history{facts_of(later, [&](const Presence& p) { return !earlier.contains(p); }), facts_of(earlier, [&](const Presence& p) { return !later.contains(p); }), bond};
        return build_partition(Channel::import, utility.hierarchy, standing, options().rules, history);
    }

    /// The record of then: this rank's members of the partition that was made of all that were there. Import.
    [[nodiscard]] model::LedgerRecord record(const par::Comm& comm, const model::Partition& partition) const {
        model::LedgerRecord record;
        record.entry.subject_classes = {""};
        for (NodeId leaf = 0; leaf < 6; ++leaf) record.units.leaves.push_back(model::path_of(utility.hierarchy, utility.first_leaf() + leaf));
        if (leaves_turned) std::reverse(record.units.leaves.begin(), record.units.leaves.end());
        for (std::uint32_t m = 0; m < utility.num_meters; ++m) {
            const auto row = utility.row(m);
            const auto rank = part_of(model::member_blocks, static_cast<std::uint64_t>(comm.size()), model::block_of_member(row.record.member));
            const auto atom = apart_then.contains(m) ? partition.num_atoms() : partition.atom_of_batch[row.record.leaf];
            if (!was_there(m) || atom == no_id || rank != static_cast<std::uint64_t>(comm.rank())) continue;
            const std::uint32_t leaf = leaves_turned ? 5 - leaf_of(m) : leaf_of(m);
            record.members.members.push_back({row.record.member, row.record.subject, leaf, 0, {atom, no_id}, {energy_wh(m), 0}});
        }
        std::sort(record.members.members.begin(), record.members.members.end());
        return record;
    }

    /// The shards of now, of which import alone counts.
    [[nodiscard]] model::ShardSet shards(par::Comm& comm) const {
        auto shards = testing::write_shards(comm, utility);
        std::map<model::Pseudonym, std::uint32_t> number;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m) number[utility.row(m).record.meter] = m;
        for (auto& shard : shards.owned)
            for (auto& row : shard.rows) {
                const std::uint32_t m = number.at(row.record.meter);
                row.takes_part[0] = is_there(m);
                row.takes_part[1] = false;
                if (exchanged.contains(m)) row.record.meter = row.record.member = utility.row(m + 100000).record.meter;
            }
        return shards;
    }

    /// The partition before anything happened: what everybody then was published in.
    [[nodiscard]] model::Partition before() const {
        return build_partition(Channel::import, utility.hierarchy, facts_of(then(), [](const Presence&) { return true; }), options().rules);
    }
};

/// Energy of all atoms, those of all ranks.
std::int64_t energy_of(par::Comm& comm, const model::Partition& partition) {
    std::int64_t energy = 0;
    for (const auto& facts : partition.atom_facts) energy += facts.slots == 0 ? 0 : facts.grand_total();
    return par::sum(comm, energy);
}

/// Which (subject, leaf) are newcomers, over all ranks; and the partition.
struct Told {
    model::Partition partition;
    std::set<Presence> newcomers;
    std::int64_t energy_wh = 0;
};

Told told(par::Comm& comm, const Story& story) {
    auto shards = story.shards(comm);
    const model::LedgerRecord record = story.record(comm, story.before());
    Options options = story.options();
    options.before = &record;
    Told told;
    auto partitions = run(comm, shards, story.utility.hierarchy, options).value();
    EXPECT_EQ(partitions.size(), 1U);
    told.partition = std::move(partitions.at(0));
    std::vector<Presence> mine;
    for (const auto& shard : shards.owned)
        for (const auto& row : shard.rows) {
            EXPECT_FALSE(row.is_newcomer[1]);
            if (row.is_newcomer[0] && row.takes_part[0]) mine.push_back({row.record.subject, row.record.leaf});
        }
    for (const auto& part : par::all_gather(comm, mine)) told.newcomers.insert(part.begin(), part.end());
    told.energy_wh = energy_of(comm, told.partition);
    comm.barrier();
    return told;
}

/// The small feeders were one cohort with a larger one each, and each would fail by itself.
std::vector<std::uint32_t> bonds(const Story& story) {
    const auto before = story.before();
    std::vector<std::uint32_t> bond(6, no_id);
    std::map<std::uint32_t, int> leaves;
    for (NodeId leaf = 0; leaf < 6; ++leaf) ++leaves[before.atom_of_batch[story.utility.first_leaf() + leaf]];
    for (NodeId leaf = 0; leaf < 6; ++leaf)
        if (const auto atom = before.atom_of_batch[story.utility.first_leaf() + leaf]; leaves[atom] > 1) bond[leaf] = atom;
    return bond;
}

void expect_as_told(const Story& story) {
    const auto expected = story.expected(bonds(story));
    const auto earlier = story.then(), later = story.now();
    std::set<Presence> newcomers;
    for (const auto& [presence, wh] : later)
        if (!earlier.contains(presence)) newcomers.insert(presence);
    on_ranks([&](par::Comm& comm) {
        const Told got = told(comm, story);
        EXPECT_EQ(got.partition.units, expected.units);
        EXPECT_EQ(got.partition.fates, expected.fates);
        EXPECT_EQ(got.partition.atom_of_batch, expected.atom_of_batch);
        EXPECT_EQ(got.newcomers, newcomers);
        for (std::uint64_t a = 0; a < expected.num_atoms(); ++a) {
            const bool is_mine = part_of(expected.num_atoms(), static_cast<std::uint64_t>(comm.size()), a) == static_cast<std::uint64_t>(comm.rank());
            EXPECT_EQ(got.partition.atom_facts[a], is_mine ? expected.atom_facts[a] : model::SetFacts{});
        }
    });
}

/// The first `count` meters of a feeder that are alone with their subjects.
Meters of_feeder(const SmallUtility& utility, std::uint32_t leaf, std::size_t count) {
    Meters meters;
    for (std::uint32_t m = 5; m < utility.num_meters && meters.size() < count; ++m)
        if (utility.row(m).record.leaf == utility.first_leaf() + leaf && utility.row(m).takes_part[0] && m % 50 > 1) meters.insert(m);
    return meters;
}

Meters both(const Meters& a, const Meters& b) {
    Meters all = a;
    all.insert(b.begin(), b.end());
    return all;
}

const SmallUtility utility;

TEST(CohortHistory, NothingThatChangedChangesNothing) {
    const Story story;
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) {
        EXPECT_EQ(told(comm, story).partition.units, story.before().units);
        EXPECT_TRUE(told(comm, story).newcomers.empty());
    });
}

TEST(CohortHistory, AMeterExchangeIsNoNewcomer) {
    Story story;
    story.exchanged = both(of_feeder(utility, 1, 1), {0, 1, 50, 51});  // 0 and 1, 50 and 51 share subjects
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) {
        EXPECT_TRUE(told(comm, story).newcomers.empty());
        EXPECT_EQ(told(comm, story).partition.units, story.before().units);
    });
}

TEST(CohortHistory, AFewNewcomersWaitAndAreInNoSum) {
    Story story;
    story.absent_then = of_feeder(utility, 1, 2);
    expect_as_told(story);
    std::int64_t expected_wh = 0;
    for (std::uint32_t m = 0; m < utility.num_meters; ++m)
        if (story.is_there(m) && !story.absent_then.contains(m)) expected_wh += story.energy_wh(m);
    on_ranks([&](par::Comm& comm) {
        const Told got = told(comm, story);
        EXPECT_EQ(got.newcomers.size(), 2U);
        EXPECT_EQ(got.energy_wh, expected_wh);
        EXPECT_EQ(got.partition.units, story.before().units);
        EXPECT_EQ(got.partition.atom_of_batch[model::batch_of(utility.hierarchy, utility.first_leaf() + 1, true)], no_id);
    });
}

TEST(CohortHistory, NewcomersThatPassAreInTheSumOfTheirFeeder) {
    Story story;
    story.absent_then = of_feeder(utility, 1, 8);
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) {
        const Told got = told(comm, story);
        EXPECT_EQ(got.newcomers.size(), 8U);
        const NodeId leaf = utility.first_leaf() + 1;
        EXPECT_EQ(got.partition.atom_of_batch[model::batch_of(utility.hierarchy, leaf, true)], got.partition.atom_of_batch[leaf]);
    });
}

TEST(CohortHistory, WhoWaitedIsANewcomerStill) {
    Story story;
    story.apart_then = of_feeder(utility, 1, 8);
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) { EXPECT_EQ(told(comm, story).newcomers.size(), 8U); });
}

TEST(CohortHistory, OneWhoLeftIsPooledAndManyWhoLeftAreNot) {
    Story many, one;
    many.absent_now = of_feeder(utility, 2, 8);
    one.absent_now = of_feeder(utility, 2, 1);
    expect_as_told(many);
    expect_as_told(one);
    const NodeId leaf = utility.first_leaf() + 2;
    on_ranks([&](par::Comm& comm) {
        EXPECT_EQ(told(comm, many).partition.fates[leaf].status, model::NodeStatus::published);
        EXPECT_NE(told(comm, one).partition.fates[leaf].status, model::NodeStatus::published);
        EXPECT_EQ(told(comm, one).partition.fates[leaf].rule, "left");
    });
}

TEST(CohortHistory, ASubjectOfTwoMetersLeavesWithTheLastOfThem) {
    // 50 and 51 are of one subject on two feeders: one of them goes, and the subject leaves that feeder alone.
    Story story;
    story.absent_now = both(of_feeder(utility, 2, 8), {50});
    expect_as_told(story);
    Story all;
    all.absent_now = both(of_feeder(utility, 2, 8), {50, 51});
    expect_as_told(all);
}

TEST(CohortHistory, LeavesAreMatchedByTheirPaths) {
    Story story;
    story.leaves_turned = true;
    story.absent_then = of_feeder(utility, 1, 8);
    story.absent_now = of_feeder(utility, 3, 9);
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) { EXPECT_EQ(told(comm, story).newcomers.size(), 8U); });
}

TEST(CohortHistory, MuchAtOnce) {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        Story story;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m) {
            if (random() % 20 == 0) story.absent_then.insert(m);
            if (random() % (seed < 4 ? 20 : 200) == 0) story.absent_now.insert(m);
            if (random() % 20 == 0) story.exchanged.insert(m);
        }
        expect_as_told(story);
    }
}

}  // namespace
}  // namespace meterveil::cohort
