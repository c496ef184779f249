// The partition of a period, held against the record of the period before.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/moves.hpp"
#include "cohort/pool.hpp"
#include "cohort/sets.hpp"
#include "meterveil/cohort/run.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/par/exchange.hpp"
#include "plain_rules.hpp"
#include "shards.hpp"

namespace meterveil::cohort {
namespace {

using model::Channel;
using model::NodeId;
using model::no_id;
using testing::on_ranks;
using testing::SmallUtility;
using Meters = std::set<std::uint32_t>;

/// A meter in a period.
struct Meter {
    std::uint32_t number = 0;
    model::Pseudonym member, subject;
    NodeId leaf = no_id;
};

/// One meter of both periods, or two that stand for each other, by their places in the lists.
struct Pair {
    std::size_t then, now;
};
constexpr std::size_t none = static_cast<std::size_t>(-1);

/// Two periods of one utility: who was there then, and who is now.
struct Story {
    SmallUtility utility;
    Meters absent_then, absent_now;  ///< of import
    Meters exchanged;                ///< another meter hangs at the subject's place now
    Meters apart_then;               ///< were not in the atom of their leaf: newcomers that had waited
    std::map<std::uint32_t, std::uint32_t> moved;  ///< meter -> its leaf now
    bool leaves_turned = false;      ///< the record has its leaves in another order

    [[nodiscard]] Options options() const {
        Options options;
        options.rules = testing::five_or_more_none_over_half();
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
    [[nodiscard]] NodeId leaf_now(std::uint32_t m) const { return moved.contains(m) ? utility.first_leaf() + moved.at(m) : utility.row(m).record.leaf; }
    [[nodiscard]] model::Pseudonym member_now(std::uint32_t m) const { return utility.row(exchanged.contains(m) ? m + 100000 : m).record.member; }

    [[nodiscard]] std::vector<Meter> then() const {
        std::vector<Meter> meters;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m)
            if (was_there(m)) meters.push_back({m, utility.row(m).record.member, utility.row(m).record.subject, utility.row(m).record.leaf});
        return meters;
    }
    [[nodiscard]] std::vector<Meter> now() const {
        std::vector<Meter> meters;
        for (std::uint32_t m = 0; m < utility.num_meters; ++m)
            if (is_there(m)) meters.push_back({m, member_now(m), utility.row(m).record.subject, leaf_now(m)});
        return meters;
    }

    /// Every meter in one pair: with itself, else with one of the same subject on its leaf, else in its region, else anywhere.
    [[nodiscard]] std::vector<Pair> pairs(const std::vector<Meter>& then, const std::vector<Meter>& now) const {
        const auto is_paired = [&](int step, const Meter& a, const Meter& b) {
            const auto region = [&](const Meter& m) { return utility.hierarchy.nodes[m.leaf].parent; };
            return a.subject == b.subject && (step == 0 ? a.member == b.member : step == 1 ? a.leaf == b.leaf : step == 3 || region(a) == region(b));
        };
        std::vector<Pair> pairs;
        std::vector<bool> is_taken_then(then.size(), false), is_taken_now(now.size(), false);
        for (const int step : {0, 1, 2, 3})
            for (std::size_t t = 0; t < then.size(); ++t)
                for (std::size_t n = 0; n < now.size() && !is_taken_then[t]; ++n) {
                    if (is_taken_now[n] || !is_paired(step, then[t], now[n])) continue;
                    pairs.push_back({t, n});
                    is_taken_then[t] = is_taken_now[n] = true;
                }
        for (std::size_t t = 0; t < then.size(); ++t)
            if (!is_taken_then[t]) pairs.push_back({t, none});
        for (std::size_t n = 0; n < now.size(); ++n)
            if (!is_taken_now[n]) pairs.push_back({none, n});
        return pairs;
    }

    static void add(model::SetFacts& set, const model::Pseudonym& subject, std::int64_t wh, bool is_spanning) {
        if (set.slots == 0) set = model::SetFacts(1, 1);
        if (is_spanning) set.span(subject, {wh});
        else set.fold({wh});
    }

    /// The partition of import, and the members that wait, straight from who was there.
    struct Expected {
        model::Partition partition;
        std::set<model::Pseudonym> newcomers;
    };
    [[nodiscard]] Expected expected() const {
        const model::Partition earlier = before();
        const auto all_then = then(), all_now = now();
        const auto atom_of = [&](const Meter& m) { return apart_then.contains(m.number) ? earlier.num_atoms() : earlier.atom_of_batch[m.leaf]; };
        std::vector<Meter> summed;
        for (const Meter& m : all_then)
            if (atom_of(m) != no_id) summed.push_back(m);
        std::map<model::Pseudonym, std::set<std::pair<std::uint32_t, NodeId>>> places;
        std::map<Move, std::map<model::Pseudonym, std::int64_t>> moves;
        const auto matched = pairs(summed, all_now);
        const auto move_of = [&](const Pair& p) { return Move{p.then == none ? no_id : atom_of(summed[p.then]), p.now == none ? no_id : all_now[p.now].leaf}; };
        const auto subject_of = [&](const Pair& p) { return p.then == none ? all_now[p.now].subject : summed[p.then].subject; };
        for (const Pair& p : matched) {
            places[subject_of(p)].insert({move_of(p).atom, move_of(p).leaf});
            if (p.then != none) moves[move_of(p)][subject_of(p)] += energy_wh(summed[p.then].number);
        }
        Moves all;
        for (const auto& [move, subjects] : moves) {
            all.moves.push_back(move);
            for (model::SetFacts& facts = all.facts.emplace_back(); const auto& [subject, wh] : subjects) add(facts, subject, wh, places[subject].size() > 1);
        }
        for (NodeId leaf = 0; leaf < 6; ++leaf) {
            std::map<std::uint32_t, int> count;
            for (const Meter& m : summed)
                if (m.leaf == utility.first_leaf() + leaf) ++count[atom_of(m)];
            const auto most = std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
            all.main_atom.push_back(most == count.end() ? no_id : most->first);
        }
        Settled settled = settle(all, utility.hierarchy, options().rules);
        LeafFacts standing(6);
        settled.history.joined.resize(6);
        settled.history.moved.resize(6);
        std::map<std::pair<int, NodeId>, std::map<model::Pseudonym, std::int64_t>> sums;  // 0 stands, 1 joined, 2 moved
        const auto standing_of = [&](const Pair& p) {
            const auto at = std::find_if(all.moves.begin(), all.moves.end(), [&](const Move& move) { return move == move_of(p); });
            return p.then == none ? 1 : settled.waits[static_cast<std::size_t>(at - all.moves.begin())] ? 2 : 0;
        };
        for (const Pair& p : matched)
            if (p.now != none) sums[{standing_of(p), all_now[p.now].leaf - utility.first_leaf()}][subject_of(p)] += energy_wh(all_now[p.now].number);
        for (const auto& [key, subjects] : sums)
            for (const auto& [subject, wh] : subjects) {
                auto& facts = key.first == 0 ? standing : key.first == 1 ? settled.history.joined : settled.history.moved;
                add(facts[key.second], subject, wh, places[subject].size() > 1);
            }
        Expected told;
        for (const Pair& p : matched)
            if (p.now != none && (standing_of(p) == 2 || (standing_of(p) == 1 && must_wait(options().rules, settled.history.joined[all_now[p.now].leaf - utility.first_leaf()]))))
                told.newcomers.insert(all_now[p.now].member);
        told.partition = build_partition(Channel::import, utility.hierarchy, standing, options().rules, settled.history);
        return told;
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
                row.record.member = member_now(m);
                row.record.leaf = leaf_now(m);
            }
        return shards;
    }

    /// The partition before anything happened: what everybody then was published in.
    [[nodiscard]] model::Partition before() const {
        LeafFacts facts(6);
        std::map<model::Pseudonym, std::set<NodeId>> leaves;
        for (const Meter& m : then()) leaves[m.subject].insert(m.leaf);
        for (const Meter& m : then()) add(facts[m.leaf - utility.first_leaf()], m.subject, energy_wh(m.number), leaves[m.subject].size() > 1);
        return build_partition(Channel::import, utility.hierarchy, facts, options().rules);
    }
};

/// Energy of all atoms, those of all ranks.
std::int64_t energy_of(par::Comm& comm, const model::Partition& partition) {
    std::int64_t energy = 0;
    for (const auto& facts : partition.atom_facts) energy += facts.slots == 0 ? 0 : facts.grand_total();
    return par::sum(comm, energy);
}

/// Which members wait, over all ranks; and the partition.
struct Told {
    model::Partition partition;
    std::set<model::Pseudonym> newcomers;
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
    std::vector<model::Pseudonym> mine;
    for (const auto& shard : shards.owned)
        for (const auto& row : shard.rows) {
            EXPECT_FALSE(row.is_newcomer[1]);
            if (row.is_newcomer[0] && row.takes_part[0]) mine.push_back(row.record.member);
        }
    for (const auto& part : par::all_gather(comm, mine)) told.newcomers.insert(part.begin(), part.end());
    told.energy_wh = energy_of(comm, told.partition);
    comm.barrier();
    return told;
}

void expect_as_told(const Story& story) {
    const auto [expected, newcomers] = story.expected();
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
    std::int64_t expected_wh = 0;
    for (std::uint32_t m = 0; m < utility.num_meters; ++m)
        if (story.is_there(m)) expected_wh += story.energy_wh(m);
    on_ranks([&](par::Comm& comm) {
        EXPECT_TRUE(told(comm, story).newcomers.empty());
        EXPECT_EQ(told(comm, story).energy_wh, expected_wh);
    });
}

TEST(CohortHistory, WhoWaitedIsLetInOnceTheyPass) {
    Story few, many;
    few.apart_then = of_feeder(utility, 1, 4);
    many.apart_then = of_feeder(utility, 1, 8);
    expect_as_told(few);
    expect_as_told(many);
    on_ranks([&](par::Comm& comm) {
        EXPECT_EQ(told(comm, few).newcomers.size(), 4U);
        EXPECT_TRUE(told(comm, many).newcomers.empty());
    });
}

TEST(CohortHistory, WhoMovedIsInOneSumWithTheFeederThatHeLeft) {
    Story story;
    const auto movers = of_feeder(utility, 1, 2);
    for (const std::uint32_t m : movers) story.moved[m] = 3;
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) {
        const Told got = told(comm, story);
        EXPECT_EQ(got.newcomers.size(), 2U);
        const auto atom = got.partition.atom_of_batch[model::batch_of(utility.hierarchy, utility.first_leaf() + 3, true)];
        EXPECT_NE(atom, no_id);
        EXPECT_EQ(atom, got.partition.atom_of_batch[utility.first_leaf() + 1]);
        EXPECT_NE(atom, got.partition.atom_of_batch[utility.first_leaf() + 3]);
    });
}

TEST(CohortHistory, ManyWhoMovedAreLetIn) {
    Story story;
    for (const std::uint32_t m : of_feeder(utility, 1, 8)) story.moved[m] = 3;
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) {
        EXPECT_TRUE(told(comm, story).newcomers.empty());
        EXPECT_EQ(told(comm, story).partition.units, story.before().units);
    });
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
    story.absent_then = of_feeder(utility, 1, 3);
    story.absent_now = of_feeder(utility, 3, 9);
    expect_as_told(story);
    on_ranks([&](par::Comm& comm) { EXPECT_EQ(told(comm, story).newcomers.size(), 3U); });
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
            if (random() % 20 == 0 && seed % 2 == 0) story.moved[m] = static_cast<std::uint32_t>(random() % 6);
            if (random() % 30 == 0 && seed % 3 == 0) story.apart_then.insert(m);
        }
        expect_as_told(story);
    }
}

}  // namespace
}  // namespace meterveil::cohort
