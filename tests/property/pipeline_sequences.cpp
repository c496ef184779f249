// Releases one after another over a utility that changes, each formed and held against the ledger as a run does it. Whatever
// was let through is then attacked by hand.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "cohort/pool.hpp"
#include "meterveil/cohort/run.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/protect/rules.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/corrections.hpp"
#include "pipeline/ledger.hpp"
#include "pipeline_attack.hpp"
#include "pipeline_world.hpp"
#include "scratch.hpp"

namespace meterveil::sequences {
namespace {

struct Habits {
    bool has_gate = true, has_history = true;
    bool lets_corrections_wait = true;
    bool nobody_moves = false;  ///< readings are corrected, and that is all
    bool goes_on = false;       ///< each release is of the period after the last one, by feeder
};

struct Counts {
    int released = 0, crossed = 0, refused = 0, waiting = 0, leaks = 0, leaking_sequences = 0, told = 0, exhaustive = 0, attacks = 0, of_many = 0;
    std::size_t rows = 0, members = 0, meters = 0;  ///< of what was released: its rows, meters in a sum, all meters there were
};

/// A sequence of releases of one utility, with a ledger.
class Sequence {
public:
    Sequence(std::mt19937& random, const Habits& habits, Counts& counts) : random_(random), habits_(habits), counts_(counts) {
        auto& rules = spec_.rules.classes[0].rules;
        rules = {protect::make_rule("min_contributors", std::vector<double>{double{least_subjects}}).value()};
        if (!by_number_) rules.push_back(protect::make_rule("dominance", std::vector<double>{1, most_of_one}).value());
        for (const auto& rule : rules) terms_.rules.push_back(rule->statement());
        terms_.name = "sequence";
        terms_.scope = "period";
        job_.custody = custody_.path().string();
        job_.releases = {spec_};
        period_.length = 1 + static_cast<std::uint32_t>(random() % 2);
    }

    void run(par::Comm& comm, int num_releases) {
        const int leaks = counts_.leaks;
        for (int i = 0; i < num_releases; ++i) {
            if (i > 0) move_on();
            release(comm);
        }
        counts_.leaking_sequences += counts_.leaks > leaks ? 1 : 0;
    }

private:
    void move_on() {
        if (random_() % 4 != 0) world_.change(habits_.nobody_moves);
        if (habits_.goes_on) {
            period_.first += period_.length;
            return;
        }
        if (!habits_.nobody_moves) kind_ = random_() % 6 == 0 ? Kind::streets : random_() % 5 == 0 ? Kind::tariffs : Kind::feeders;
        if (by_number_) period_.length = 1 + static_cast<std::uint32_t>(random_() % 3);
        switch (random_() % 6) {
            case 0: ++period_.first; break;
            case 1: period_.first += period_.length; break;
            case 2: period_.first = 1 + static_cast<std::uint32_t>(random_() % 3); break;
            default: break;  // again
        }
    }

    void release(par::Comm& comm) {
        set_period();
        auto shards = write_shard();
        pipeline::Corrections corrections = settle(comm, shards, pipeline::Admission::enough);
        auto planned = plan(comm, shards);
        if (planned.is_refused && corrections.are_let_in) {
            corrections = settle(comm, shards, pipeline::Admission::none);
            planned = plan(comm, shards);
        }
        counts_.refused += planned.is_refused ? 1 : 0;
        if (planned.is_refused || planned.partitions.empty() || planned.partitions[0].units.empty()) return;
        Published published = published_of(shards, planned.partitions[0]);
        counts_.waiting += corrections.wait ? 1 : 0;
        if (std::find(all_.begin(), all_.end(), published) != all_.end()) return;
        ASSERT_TRUE(ledger::append(comm, job_.custody, planned.record).ok());
        ASSERT_TRUE(pipeline::close_shards(comm, job_.custody, shards, planned.record).ok());
        ++counts_.released;
        counts_.crossed += kind_ == Kind::tariffs ? 1 : 0;
        counts_.rows += published.units.size();
        counts_.members += published.meters.size();
        counts_.meters += world_.meters.size();
        all_.push_back(std::move(published));
        attack();
    }

    [[nodiscard]] pipeline::Corrections settle(par::Comm& comm, model::ShardSet& shards, pipeline::Admission admission) {
        return habits_.lets_corrections_wait ? pipeline::settle_corrections(comm, job_, hierarchy(), shards, admission).value() : pipeline::Corrections{};
    }

    struct Planned {
        std::vector<model::Partition> partitions;
        model::LedgerRecord record;
        bool is_refused = false;
    };

    [[nodiscard]] Planned plan(par::Comm& comm, model::ShardSet& shards) {
        const auto before = pipeline::release_before(comm, job_).value();
        const cohort::Options options{spec_.rules, {"period", {0, job_.axis.count}}, habits_.has_history && before ? &*before : nullptr};
        Planned planned;
        planned.partitions = cohort::run(comm, shards, hierarchy(), options).value();
        if (planned.partitions.empty() || planned.partitions[0].units.empty()) return planned;
        planned.record = pipeline::draft_record(comm, job_, spec_, terms_, shards, hierarchy(), planned.partitions).value();
        if (!habits_.has_gate) return planned;
        const auto proof = pipeline::hold_against_ledger(comm, job_.custody, planned.record);
        planned.is_refused = !proof.ok();
        EXPECT_TRUE(proof.ok() || proof.error().code == Code::privacy) << proof.error().what;
        return planned;
    }

    void set_period() {
        job_.axis = {model::Instant(std::chrono::hours(720 * period_.first)), std::chrono::hours(720 / intervals_per_month), period_.length * intervals_per_month};
        job_.store.months.clear();
        for (std::uint32_t m = 0; m <= period_.length; ++m) job_.store.months.push_back(m * intervals_per_month);
        job_.from = std::chrono::floor<std::chrono::days>(job_.axis.start);
        job_.until = std::chrono::floor<std::chrono::days>(job_.axis.end());
    }

    [[nodiscard]] model::ShardSet write_shard() {
        model::ShardSet set;
        set.axis = job_.axis;
        set.plan.shards.push_back({0, 0, 1, static_cast<std::uint32_t>(world_.meters.size()), 0});
        numbers_.clear();
        for (const auto& [number, meter] : world_.meters) numbers_[pseudonym(number)] = number;
        model::OwnedShard shard{0, custody_.file("shard.h5"), {}, {true, false}};
        std::vector<std::vector<std::int32_t>> series;
        for (const auto& [name, number] : numbers_) {
            const Meter& meter = world_.meters.at(number);
            model::ShardRow row;
            row.record = {name, name, pseudonym(meter.subject), world_.leaf_of(meter, kind_), 0};
            row.takes_part[0] = true;
            shard.rows.push_back(row);
            auto& quanta = series.emplace_back(job_.axis.count, meter.wh);
            for (std::uint32_t m = 0; m < period_.length; ++m) quanta[m * intervals_per_month + 1] += meter.extra(period_.first + m);
        }
        const auto written = io::write_shard(shard.path, {0, job_.axis, 1, shard.rows, {true, false}}, [&](model::Channel, std::uint32_t i) { return std::span<const std::int32_t>(series[i]); });
        EXPECT_TRUE(written.ok());
        set.owned.push_back(std::move(shard));
        return set;
    }

    [[nodiscard]] const model::Hierarchy& hierarchy() const { return world_.hierarchy(kind_); }

    [[nodiscard]] Published published_of(const model::ShardSet& shards, const model::Partition& partition) const {
        Published published{period_, kind_, {}, {}, partition.units};
        for (std::uint32_t i = 0; i < shards.owned[0].rows.size(); ++i) {
            const auto& row = shards.owned[0].rows[i];
            const auto atom = partition.atom_of_batch[model::batch_of(hierarchy(), row.record.leaf, row.is_newcomer[0])];
            if (atom == model::no_id) continue;
            const std::uint32_t number = numbers_.at(row.record.meter);
            published.meters[number] = as_published(shards.owned[0], i);
            published.atom[number] = atom;
        }
        return published;
    }

    /// A meter with the corrections that are in its shard: others wait.
    [[nodiscard]] Meter as_published(const model::OwnedShard& shard, std::uint32_t row) const {
        Meter meter = world_.meters.at(numbers_.at(shard.rows[row].record.meter));
        std::vector<std::int32_t> quanta(job_.axis.count);
        EXPECT_TRUE(io::read_rows(shard.path, model::Channel::import, row, row + 1, job_.axis.count, quanta).ok());
        for (std::uint32_t m = 0; m < period_.length; ++m) meter.corrected[period_.first + m] = quanta[m * intervals_per_month + 1] - meter.wh;
        return meter;
    }

    /// The last release together with all that share a month with it, and with its neighbours in time.
    void attack() {
        const Published& last = all_.back();
        std::set<std::vector<const Published*>> tried;
        for (std::uint32_t month = last.period.first; month < last.period.first + last.period.length; ++month) {
            std::vector<const Published*> sharing = {&last};
            for (std::size_t r = 0; r + 1 < all_.size(); ++r)
                if (all_[r].period.has(month)) sharing.push_back(&all_[r]);
            for (const std::uint32_t changes_of : {0U, month}) {
                if (changes_of == 0 && !tried.insert(sharing).second) continue;
                Attack trial(sharing, changes_of, most_);
                ++counts_.attacks;
                counts_.exhaustive += trial.is_exhaustive() ? 1 : 0;
                counts_.of_many += sharing.size() > 2 ? 1 : 0;
                counts_.leaks += trial.succeeds(random_) ? 1 : 0;
            }
        }
        for (const Published& other : all_) {
            if (is_just_before(other.period, last.period)) counts_.told += tells_who_came(other, last, most_) ? 1 : 0;
            if (is_just_after(other.period, last.period)) counts_.told += tells_who_came(last, other, most_) ? 1 : 0;
        }
    }

    [[nodiscard]] bool is_just_before(const Period& then, const Period& now) const {
        const auto is_between = [&](const Published& p) { return p.period.end() > then.end() && p.period.end() <= now.first; };
        return then.end() <= now.first && std::none_of(all_.begin(), all_.end(), is_between);
    }
    [[nodiscard]] bool is_just_after(const Period& later, const Period& now) const {
        const auto is_between = [&](const Published& p) { return p.period.first < later.first && p.period.first >= now.end(); };
        return later.first >= now.end() && std::none_of(all_.begin(), all_.end(), is_between);
    }

    std::mt19937& random_;
    Habits habits_;
    Counts& counts_;
    bool by_number_ = random_() % 2 == 0;  ///< alone: the ledger has the energy of whole periods
    double most_ = by_number_ ? 1 : most_of_one;
    World world_{random_, by_number_ ? 4U : 1U};
    testing::Scratch custody_;
    config::Job job_;
    config::ReleaseSpec spec_;
    model::ReleaseTerms terms_;
    Period period_;
    Kind kind_ = Kind::feeders;
    std::vector<Published> all_;
    std::map<model::Pseudonym, std::uint32_t> numbers_;
};

Counts run(unsigned seed, int num_sequences, const Habits& habits) {
    Counts counts;
    if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", 0);  // custody syncs each file, and here none must last
    const exec::ThreadBudget threads(1);
    par::run_on_threads(1, [&](par::Comm& comm) {
        for (int i = 0; i < num_sequences && !::testing::Test::HasFatalFailure(); ++i) {
            SCOPED_TRACE(fmt::format("seed {}, sequence {}", seed, i));
            std::mt19937 random(seed + static_cast<unsigned>(i));
            Sequence(random, habits, counts).run(comm, 6);
            if (habits.has_gate && (counts.leaks > 0 || counts.told > 0)) {
                ADD_FAILURE() << counts.leaks << " leaks, " << counts.told << " told who came";
                break;
            }
        }
    });
    std::printf("seed %u: %d released, %d of them crossed (%zu rows, %zu of %zu meters), %d refused, in %d corrections wait; %d attacks, %d on all rows, %d on more than two releases; %d succeed, in %d sequences; %d tell who came\n", seed, counts.released, counts.crossed, counts.rows, counts.members, counts.meters,
                counts.refused, counts.waiting, counts.attacks, counts.exhaustive, counts.of_many, counts.leaks, counts.leaking_sequences, counts.told);
    return counts;
}

TEST(Sequences, NothingThatWasLetThroughLeaks) {
    const Counts counts = run(std::random_device{}(), 150, {});
    EXPECT_EQ(counts.leaks, 0);
    EXPECT_EQ(counts.told, 0);
    EXPECT_GT(counts.released, 250);
    EXPECT_GT(counts.crossed, 10);
    EXPECT_GT(counts.of_many, 50);
    EXPECT_GT(2 * counts.exhaustive, counts.attacks);
}

TEST(Sequences, LeakWithoutTheGate) {
    const Counts counts = run(1, 40, {false, true});
    EXPECT_GT(counts.leaking_sequences, 10);
    EXPECT_GT(counts.told, 2);
}

TEST(Sequences, AreRefusedMoreOftenIfThePartitionDoesNotKnowThePeriodBefore) {
    const Counts with = run(1, 30, {true, true}), without = run(1, 30, {true, false});
    EXPECT_LT(with.refused, without.refused);
}

TEST(Sequences, AreRefusedLessOftenIfCorrectionsWait) {
    const Counts with = run(1, 40, {}), without = run(1, 40, {.lets_corrections_wait = false});
    EXPECT_LT(with.refused, without.refused);
}

TEST(Sequences, InWhichOnlyReadingsAreCorrectedAreNeverRefused) {
    const Counts with = run(1, 40, {.nobody_moves = true}), without = run(1, 40, {.lets_corrections_wait = false, .nobody_moves = true});
    EXPECT_EQ(with.refused, 0);
    EXPECT_GT(with.waiting, 10);
    EXPECT_GT(without.refused, 10);
}

TEST(Sequences, OfPeriodsInARowAreSeldomRefusedAndLoseFewMeters) {
    const Counts counts = run(1000, 60, {.goes_on = true});
    EXPECT_LT(20 * counts.refused, counts.released);
    EXPECT_GT(100 * counts.members, 90 * counts.meters);
}

}  // namespace
}  // namespace meterveil::sequences
