// Versions, duplicates, conflicts and readings of several intervals, through both halls, against the rules read off.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "scratch.hpp"
#include "store/run_hall.hpp"

namespace meterveil::store {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::uint32_t intervals = 12, files = 3;
constexpr std::array<std::uint32_t, 2> meters_of_shard = {3, 2};
constexpr std::uint32_t slots = 5;

/// A reading as a file states it: it covers `parts` intervals, all with one value.
struct Statement {
    std::uint32_t slot = 0, first = 0, parts = 1, channel = 0, file = 0, version = 0;
    Quality quality = Quality::measured;
    std::int32_t quanta = 0;
};

struct World {
    bool has_versions = true, has_parts = true;
};

std::vector<Statement> random_statements(std::mt19937& random, const World& world) {
    std::vector<Statement> all(random() % 200);
    for (Statement& s : all) {
        s.slot = static_cast<std::uint32_t>(random() % slots);
        s.first = static_cast<std::uint32_t>(random() % intervals);
        s.parts = world.has_parts && random() % 3 == 0 ? std::min(intervals - s.first, 1 + static_cast<std::uint32_t>(random() % 6)) : 1;
        s.channel = random() % 5 == 0;
        s.file = static_cast<std::uint32_t>(random() % files);
        s.version = world.has_versions && random() % 2 == 0 ? static_cast<std::uint32_t>(random() % 3) : 0;
        s.quality = static_cast<Quality>(random() % 3);
        s.quanta = static_cast<std::int32_t>(random() % 3);
    }
    return all;
}

struct Cell {
    std::int32_t quanta = model::missing_quanta;
    Quality quality = Quality::measured;
    bool is_spread = false;
    bool operator==(const Cell&) const = default;
};
using Where = std::array<std::uint32_t, 3>;  ///< channel, slot, interval

struct Outcome {
    std::vector<model::RowAccount> accounts = std::vector<model::RowAccount>(files);
    std::map<Where, Cell> cells;  ///< that have a value
    std::size_t num_conflicts = 0;
    bool operator==(const Outcome&) const = default;
    /// For messages of the test.
    friend std::ostream& operator<<(std::ostream& out, const Outcome& o) {
        for (const auto& [where, cell] : o.cells)
            out << '(' << where[0] << ' ' << where[1] << ' ' << where[2] << ")=" << cell.quanta << '/' << static_cast<int>(cell.quality) << (cell.is_spread ? "s " : " ");
        for (const auto& a : o.accounts) out << '[' << a.accepted << ' ' << a.superseded << ' ' << a.duplicate << ' ' << a.num_quarantined() << ']';
        return out << o.num_conflicts;
    }
};

/// The rules, read off. Rows of a cell: the newest version alone counts. Of its distinct values each is represented by the row of the lowest
/// (file, further part or not, quality); one value is accepted, several are a conflict. A statement is one row of the accounts: its first part.
Outcome reference(const std::vector<Statement>& statements) {
    struct Part {
        const Statement* statement;
        bool is_part;
        auto key() const { return std::tuple(statement->file, is_part, statement->quality); }
    };
    std::map<Where, std::vector<Part>> cells;
    for (const Statement& s : statements)
        for (std::uint32_t p = 0; p < s.parts; ++p) cells[{s.channel, s.slot, s.first + p}].push_back({&s, p > 0});
    Outcome outcome;
    std::map<Where, bool> is_part;
    for (const auto& [where, parts] : cells) {
        std::uint32_t newest = 0;
        for (const Part& part : parts) newest = std::max(newest, part.statement->version);
        std::map<std::int32_t, std::vector<Part>> values;
        for (const Part& part : parts) {
            if (part.statement->version == newest) values[part.statement->quanta].push_back(part);
            else if (!part.is_part) ++outcome.accounts[part.statement->file].superseded;
        }
        for (auto& [quanta, rows] : values) {
            std::sort(rows.begin(), rows.end(), [](const Part& a, const Part& b) { return a.key() < b.key(); });
            for (std::size_t i = 1; i < rows.size(); ++i)
                if (!rows[i].is_part) ++outcome.accounts[rows[i].statement->file].duplicate;
            auto& account = outcome.accounts[rows[0].statement->file];
            if (values.size() > 1) ++outcome.num_conflicts;
            else {
                outcome.cells[where] = {quanta, rows[0].statement->quality, false};
                is_part[where] = rows[0].is_part;
            }
            if (!rows[0].is_part) ++(values.size() > 1 ? account.quarantined[static_cast<std::size_t>(Reason::conflict)] : account.accepted);
        }
    }
    for (auto& [where, cell] : outcome.cells) {
        const auto next = is_part.find({where[0], where[1], where[2] + 1});
        cell.is_spread = is_part[where] || (next != is_part.end() && next->second);
    }
    return outcome;
}

std::vector<model::OwnedShard> two_shards() {
    std::vector<model::OwnedShard> owned;
    for (std::uint32_t s = 0; s < 2; ++s) owned.push_back({s, "", std::vector<model::ShardRow>(meters_of_shard[s]), {false, false}});
    return owned;
}

/// Rows of a statement as ingest makes them.
struct Rows {
    std::vector<model::Reading> readings;
    std::vector<std::uint32_t> versions;
};

Rows rows_of(const Statement& s) {
    Rows rows;
    for (std::uint32_t p = 0; p < s.parts; ++p) {
        model::Reading reading;
        reading.who = s.slot;
        reading.interval = (s.first + p) & 0xffffffU;
        reading.channel = s.channel & 1U;
        reading.quality = static_cast<std::uint32_t>(s.quality) & 3U;
        reading.is_part = p > 0;
        reading.quanta = s.quanta;
        rows.readings.push_back(reading);
        rows.versions.push_back(s.version);
    }
    return rows;
}

void read_off(Assembly& assembly, std::uint32_t first_slot, std::uint32_t num_meters, Outcome& outcome) {
    outcome.num_conflicts += assembly.settle().size();
    for (std::uint32_t f = 0; f < files; ++f) outcome.accounts[f] += assembly.accounts()[f];
    for (std::uint32_t c = 0; c < model::num_channels; ++c)
        for (std::uint32_t m = 0; m < num_meters; ++m) {
            const auto series = assembly.series(static_cast<Channel>(c), m);
            const auto marks = assembly.marks(static_cast<Channel>(c), m);
            for (std::uint32_t t = 0; t < series.size(); ++t)
                if (series[t] != model::missing_quanta) outcome.cells[{c, first_slot + m, t}] = {series[t], marks.quality(t), marks.is_spread(t)};
        }
}

Outcome through_hall(const std::vector<Statement>& statements, const World& world, bool dense, const std::filesystem::path& scratch) {
    const auto hall = make_hall(two_shards(), intervals, files, dense, scratch.string()).value();
    for (const Statement& s : statements) {
        const Rows rows = rows_of(s);
        const Arrival arrival{s.file, rows.readings, world.has_versions ? std::span(rows.versions) : std::span<const std::uint32_t>{}};
        EXPECT_TRUE(hall->take({&arrival, 1}).ok());
    }
    Outcome outcome;
    for (std::uint32_t s = 0, slot = 0; s < 2; slot += meters_of_shard[s++]) {
        auto assembly = hall->assemble(s);
        EXPECT_TRUE(assembly.ok());
        read_off(assembly.value(), slot, meters_of_shard[s], outcome);
    }
    return outcome;
}

void expect_balance(const Outcome& outcome, const std::vector<Statement>& statements) {
    for (std::uint32_t f = 0; f < files; ++f) {
        model::RowAccount account = outcome.accounts[f];
        account.read = static_cast<std::uint64_t>(std::count_if(statements.begin(), statements.end(), [&](const Statement& s) { return s.file == f; }));
        EXPECT_TRUE(account.balances());
    }
}

TEST(Halls, KeepWhatTheRulesSayInAnyOrderOfArrival) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const testing::Scratch scratch;
    for (int round = 0; round < 120; ++round) {
        const World world{round % 3 != 0, round % 2 == 0};
        auto statements = random_statements(random, world);
        const Outcome expected = reference(statements);
        for (int order = 0; order < 3; ++order) {
            std::shuffle(statements.begin(), statements.end(), random);
            ASSERT_EQ(through_hall(statements, world, false, scratch.path()), expected);
            if (!world.has_versions) ASSERT_EQ(through_hall(statements, world, true, scratch.path()), expected);
        }
        expect_balance(expected, statements);
    }
}

TEST(Halls, TheNewestVersionWinsAndTheOthersAreSuperseded) {
    const testing::Scratch scratch;
    const std::vector<Statement> statements = {
        {.slot = 1, .first = 3, .file = 0, .version = 7, .quanta = 20}, {.slot = 1, .first = 3, .file = 1, .version = 9, .quanta = 30},
        {.slot = 1, .first = 3, .file = 2, .version = 0, .quanta = 10}};
    const Outcome outcome = through_hall(statements, {}, false, scratch.path());
    EXPECT_EQ(outcome.cells.at({0, 1, 3}).quanta, 30);
    EXPECT_EQ(outcome.accounts[0].superseded, 1U);
    EXPECT_EQ(outcome.accounts[1].accepted, 1U);
    EXPECT_EQ(outcome.accounts[2].superseded, 1U);  // without a version: the oldest
    EXPECT_EQ(outcome.num_conflicts, 0U);
}

TEST(Halls, DifferentValuesOfTheNewestVersionAreAConflictThoughOlderOnesAgree) {
    const testing::Scratch scratch;
    const std::vector<Statement> statements = {{.first = 2, .version = 1, .quanta = 5}, {.first = 2, .file = 1, .version = 1, .quanta = 5},
                                               {.first = 2, .version = 4, .quanta = 6}, {.first = 2, .file = 1, .version = 4, .quanta = 7}};
    const Outcome outcome = through_hall(statements, {}, false, scratch.path());
    EXPECT_TRUE(outcome.cells.empty());
    EXPECT_EQ(outcome.num_conflicts, 2U);
    for (std::uint32_t f : {0U, 1U}) {
        EXPECT_EQ(outcome.accounts[f].superseded, 1U);
        EXPECT_EQ(outcome.accounts[f].quarantined[static_cast<std::size_t>(Reason::conflict)], 1U);
    }
}

TEST(Halls, AReadingOfSixIntervalsIsOneRow) {
    const testing::Scratch scratch;
    for (const bool dense : {false, true}) {
        const Outcome outcome = through_hall({{.slot = 4, .first = 5, .parts = 6, .quanta = 8}}, {false, true}, dense, scratch.path());
        EXPECT_EQ(outcome.cells.size(), 6U);
        EXPECT_EQ(outcome.accounts[0].accepted, 1U);
        EXPECT_TRUE(outcome.cells.at({0, 4, 5}).is_spread);
        EXPECT_TRUE(outcome.cells.at({0, 4, 10}).is_spread);
    }
}

}  // namespace
}  // namespace meterveil::store
