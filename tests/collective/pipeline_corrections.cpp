// Corrections of a released period: which shards are written anew, with what, and what custody keeps for it.
#include "pipeline/corrections.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "meterveil/io/posix.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/protect/rules.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/ledger.hpp"
#include "shards.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using model::Channel;
using testing::on_ranks;
using testing::SmallUtility;

constexpr std::uint32_t k = 5;

/// A reading that is not as it was released.
struct Correction {
    std::uint32_t meter = 0;
    int channel = 0;
    std::uint32_t interval = 0;
    auto operator<=>(const Correction&) const = default;
};
using ListOfCorrections = std::set<Correction>;

/// A utility of 400 meters, two months of ten and twenty intervals; each feeder is an atom but the smallest two, which are pooled, and the last,
/// which is withheld.
class Bench {
public:
    explicit Bench(par::Comm& comm) : comm_(comm) {
        job_.custody = testing::shared_folder(comm);
        job_.axis = utility.axis;
        job_.store.months = {0, 10, 30};
        job_.from = job_.until = model::parse_date("1970-01-01").value();
        config::ReleaseSpec spec;
        spec.rules.classes[0].rules = {protect::make_rule("min_contributors", std::vector<double>{k}).value()};
        job_.releases = {spec};
    }

    /// Collective. The shards of a run.
    [[nodiscard]] model::ShardSet shards(const ListOfCorrections& corrections) const {
        auto set = testing::write_shards(comm_, utility);
        for (auto& shard : set.owned) {
            std::vector<std::int32_t> quanta[2];
            for (int c = 0; c < 2; ++c) {
                quanta[c].resize(shard.rows.size() * set.axis.count);
                EXPECT_TRUE(io::read_rows(shard.path, static_cast<Channel>(c), 0, static_cast<std::uint32_t>(shard.rows.size()), set.axis.count, quanta[c]).ok());
            }
            for (const Correction& correction : corrections)
                for (std::size_t i = 0; i < shard.rows.size(); ++i)
                    if (shard.rows[i].record.member == utility.row(correction.meter).record.member) quanta[correction.channel][i * set.axis.count + correction.interval] += 1000;
            const io::ShardHeader header{shard.id, set.axis, set.energy_quantum_wh, shard.rows, {true, true}};
            EXPECT_TRUE(io::write_shard(shard.path, header, [&](Channel channel, std::uint32_t i) {
                            return std::span<const std::int32_t>(quanta[static_cast<int>(channel)]).subspan(i * set.axis.count, set.axis.count);
                        }).ok());
        }
        comm_.barrier();
        return set;
    }

    /// Collective. As a run that publishes them.
    /// @param atoms [feeder]; f6 has none
    model::LedgerRecord publish(const model::ShardSet& shards, const std::string& name = "first", const std::vector<model::AtomId>& atoms = by_feeder) {
        model::ReleaseTerms terms;
        terms.name = name;
        terms.rules = {"min_contributors = 5"};
        terms.scope = "period";
        auto record = draft_record(comm_, job_, job_.releases[0], terms, shards, utility.hierarchy, {partition(Channel::import, atoms), partition(Channel::export_, atoms)}).value();
        EXPECT_TRUE(ledger::append(comm_, job_.custody, record).ok());
        EXPECT_TRUE(close_shards(comm_, job_.custody, shards, record).ok());
        return record;
    }

    Corrections settle(model::ShardSet& shards, Admission admission = Admission::enough) {
        auto outcome = settle_corrections(comm_, job_, utility.hierarchy, shards, admission);
        EXPECT_TRUE(outcome.ok()) << outcome.error().what;
        comm_.barrier();
        return outcome.value();
    }

    /// [shard] digest of its file, those of all ranks.
    [[nodiscard]] std::map<std::uint32_t, std::string> digests(const model::ShardSet& shards) const {
        std::string mine;
        for (const auto& shard : shards.owned) mine += fmt::format("{}:{};", shard.id, io::sha256_of_file(shard.path).value());
        std::map<std::uint32_t, std::string> all;
        for (const std::string& part : par::all_gather_text(comm_, mine))
            for (std::size_t at = 0; at < part.size(); at = part.find(';', at) + 1) all[static_cast<std::uint32_t>(std::stoul(part.substr(at)))] = part.substr(part.find(':', at) + 1, 64);
        return all;
    }

    inline static const std::vector<model::AtomId> by_feeder = {0, 1, 2, 3, 0};
    [[nodiscard]] model::Partition partition(Channel channel, const std::vector<model::AtomId>& atoms = by_feeder) const {
        model::Partition made;
        made.channel = channel;
        made.atom_of_batch.assign(2 * utility.hierarchy.nodes.size(), model::no_id);
        for (std::uint32_t leaf = 0; leaf < 5; ++leaf) made.atom_of_batch[utility.first_leaf() + leaf] = atoms[leaf];
        for (model::AtomId atom = 0; atom <= *std::ranges::max_element(atoms); ++atom) made.units.push_back({fmt::format("unit {}", atom), 2, false, model::no_id, atom, 1, {}});
        return made;
    }

    /// Meters of a feeder that are in a sum of both channels, or of import alone.
    [[nodiscard]] std::vector<std::uint32_t> of_feeder(std::uint32_t leaf, std::size_t count, int channel = 0) const {
        std::vector<std::uint32_t> meters;
        for (std::uint32_t m = 5; m < utility.num_meters && meters.size() < count; ++m)
            if (utility.row(m).record.leaf == utility.first_leaf() + leaf && utility.row(m).takes_part[channel] && m % 50 > 1) meters.push_back(m);
        return meters;
    }

    [[nodiscard]] fs::path closed(std::uint64_t number) const { return closed_folder(job_.custody, number); }
    void on_rank_0(const std::function<void()>& work) {
        comm_.barrier();
        if (comm_.rank() == 0) work();
        comm_.barrier();
    }

    SmallUtility utility;
    config::Job job_;

private:
    par::Comm& comm_;
};

ListOfCorrections of(const std::vector<std::uint32_t>& meters, std::uint32_t interval, int channel = 0) {
    ListOfCorrections all;
    for (const std::uint32_t m : meters) all.insert({m, channel, interval});
    return all;
}

ListOfCorrections both(ListOfCorrections a, const ListOfCorrections& b) {
    a.insert(b.begin(), b.end());
    return a;
}

/// Of corrections of an earlier release with these atoms those that are enough: by hand.
ListOfCorrections enough(const Bench& bench, const ListOfCorrections& corrections) {
    using Set = std::tuple<int, bool, model::AtomId>;  // channel, month, atom
    const auto set_of = [&](const Correction& c) { return Set{c.channel, c.interval >= 10, bench.partition(Channel::import).atom_of_batch[bench.utility.row(c.meter).record.leaf]}; };
    const auto is_published = [&](const Correction& c) { return bench.utility.row(c.meter).takes_part[c.channel] && std::get<2>(set_of(c)) != model::no_id; };
    std::map<Set, std::set<model::Pseudonym>> subjects;
    for (const Correction& c : corrections)
        if (is_published(c)) subjects[set_of(c)].insert(bench.utility.row(c.meter).record.subject);
    ListOfCorrections all;
    for (const Correction& c : corrections)
        if (!is_published(c) || subjects[set_of(c)].size() >= k) all.insert(c);
    return all;
}

TEST(Corrections, OfOneMeterWaitAndTheShardIsThatOfBefore) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        const auto first = bench.shards({});
        bench.publish(first);
        auto now = bench.shards(of(bench.of_feeder(2, 1), 3));
        EXPECT_NE(bench.digests(now), bench.digests(first));
        const auto outcome = bench.settle(now);
        EXPECT_TRUE(outcome.wait);
        EXPECT_FALSE(outcome.are_let_in);
        EXPECT_EQ(bench.digests(now), bench.digests(first));
    });
}

TEST(Corrections, ThatAreEnoughAreLetIn) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        auto now = bench.shards(of(bench.of_feeder(2, k), 3));
        const auto as_read = bench.digests(now);
        const auto outcome = bench.settle(now);
        EXPECT_FALSE(outcome.wait);
        EXPECT_TRUE(outcome.are_let_in);
        EXPECT_EQ(bench.digests(now), as_read);
        EXPECT_TRUE(bench.settle(now, Admission::none).wait);
        EXPECT_EQ(bench.digests(now), bench.digests(bench.shards({})));
    });
}

TEST(Corrections, WaitByMonthAndChannel) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        const auto many = both(of(bench.of_feeder(2, k), 12), of(bench.of_feeder(1, k, 1), 3, 1));
        const auto few = both(of(bench.of_feeder(2, 2), 3), both(of(bench.of_feeder(1, k - 1), 12), of(bench.of_feeder(2, 1, 1), 12, 1)));
        auto now = bench.shards(both(many, few));
        const auto outcome = bench.settle(now);
        EXPECT_TRUE(outcome.wait && outcome.are_let_in);
        EXPECT_EQ(bench.digests(now), bench.digests(bench.shards(many)));
    });
}

TEST(Corrections, OfTwoMetersOfOneSubjectCountOnce) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        const auto first = bench.shards({});
        bench.publish(first);
        auto now = bench.shards(of({0, 1, 2, 3, 4}, 3));  // all of the first sum; the first two are of one subject
        EXPECT_TRUE(bench.settle(now).wait);
        EXPECT_EQ(bench.digests(now), bench.digests(first));
    });
}

TEST(Corrections, WaitIfThoseThatWaitLeaveThemTooFew) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        const auto first = bench.shards({});
        bench.publish(first, "first", {0, 1, 1, 2, 0});   // f2 with f3
        bench.publish(first, "second", {0, 1, 2, 2, 0});  // f3 with f4
        const auto of_f2 = of(bench.of_feeder(1, 2), 3), of_f3 = of(bench.of_feeder(2, 3), 3), of_f4 = of(bench.of_feeder(3, k), 3);
        auto now = bench.shards(both(both(of_f2, of_f3), of_f4));
        EXPECT_TRUE(bench.settle(now).wait);
        EXPECT_EQ(bench.digests(now), bench.digests(bench.shards(of_f4)));
    });
}

TEST(Corrections, OfAMeterThatIsInNoSumDoNotWait) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        auto now = bench.shards(both(of(bench.of_feeder(5, 1), 3), of({7}, 3)));  // of a feeder that is withheld; without coverage
        const auto as_read = bench.digests(now);
        const auto outcome = bench.settle(now);
        EXPECT_FALSE(outcome.wait || outcome.are_let_in);
        EXPECT_EQ(bench.digests(now), as_read);
    });
}

TEST(Corrections, ThatWaitedAreInOnceTheyAreEnoughAndThenStandForTheNext) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        auto now = bench.shards(of(bench.of_feeder(2, 2), 3));
        bench.settle(now);
        bench.publish(now, "second");
        const auto eight = of(bench.of_feeder(2, 8), 3);
        auto later = bench.shards(eight);
        EXPECT_FALSE(bench.settle(later).wait);
        bench.publish(later, "third");
        // One more: what stands now is the third.
        auto last = bench.shards(both(eight, of(bench.of_feeder(3, 1), 3)));
        EXPECT_TRUE(bench.settle(last).wait);
        EXPECT_EQ(bench.digests(last), bench.digests(later));
    });
}

TEST(Corrections, AreTheSameBytesOnAnyNumberOfRanksAsByHand) {
    static std::mutex guard;
    static std::map<unsigned, std::map<std::uint32_t, std::string>> of_any_ranks;
    on_ranks([](par::Comm& comm) {
        for (const unsigned seed : {1U, 2U, 3U, 4U}) {
            SCOPED_TRACE(seed);
            std::mt19937 random(seed);
            Bench bench(comm);
            const auto first = bench.shards({});
            bench.publish(first);
            ListOfCorrections corrections;
            for (std::uint32_t m = 0; m < bench.utility.num_meters; ++m)
                if (random() % (4 + 8 * seed) == 0) corrections.insert({m, static_cast<int>(random() % 2), static_cast<std::uint32_t>(random() % 30)});
            auto now = bench.shards(corrections);
            const auto outcome = bench.settle(now);
            const auto expected = enough(bench, corrections);
            const auto digests = bench.digests(now);
            EXPECT_TRUE(outcome.wait);
            EXPECT_LT(expected.size(), corrections.size());
            EXPECT_EQ(digests, bench.digests(bench.shards(expected)));
            const std::lock_guard lock(guard);
            EXPECT_EQ(of_any_ranks.try_emplace(seed, digests).first->second, digests);
        }
    });
}

TEST(Corrections, AreLeftAsTheyAreWhereNothingCanStandForThem) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        const auto first = bench.shards({});
        bench.publish(first);
        const auto one = of(bench.of_feeder(2, 1), 3);
        const auto expect_left = [&](model::ShardSet now, const std::string& why) {
            const auto as_read = bench.digests(now);
            const auto outcome = bench.settle(now);
            EXPECT_FALSE(outcome.wait) << why;
            EXPECT_EQ(bench.digests(now), as_read) << why;
        };
        auto coarser = bench.shards(one);
        coarser.energy_quantum_wh = 1;
        expect_left(std::move(coarser), "another quantum");
        const auto others = bench.shards(of(bench.of_feeder(2, 1), 4));
        for (const auto& shard : others.owned)
            for (const std::string& file : {shard.path, shard.path + ".sha256"})
                fs::copy_file(file, bench.closed(1) / fs::path(file).filename(), fs::copy_options::overwrite_existing);
        comm.barrier();
        expect_left(bench.shards(one), "not what the ledger has");
        bench.on_rank_0([&] {
            for (const auto& file : shard_files(bench.closed(1))) {
                auto bytes = io::read_whole(file).value();
                bytes[bytes.size() / 2] ^= std::byte{1};
                ASSERT_TRUE(io::write_whole(file, bytes).ok());
            }
        });
        expect_left(bench.shards(one), "damaged");
        bench.on_rank_0([&] { fs::remove_all(bench.closed(1)); });
        expect_left(bench.shards(one), "gone");
    });
}

TEST(Corrections, OfReadingsThatWereFilledKeepTheCountsOfBefore) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        const auto one = bench.of_feeder(2, 1);
        auto now = bench.shards(of(one, 3));
        std::vector<std::uint32_t> told;
        for (auto& shard : now.owned)
            for (auto& row : shard.rows)
                if (row.record.member == bench.utility.row(one[0]).record.member) row.filled[0] = 29, row.measured[0] = 1;
        bench.settle(now);
        for (auto& shard : now.owned)
            for (auto& row : shard.rows)
                if (row.record.member == bench.utility.row(one[0]).record.member) told = {row.filled[0], row.measured[0]};
        const auto all = par::all_gather(comm, told);
        for (const auto& part : all)
            if (!part.empty()) EXPECT_EQ(part, (std::vector<std::uint32_t>{bench.utility.row(one[0]).filled[0], 0}));
    });
}

TEST(ClosedShards, AreLinksThatARunDoesNotWriteInto) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        const auto first = bench.shards({});
        bench.publish(first);
        for (const auto& shard : first.owned) EXPECT_TRUE(fs::equivalent(shard.path, bench.closed(1) / fs::path(shard.path).filename()));
        const auto before = bench.digests(first);
        auto now = bench.shards(of(bench.of_feeder(2, 1), 3));
        bench.settle(now);
        comm.barrier();
        EXPECT_EQ(bench.digests(first), before);
        EXPECT_EQ(shard_files(bench.closed(1)).size(), bench.utility.num_shards);
        comm.barrier();
    });
}

TEST(ClosedShards, GoWhenALaterReleaseHasAllThatTheyHave) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        const auto many = bench.shards(of(bench.of_feeder(2, 9), 3));
        bench.publish(many, "second");
        EXPECT_FALSE(fs::exists(bench.closed(1)));
        // The third has fewer members: the second stays. Where their shards are equal, they are one file.
        comm.barrier();
        auto fewer = bench.shards(both(of(bench.of_feeder(2, 9), 3), of({399}, 3)));
        for (auto& shard : fewer.owned)
            for (auto& row : shard.rows) row.takes_part[0] = row.takes_part[0] && row.record.leaf != bench.utility.first_leaf() + 3;
        bench.publish(fewer, "third");
        EXPECT_TRUE(fs::exists(bench.closed(2)));
        std::int64_t same = 0, others = 0;
        for (const auto& shard : fewer.owned) {
            const auto name = fs::path(shard.path).filename();
            (fs::equivalent(bench.closed(2) / name, bench.closed(3) / name) ? same : others) += 1;
        }
        EXPECT_EQ(par::sum(comm, same), bench.utility.num_shards - 1);
        EXPECT_EQ(par::sum(comm, others), 1);
    });
}

TEST(ClosedShards, OfAnEqualReleaseStayAsTheyAre) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.publish(bench.shards({}));
        const auto again = bench.shards({});
        EXPECT_EQ(bench.publish(again).entry.number, 1U);
        EXPECT_FALSE(fs::exists(bench.closed(2)));
        for (const auto& shard : again.owned) EXPECT_TRUE(fs::equivalent(shard.path, bench.closed(1) / fs::path(shard.path).filename()));  // on the disk once
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::pipeline
