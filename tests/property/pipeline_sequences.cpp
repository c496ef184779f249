// Releases one after another over a utility that changes, each formed and held against the ledger as a run does it. Whatever
// was let through is then attacked by hand: all small combinations of what was published.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include "cohort/pool.hpp"
#include "meterveil/cohort/run.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/protect/rules.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/corrections.hpp"
#include "pipeline/ledger.hpp"
#include "scratch.hpp"

namespace meterveil::pipeline {
namespace {

constexpr std::uint32_t least_subjects = 3;
constexpr double most_of_one = 0.6;
/// The energy of a meter is taken where it is largest, so a share just over the limit may be seen as just under it: a leak is more.
constexpr double margin = 0.05;
constexpr std::uint32_t intervals_per_month = 2;

/// A meter as it is at some time.
struct Meter {
    std::uint32_t leaf = 0, street = 0, subject = 0;
    std::int32_t wh = 0;     ///< in each interval
    std::map<std::uint32_t, std::int32_t> corrected;  ///< by month: what corrections added to its second interval; another number is another version
    [[nodiscard]] std::int32_t extra(std::uint32_t month) const { return corrected.contains(month) ? corrected.at(month) : 0; }
};
using Meters = std::map<std::uint32_t, Meter>;  ///< by number

model::Pseudonym pseudonym(std::uint32_t number) {
    std::mt19937_64 random(number + 1);
    model::Pseudonym name;
    for (auto& byte : name.value) byte = static_cast<std::byte>(random());
    return name;
}

/// A utility that changes.
class World {
public:
    /// @param corrected_months corrections are of the first so many
    World(std::mt19937& random, std::uint32_t corrected_months) : random_(random), corrected_months_(corrected_months) {
        const bool has_regions = below(2) == 0;
        std::vector<std::vector<std::string>> paths;
        for (std::uint32_t r = 0, regions = 1 + below(2); r < regions; ++r)
            for (std::uint32_t f = 0, feeders = 1 + below(has_regions ? 3 : 4); f < feeders; ++f) {
                const std::string feeder = fmt::format("f{}{}", r, f);
                paths.push_back(has_regions ? std::vector{fmt::format("r{}", r), feeder} : std::vector{feeder});
            }
        hierarchies[0] = model::build_hierarchy(has_regions ? std::vector<std::string>{"region", "feeder"} : std::vector<std::string>{"feeder"}, paths);
        hierarchies[1] = model::build_hierarchy({"street"}, {{"s0"}, {"s1"}});
        num_leaves_ = static_cast<std::uint32_t>(paths.size());
        for (std::uint32_t leaf = 0; leaf < num_leaves_; ++leaf) join(leaf, below(5) == 0 ? below(3) : 3 + below(7));
    }

    /// @param nobody_moves readings are corrected, and that is all
    void change(bool nobody_moves) {
        for (std::uint32_t events = below(4); events > 0; --events) {
            const std::uint32_t leaf = below(num_leaves_), count = below(3) == 0 ? 1 + below(2) : 3 + below(3);
            switch (nobody_moves ? 4 : below(6)) {
                case 0: join(leaf, count); break;
                case 1:
                    for (const std::uint32_t m : some_of(leaf, count)) meters.erase(m);
                    break;
                case 2:
                    for (const std::uint32_t m : some_of(leaf, count)) meters.at(m).leaf = (leaf + 1) % num_leaves_;
                    break;
                case 3:
                    for (const std::uint32_t m : some_of(leaf, count)) exchange(m);
                    break;
                default:
                    const std::uint32_t month = 1 + below(corrected_months_);
                    for (const std::uint32_t m : some_of(leaf, count)) meters.at(m).corrected[month] += 2 + static_cast<std::int32_t>(below(3));
            }
        }
    }

    model::Hierarchy hierarchies[2];  ///< feeders, and streets, which know nothing of them
    Meters meters;

private:
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

    void join(std::uint32_t leaf, std::uint32_t count) {
        for (; count > 0; --count) {
            const std::uint32_t number = ++last_number_;
            const bool is_of_another = !meters.empty() && below(8) == 0;
            meters[number] = {leaf, below(2), is_of_another ? std::next(meters.begin(), below(static_cast<std::uint32_t>(meters.size())))->second.subject : number,
                              static_cast<std::int32_t>(below(12) == 0 ? 80 : 5 + below(10)), {}};
        }
    }
    void exchange(std::uint32_t number) {
        meters[++last_number_] = meters.at(number);
        meters.erase(number);
    }
    std::vector<std::uint32_t> some_of(std::uint32_t leaf, std::uint32_t count) {
        std::vector<std::uint32_t> numbers;
        for (const auto& [number, meter] : meters)
            if (meter.leaf == leaf) numbers.push_back(number);
        std::shuffle(numbers.begin(), numbers.end(), random_);
        numbers.resize(std::min<std::size_t>(numbers.size(), count));
        return numbers;
    }

    std::mt19937& random_;
    std::uint32_t corrected_months_, num_leaves_ = 0, last_number_ = 0;
};

struct Period {
    std::uint32_t first = 1, length = 1;  ///< months
    bool operator==(const Period&) const = default;
    [[nodiscard]] bool has(std::uint32_t month) const { return month >= first && month < first + length; }
};

/// What was published, as the test knows it.
struct Published {
    Period period;
    bool by_street = false;
    Meters meters;                                     ///< those in a sum
    std::map<std::uint32_t, model::AtomId> atom;       ///< by meter
    std::vector<model::Unit> units;

    [[nodiscard]] std::int64_t energy(std::uint32_t meter) const {
        const Meter& m = meters.at(meter);
        std::int64_t energy = std::int64_t{m.wh} * period.length * intervals_per_month;
        for (std::uint32_t month = period.first; month < period.first + period.length; ++month) energy += m.extra(month);
        return energy;
    }
    bool operator==(const Published& other) const { return period == other.period && by_street == other.by_street && atom == other.atom && energies() == other.energies(); }
    [[nodiscard]] std::vector<std::int64_t> energies() const {
        std::vector<std::int64_t> all;
        for (const auto& [number, meter] : meters) all.push_back(energy(number));
        return all;
    }
};

using Energies = std::map<std::uint32_t, std::int64_t>;  ///< by subject

/// @param most share that one may have
bool fails(const Energies& energies, double most) {
    std::int64_t total = 0, largest = 0, count = 0;
    for (const auto& [subject, wh] : energies) {
        total += wh;
        largest = std::max(largest, wh);
        count += wh != 0 ? 1 : 0;
    }
    return count > 0 && (count < least_subjects || static_cast<double>(largest) > (most + margin) * static_cast<double>(total));
}

/// All small combinations of the atoms of several releases in one month. A unit is a sum of atoms.
class Attack {
public:
    /// @param month whose corrections are seen; 0: an interval that none touched
    Attack(const std::vector<const Published*>& releases, std::uint32_t month, double most) : most_(most) {
        std::map<std::pair<std::size_t, model::AtomId>, std::uint32_t> row_of;
        for (std::size_t r = 0; r < releases.size(); ++r)
            for (const auto& [meter, atom] : releases[r]->atom) row_of.try_emplace({r, atom}, static_cast<std::uint32_t>(row_of.size()));
        std::map<std::vector<bool>, Energies> columns;
        std::set<std::uint32_t> all;
        for (const Published* release : releases)
            for (const auto& [meter, atom] : release->atom) all.insert(meter);
        for (const std::uint32_t meter : all) {
            // The meter as the first release has it, then what each other version adds.
            std::map<std::int32_t, std::vector<bool>> versions;
            std::vector<bool> base(row_of.size());
            std::int64_t largest = 0;
            const Published* origin = nullptr;
            std::map<std::int32_t, std::int64_t> added;
            for (std::size_t r = 0; r < releases.size(); ++r) {
                const auto at = releases[r]->atom.find(meter);
                if (at == releases[r]->atom.end()) continue;
                if (origin == nullptr) origin = releases[r];
                const std::uint32_t row = row_of.at({r, at->second});
                base[row] = true;
                largest = std::max(largest, releases[r]->energy(meter));
                const std::int32_t extra = releases[r]->meters.at(meter).extra(month), first = origin->meters.at(meter).extra(month);
                if (extra == first) continue;
                auto& version = versions.try_emplace(extra, row_of.size()).first->second;
                version[row] = true;
                added[extra] = std::abs(extra - first);
            }
            const std::uint32_t subject = origin->meters.at(meter).subject;
            columns[base][subject] += largest;
            for (const auto& [extra, rows] : versions) columns[rows][subject] += added[extra];
        }
        for (const auto& [rows, energies] : columns) classes_.push_back(energies);
        std::set<std::vector<std::uint32_t>> distinct;
        for (std::uint32_t row = 0; row < row_of.size(); ++row) {
            std::vector<std::uint32_t> classes;
            for (std::uint32_t cls = 0; const auto& [rows, energies] : columns) {
                if (rows[row]) classes.push_back(cls);
                ++cls;
            }
            distinct.insert(classes);
        }
        rows_.assign(distinct.begin(), distinct.end());
    }

    /// Whether every row is combined with every other; else those of a random choice.
    [[nodiscard]] bool is_exhaustive() const { return rows_.size() <= most_rows; }

    [[nodiscard]] bool succeeds(std::mt19937& random) {
        if (classes_.size() > 64) return false;
        std::shuffle(rows_.begin(), rows_.end(), random);
        const std::size_t num_rows = std::min<std::size_t>(rows_.size(), most_rows);
        std::vector<int> sum(classes_.size(), 0);
        return combine(0, num_rows, num_rows <= 6 ? 2 : 1, sum);
    }

private:
    static constexpr std::size_t most_rows = 9;

    bool combine(std::size_t row, std::size_t num_rows, int most, std::vector<int>& sum) {
        if (row == num_rows) return leaks(sum);
        const auto add = [&](int times) {
            for (const std::uint32_t cls : rows_[row]) sum[cls] += times;
        };
        bool found = false;
        add(-most);
        for (int times = -most; times <= most && !found; ++times) {
            found = combine(row + 1, num_rows, most, sum);
            add(1);
        }
        add(-most - 1);
        return found;
    }

    bool leaks(const std::vector<int>& sum) {
        std::uint64_t support = 0;
        for (std::size_t cls = 0; cls < sum.size(); ++cls) support |= std::uint64_t{sum[cls] != 0} << cls;
        const auto [known, is_new] = known_.try_emplace(support, false);
        if (is_new) {
            Energies energies;
            for (std::size_t cls = 0; cls < sum.size(); ++cls)
                if (sum[cls] != 0)
                    for (const auto& [subject, wh] : classes_[cls]) energies[subject] += wh;
            known->second = fails(energies, most_);
        }
        return known->second;
    }

    double most_;
    std::vector<Energies> classes_;
    std::vector<std::vector<std::uint32_t>> rows_;  ///< [row] its classes
    std::unordered_map<std::uint64_t, bool> known_;
};

/// What a subject has in a release, or in one unit of it.
struct Part {
    std::set<std::uint32_t> meters;
    model::AtomId atom = 0;  ///< of one of them
};
using Parts = std::map<std::uint32_t, Part>;

/// @param unit null: all that is published
Parts parts_of(const Published& release, const model::Unit* unit) {
    Parts parts;
    for (const auto& [number, atom] : release.atom) {
        if (unit != nullptr && (atom < unit->first_atom || atom >= unit->first_atom + unit->num_atoms)) continue;
        Part& part = parts[release.meters.at(number).subject];
        part.meters.insert(number);
        part.atom = atom;
    }
    return parts;
}

/// @param where whether those that are in `others` are taken, or those that are not
std::set<std::uint32_t> those(const std::set<std::uint32_t>& meters, bool where, const std::set<std::uint32_t>& others) {
    std::set<std::uint32_t> taken;
    for (const std::uint32_t meter : meters)
        if (others.contains(meter) == where) taken.insert(meter);
    return taken;
}

/// Whether of a node that both periods published somebody joined or left without passing, nor hidden among those who were in both. A meter that
/// another replaced, or that moved within the node, neither joined nor left. Where it cannot be said which of a subject's meters was replaced and
/// which one left, nothing is told.
bool node_tells_who_came(const Published& then, const Published& now, const model::Unit& earlier, const model::Unit& later, double most) {
    Parts all_then = parts_of(then, nullptr), all_now = parts_of(now, nullptr), was = parts_of(then, &earlier), is = parts_of(now, &later);
    Energies joined, left;
    std::map<std::pair<model::AtomId, model::AtomId>, Energies> of_both;
    std::set<std::uint32_t> subjects;
    for (const Parts* parts : {&was, &is})
        for (const auto& [subject, unused] : *parts) subjects.insert(subject);
    for (const std::uint32_t subject : subjects) {
        const Part &before = all_then[subject], &after = all_now[subject];
        const auto gone = those(was[subject].meters, false, is[subject].meters), come = those(is[subject].meters, false, was[subject].meters);
        for (const std::uint32_t meter : those(gone, true, after.meters)) {
            left[subject] += then.energy(meter);
            of_both[{then.atom.at(meter), now.atom.at(meter)}][subject] += then.energy(meter);
        }
        for (const std::uint32_t meter : those(come, true, before.meters)) {
            joined[subject] += now.energy(meter);
            of_both[{then.atom.at(meter), now.atom.at(meter)}][subject] += now.energy(meter);
        }
        const auto ended = those(gone, false, after.meters), begun = those(come, false, before.meters);
        if (ended.size() == begun.size()) continue;
        if (!ended.empty() && !begun.empty()) return false;
        for (const std::uint32_t meter : ended) left[subject] += then.energy(meter);
        for (const std::uint32_t meter : begun) joined[subject] += now.energy(meter);
        if (before.meters.size() != after.meters.size()) continue;
        for (const std::uint32_t meter : ended) of_both[{before.atom, after.atom}][subject] += then.energy(meter);
        for (const std::uint32_t meter : begun) of_both[{before.atom, after.atom}][subject] += now.energy(meter);
    }
    const bool is_hidden = std::any_of(of_both.begin(), of_both.end(), [&](const auto& cls) { return !fails(cls.second, most); });
    return !is_hidden && (fails(joined, most) || fails(left, most));
}

bool tells_who_came(const Published& then, const Published& now, double most) {
    for (const auto& earlier : then.units)
        for (const auto& later : now.units)
            if (!earlier.is_cohort && !later.is_cohort && earlier.level == later.level && earlier.name == later.name && node_tells_who_came(then, now, earlier, later, most))
                return true;
    return false;
}

struct Habits {
    bool has_gate = true, has_history = true;
    bool lets_corrections_wait = true;
    bool nobody_moves = false;  ///< readings are corrected, and that is all
};

struct Counts {
    int released = 0, refused = 0, waiting = 0, leaks = 0, leaking_sequences = 0, told = 0, exhaustive = 0, attacks = 0, of_many = 0;
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
        by_street_ = !habits_.nobody_moves && random_() % 6 == 0;
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
        Corrections corrections = settle(comm, shards, Admission::enough);
        auto planned = plan(comm, shards);
        if (planned.is_refused && corrections.are_let_in) {
            corrections = settle(comm, shards, Admission::none);
            planned = plan(comm, shards);
        }
        counts_.refused += planned.is_refused ? 1 : 0;
        if (planned.is_refused || planned.partitions.empty() || planned.partitions[0].units.empty()) return;
        Published published = published_of(shards, planned.partitions[0]);
        counts_.waiting += corrections.wait ? 1 : 0;
        if (std::find(all_.begin(), all_.end(), published) != all_.end()) return;
        ASSERT_TRUE(ledger::append(comm, job_.custody, planned.record).ok());
        ASSERT_TRUE(close_shards(comm, job_.custody, shards, planned.record).ok());
        ++counts_.released;
        all_.push_back(std::move(published));
        attack();
    }

    [[nodiscard]] Corrections settle(par::Comm& comm, model::ShardSet& shards, Admission admission) {
        return habits_.lets_corrections_wait ? settle_corrections(comm, job_, hierarchy(), shards, admission).value() : Corrections{};
    }

    struct Planned {
        std::vector<model::Partition> partitions;
        model::LedgerRecord record;
        bool is_refused = false;
    };

    [[nodiscard]] Planned plan(par::Comm& comm, model::ShardSet& shards) {
        const auto before = release_before(comm, job_).value();
        const cohort::Options options{spec_.rules, {"period", {0, job_.axis.count}}, habits_.has_history && before ? &*before : nullptr};
        Planned planned;
        planned.partitions = cohort::run(comm, shards, hierarchy(), options).value();
        if (planned.partitions.empty() || planned.partitions[0].units.empty()) return planned;
        planned.record = draft_record(comm, job_, spec_, terms_, shards, hierarchy(), planned.partitions).value();
        if (!habits_.has_gate) return planned;
        const auto proof = hold_against_ledger(comm, job_.custody, planned.record);
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
        const model::NodeId first_leaf = cohort::first_leaf(hierarchy());
        model::OwnedShard shard{0, custody_.file("shard.h5"), {}, {true, false}};
        std::vector<std::vector<std::int32_t>> series;
        for (const auto& [name, number] : numbers_) {
            const Meter& meter = world_.meters.at(number);
            model::ShardRow row;
            row.record = {name, name, pseudonym(meter.subject), first_leaf + (by_street_ ? meter.street : meter.leaf), 0};
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

    [[nodiscard]] const model::Hierarchy& hierarchy() const { return world_.hierarchies[by_street_ ? 1 : 0]; }

    [[nodiscard]] Published published_of(const model::ShardSet& shards, const model::Partition& partition) const {
        Published published{period_, by_street_, {}, {}, partition.units};
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
            if (other.period.first + other.period.length == last.period.first) counts_.told += tells_who_came(other, last, most_) ? 1 : 0;
            if (last.period.first + last.period.length == other.period.first) counts_.told += tells_who_came(last, other, most_) ? 1 : 0;
        }
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
    bool by_street_ = false;
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
    std::printf("seed %u: %d released, %d refused, in %d corrections wait; %d attacks, %d on all rows, %d on more than two releases; %d succeed, in %d sequences; %d tell who came\n", seed, counts.released,
                counts.refused, counts.waiting, counts.attacks, counts.exhaustive, counts.of_many, counts.leaks, counts.leaking_sequences, counts.told);
    return counts;
}

TEST(Sequences, NothingThatWasLetThroughLeaks) {
    const Counts counts = run(std::random_device{}(), 150, {});
    EXPECT_EQ(counts.leaks, 0);
    EXPECT_EQ(counts.told, 0);
    EXPECT_GT(counts.released, 250);
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
    EXPECT_GT(with.waiting, 20);
    EXPECT_GT(without.refused, 20);
}

}  // namespace
}  // namespace meterveil::pipeline
