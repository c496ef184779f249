// What readings are like, through the door: versions, readings finer and coarser than the job's interval, qualities, suspects.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/store/run.hpp"
#include "ranks.hpp"

namespace meterveil::store {
namespace {

using model::Channel;
using model::missing_quanta;
using model::Quality;
using testing::on_ranks;
using testing::shared_folder;

constexpr std::uint32_t num_files = 3;

struct Statement {
    std::uint32_t meter = 0, first = 0, parts = 1, file = 0, version = 0;
    Quality quality = Quality::measured;
    Channel channel = Channel::import;
    std::int32_t quanta = 0;
};

/// Meters 0, 1, ... of two regions by turns; subjects of their own, but meters 4 and 6 have one.
struct Utility {
    std::uint32_t num_meters = 0;
    model::Axis axis;  ///< of the readings
    bool is_versioned = false;
    std::vector<Statement> statements;
    model::Hierarchy hierarchy = model::build_hierarchy({"region", "feeder"}, {{"a", "f1"}, {"b", "f2"}});

    [[nodiscard]] static model::Pseudonym name(std::uint32_t meter) {
        model::Pseudonym name;
        name.value[0] = static_cast<std::byte>(meter * 37U);
        name.value[15] = static_cast<std::byte>(meter);
        return name;
    }
    [[nodiscard]] model::Roster roster(const par::Comm& comm) const {
        model::Roster roster{hierarchy, {}, num_meters, {}};
        for (std::uint32_t m = 0; m < num_meters; ++m)
            if (model::slice_of(name(m), static_cast<std::uint32_t>(comm.size())) == static_cast<std::uint32_t>(comm.rank()))
                roster.meters.push_back({name(m), name(m), name(m == 6 ? 4 : m), 3 + m % 2});
        std::sort(roster.meters.begin(), roster.meters.end());
        return roster;
    }
};

/// File after file; every rank has the statements i with i % ranks == rank.
class Stream final : public model::PlacedStream {
public:
    Stream(par::Comm& comm, const Utility& utility, std::map<model::Pseudonym, model::Address> address) : comm_(comm), utility_(utility), address_(std::move(address)) {}
    [[nodiscard]] bool is_versioned() const override { return utility_.is_versioned; }
    Result<bool> next(model::PlacedBatch& batch) override {
        batch = {};
        batch.to.resize(static_cast<std::size_t>(comm_.size()));
        batch.runs.resize(batch.to.size());
        if (is_versioned()) batch.versions.resize(batch.to.size());
        if (file_ == num_files) return false;
        batch.accounts = {{file_, {}}};
        for (std::size_t i = static_cast<std::size_t>(comm_.rank()); i < utility_.statements.size(); i += static_cast<std::size_t>(comm_.size()))
            if (utility_.statements[i].file == file_) put(utility_.statements[i], batch);
        for (std::size_t r = 0; r < batch.to.size(); ++r) batch.runs[r] = {{file_, static_cast<std::uint32_t>(batch.to[r].size())}};
        ++file_;
        return true;
    }

private:
    void put(const Statement& s, model::PlacedBatch& batch) const {
        const auto& to = address_.at(Utility::name(s.meter));
        ++batch.accounts[0].account.read;
        for (std::uint32_t p = 0; p < s.parts; ++p) {
            model::Reading row;
            row.who = to.slot;
            row.interval = (s.first + p) & 0xffffffU;
            row.channel = static_cast<unsigned>(s.channel) & 1U;
            row.quality = static_cast<unsigned>(s.quality) & 3U;
            row.is_part = p > 0;
            row.quanta = s.quanta;
            batch.to[to.rank].push_back(row);
            if (is_versioned()) batch.versions[to.rank].push_back(s.version);
        }
    }
    par::Comm& comm_;
    const Utility& utility_;
    std::map<model::Pseudonym, model::Address> address_;
    std::uint32_t file_ = 0;
};

/// Every meter's series and row as in custody, on every rank.
struct Kept {
    Stored stored;
    std::map<std::uint32_t, std::vector<std::int32_t>> import;
    std::map<std::uint32_t, model::ShardRow> rows;
    model::RowAccount total;
};

void read_shard(const std::string& path, Kept& kept) {
    const auto header = io::open_shard(path).value();
    std::vector<std::int32_t> quanta(header.rows.size() * header.axis.count);
    const auto rows = static_cast<std::uint32_t>(header.rows.size());
    ASSERT_TRUE(!header.has_channel[0] || io::read_rows(path, Channel::import, 0, rows, header.axis.count, quanta).ok());
    for (std::uint32_t i = 0; i < rows; ++i) {
        const auto meter = std::to_integer<std::uint32_t>(header.rows[i].record.meter.value[15]);
        kept.import[meter].assign(quanta.begin() + i * header.axis.count, quanta.begin() + (i + 1) * header.axis.count);
        kept.rows[meter] = header.rows[i];
    }
}

Options options_of(std::uint32_t parts, double min_coverage, Fill fill) {
    Options options{"", model::Calendar::make("UTC").value()};
    options.readings_per_interval = parts;
    options.min_coverage = min_coverage;
    options.fill = fill;
    return options;
}

Kept keep(par::Comm& comm, const Utility& utility, Options options) {
    options.custody = shared_folder(comm);
    const auto roster = utility.roster(comm);
    const auto shards = plan(comm, roster).value();
    auto placement = place(comm, roster, shards).value();
    std::map<model::Pseudonym, model::Address> address;
    for (const auto& part : par::all_gather(comm, placement.addresses))
        for (const auto& one : part) address[one.meter] = one;
    Stream stream(comm, utility, address);
    Kept kept{run(comm, stream, shards, std::move(placement), utility.hierarchy, utility.axis, num_files, options).value(), {}, {}, {}};
    comm.barrier();
    for (const char* shard : {"/shards/shard-00000.h5", "/shards/shard-00001.h5"}) read_shard(options.custody + shard, kept);
    for (const auto& account : kept.stored.accounts) {
        EXPECT_TRUE(account.balances());
        kept.total += account;
    }
    for (const auto& regions : kept.stored.quality)
        for (const auto& region : regions) EXPECT_TRUE(region.adds_up(kept.stored.months));
    comm.barrier();
    return kept;
}

TEST(Versions, TheNewestIsKeptOnAnyNumberOfRanks) {
    on_ranks([](par::Comm& comm) {
        Utility utility{20, {model::Instant{}, std::chrono::hours(1), 48}, true, {}};
        std::map<std::array<std::uint32_t, 2>, std::uint32_t> newest;
        for (std::uint32_t m = 0; m < 20; ++m)
            for (std::uint32_t t = 0; t < 48; ++t)
                for (std::uint32_t version = 0; version < 3; ++version) {
                    if ((m * 7 + t * 5 + version * 3) % 4 == 0) continue;
                    utility.statements.push_back({.meter = m, .first = t, .file = (m + t + version) % num_files, .version = version, .quanta = static_cast<std::int32_t>(100 * version + t)});
                    newest[{m, t}] = version;
                }
        const Kept kept = keep(comm, utility, options_of(1, 0.01, Fill::none));
        EXPECT_TRUE(kept.stored.spooled);  // though memory is plenty
        for (std::uint32_t m = 0; m < 20; ++m)
            for (std::uint32_t t = 0; t < 48; ++t) {
                const auto known = newest.find({m, t});
                ASSERT_EQ(kept.import.at(m)[t], known == newest.end() ? missing_quanta : static_cast<std::int32_t>(100 * known->second + t));
            }
        EXPECT_EQ(kept.total.read, utility.statements.size());
        EXPECT_EQ(kept.total.accepted, newest.size());
        EXPECT_EQ(kept.total.superseded, utility.statements.size() - newest.size());
    });
}

TEST(Versions, WithoutAnyTheReadingsStayInMemory) {
    on_ranks([](par::Comm& comm) {
        const Kept kept = keep(comm, {2, {model::Instant{}, std::chrono::hours(1), 24}, false, {{.meter = 1, .quanta = 5}}}, options_of(1, 0.01, Fill::none));
        EXPECT_FALSE(kept.stored.spooled);
        EXPECT_EQ(kept.import.at(1)[0], 5);
    });
}

constexpr std::uint32_t day_of_five_minutes = 288, days = 4;

/// Wh of five minutes, by the time of day alone.
std::int32_t usual(std::uint32_t t) { return static_cast<std::int32_t>(t % day_of_five_minutes / 7); }

/// Four days in readings of five minutes: meter 0 lacks nothing, 1 lacks one reading, 2 every sixth, 3 three days.
Utility five_minutes() {
    Utility utility{4, {model::Instant{}, std::chrono::minutes(5), days * day_of_five_minutes}, false, {}};
    for (std::uint32_t m = 0; m < 4; ++m)
        for (std::uint32_t t = 0; t < utility.axis.count; ++t) {
            const bool lacks = (m == 1 && t == 100) || (m == 2 && t % 6 == t / 288) || (m == 3 && t >= day_of_five_minutes);
            if (!lacks) utility.statements.push_back({.meter = m, .first = t, .file = t % num_files, .quanta = usual(t)});
        }
    return utility;
}

std::int32_t half_hour(std::uint32_t i) {
    std::int32_t sum = 0;
    for (std::uint32_t t = 6 * i; t < 6 * i + 6; ++t) sum += usual(t);
    return sum;
}

TEST(FinerReadings, AreJoinedExactlyAndOneThatLacksIsAGap) {
    on_ranks([](par::Comm& comm) {
        const Kept kept = keep(comm, five_minutes(), options_of(6, 0.5, Fill::none));
        ASSERT_EQ(kept.stored.shards.axis.count, days * 48);
        EXPECT_EQ(kept.stored.shards.axis.length, std::chrono::minutes(30));
        for (std::uint32_t i = 0; i < days * 48; ++i) {
            ASSERT_EQ(kept.import.at(0)[i], half_hour(i));
            ASSERT_EQ(kept.import.at(1)[i], i == 16 ? missing_quanta : half_hour(i));
            ASSERT_EQ(kept.import.at(2)[i], missing_quanta);
        }
        EXPECT_TRUE(kept.rows.at(0).takes_part[0]);
        EXPECT_FALSE(kept.rows.at(1).takes_part[0]);
        EXPECT_EQ(kept.rows.at(1).measured[0], days * 48 - 1);
        EXPECT_EQ(kept.stored.quality[0][1].open_gaps, 1U);
        EXPECT_EQ(kept.stored.quality[0][1].low_coverage, 1U);
    });
}

TEST(FinerReadings, AreCountedAndFilledOnTheirOwnAxis) {
    on_ranks([](par::Comm& comm) {
        const Kept kept = keep(comm, five_minutes(), options_of(6, 0.8, Fill::typical));
        for (const std::uint32_t m : {0U, 1U, 2U}) {
            EXPECT_TRUE(kept.rows.at(m).takes_part[0]);  // meter 2 has 5 of 6 readings, but not one half-hour as a whole
            for (std::uint32_t i = 0; i < days * 48; ++i) ASSERT_EQ(kept.import.at(m)[i], half_hour(i));
        }
        EXPECT_EQ(kept.rows.at(1).filled[0], 1U);
        EXPECT_EQ(kept.rows.at(2).measured[0], 0U);
        EXPECT_EQ(kept.rows.at(2).filled[0], days * 48);
        EXPECT_FALSE(kept.rows.at(3).takes_part[0]);
    });
}

TEST(CoarserReadings, AreOneRowEach) {
    on_ranks([](par::Comm& comm) {
        Utility utility{2, {model::Instant{}, std::chrono::hours(1), 48}, false, {}};
        for (std::uint32_t d = 0; d < 2; ++d) utility.statements.push_back({.meter = 1, .first = 24 * d, .parts = 24, .file = d, .quality = Quality::estimated, .quanta = 3});
        Options options = options_of(1, 0.9, Fill::typical);
        options.max_stuck_s = 3600;  // shares of one reading are not stuck
        const Kept kept = keep(comm, utility, options);
        EXPECT_EQ(kept.import.at(1), std::vector<std::int32_t>(48, 3));
        EXPECT_EQ(kept.total.read, 2U);
        EXPECT_EQ(kept.total.accepted, 2U);
        EXPECT_EQ(kept.stored.quality[0][1].months[0].estimated, 48U);
    });
}

/// Sixteen days in two "months" of eight: what every meter is like is told by its number.
Utility town() {
    constexpr std::uint32_t hours = 16 * 24;
    Utility utility{9, {model::Instant{}, std::chrono::hours(1), hours}, false, {}};
    for (std::uint32_t m = 0; m < 8; ++m)  // meter 8 is silent
        for (std::uint32_t t = 0; t < hours; ++t) {
            if (m == 5 && t > 100) continue;        // low coverage
            if (m == 7 && t == 200) continue;       // a gap
            Statement s{.meter = m, .first = t, .quanta = static_cast<std::int32_t>(10 + t % 24 + m)};
            if (m == 1 && t >= 190 && t < 195) s.quality = t < 193 ? Quality::estimated : Quality::substituted;
            if (m == 2 && t >= 20 && t < 30) s.quanta = 77;   // ten hours stuck
            if (m == 4 && t == 300) s.quanta = 9000;          // a spike
            utility.statements.push_back(s);
            if (m == 3) utility.statements.push_back({.meter = 3, .first = t, .channel = Channel::export_, .quanta = 1 + static_cast<std::int32_t>(t % 5)});
        }
    return utility;
}

TEST(Quality, IsCountedByRegionAndMonthAndTheSameOnAnyRank) {
    on_ranks([](par::Comm& comm) {
        Options options = options_of(1, 0.9, Fill::typical);
        options.max_stuck_s = 9 * 3600;
        options.spike_factor = 20;
        options.months = {0, 8 * 24, 16 * 24};
        const Kept kept = keep(comm, town(), options);
        const auto& even = kept.stored.quality[0][0];  // meters 0, 2, 4, 6, 8
        const auto& odd = kept.stored.quality[0][1];   // meters 1, 3, 5, 7
        EXPECT_EQ(even.meters, 5U);
        EXPECT_EQ(even.takes_part, 4U);
        EXPECT_EQ(even.subjects, 3U);
        EXPECT_EQ(even.silent, 1U);
        EXPECT_EQ(even.months[0], (MonthQuality{4 * 192, 4 * 192 - 10, 0, 0, 10, 5 * 192, 10, 0, 0, 0}));
        EXPECT_EQ(even.months[1], (MonthQuality{4 * 192, 4 * 192 - 1, 0, 0, 1, 5 * 192, 0, 1, 0, 0}));
        EXPECT_EQ(odd.low_coverage, 1U);
        EXPECT_EQ(odd.months[0], (MonthQuality{3 * 192, 3 * 192 - 2, 2, 0, 0, 4 * 192, 0, 0, 0, 0}));
        EXPECT_EQ(odd.months[1], (MonthQuality{3 * 192, 3 * 192 - 4, 1, 2, 1, 4 * 192, 0, 0, 0, 0}));
        EXPECT_EQ(kept.stored.quality[1][1].meters, 1U);  // of export: meter 3 alone
        EXPECT_EQ(kept.stored.quality[1][0].meters, 0U);
        EXPECT_EQ(kept.import.at(4)[300], 10 + 300 % 24 + 4);  // the spike is filled with the usual
    });
}

TEST(Quality, SuspectsAreKeptUnlessTheJobAsks) {
    on_ranks([](par::Comm& comm) {
        const Kept kept = keep(comm, town(), options_of(1, 0.9, Fill::typical));
        EXPECT_EQ(kept.import.at(4)[300], 9000);
        EXPECT_EQ(kept.import.at(2)[25], 77);
        EXPECT_EQ(kept.stored.quality[0][0].months[0].spikes + kept.stored.quality[0][0].months[0].stuck, 0U);
    });
}

}  // namespace
}  // namespace meterveil::store
