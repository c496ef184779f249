#include "store/assembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>
#include <set>

namespace meterveil::store {
namespace {

using model::Channel;
using model::Reason;

struct Row {
    std::uint32_t meter;
    model::Reading reading;
    std::uint32_t file;
};

constexpr std::uint32_t meters = 5, intervals = 20, files = 3;

std::vector<Row> random_rows(std::mt19937& random) {
    std::vector<Row> rows;
    for (int i = 0; i < 300; ++i) {
        Row row{static_cast<std::uint32_t>(random() % meters), {}, static_cast<std::uint32_t>(random() % files)};
        row.reading.interval = static_cast<std::uint32_t>(random() % intervals) & 0xffffffU;
        row.reading.channel = random() % 4 == 0;
        row.reading.quanta = static_cast<std::int32_t>(random() % 3);
        rows.push_back(row);
    }
    return rows;
}

struct Outcome {
    std::vector<model::RowAccount> accounts;
    std::vector<std::int32_t> import, export_;
    std::size_t num_conflicts = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome assemble(const std::vector<Row>& rows) {
    Assembly assembly(meters, intervals, files);
    const auto go_together = [](const Row& a, const Row& b) { return a.meter == b.meter && a.file == b.file && a.reading.channel == b.reading.channel; };
    for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
        std::vector<model::Reading> readings;
        for (last = first; last < rows.size() && go_together(rows[first], rows[last]); ++last) readings.push_back(rows[last].reading);
        assembly.add(rows[first].meter, readings, rows[first].file);
    }
    Outcome outcome;
    outcome.num_conflicts = assembly.settle().size();
    outcome.accounts = assembly.accounts();
    for (std::uint32_t m = 0; m < meters; ++m) {
        for (const auto q : assembly.series(Channel::import, m)) outcome.import.push_back(q);
        for (const auto q : assembly.series(Channel::export_, m)) outcome.export_.push_back(q);
    }
    return outcome;
}

/// The definition, read off: distinct values of a cell, each with its lowest file.
Outcome reference(const std::vector<Row>& rows) {
    std::map<std::array<std::uint32_t, 3>, std::map<std::int32_t, std::uint32_t>> cells;
    Outcome outcome;
    outcome.accounts.resize(files);
    for (const Row& row : rows) {
        auto& values = cells[{row.reading.channel, row.meter, row.reading.interval}];
        const auto [known, is_new] = values.emplace(row.reading.quanta, row.file);
        if (!is_new) {
            ++outcome.accounts[std::max(known->second, row.file)].duplicate;
            known->second = std::min(known->second, row.file);
        }
    }
    outcome.import.assign(meters * intervals, model::missing_quanta);
    outcome.export_ = outcome.import;
    for (const auto& [cell, values] : cells) {
        const bool conflict = values.size() > 1;
        for (const auto& [quanta, file] : values) {
            if (conflict) ++outcome.accounts[file].quarantined[static_cast<std::size_t>(Reason::conflict)];
            else ++outcome.accounts[file].accepted;
            if (conflict) ++outcome.num_conflicts;
            else (cell[0] == 0 ? outcome.import : outcome.export_)[cell[1] * intervals + cell[2]] = quanta;
        }
    }
    return outcome;
}

TEST(Assembly, DoesNotDependOnTheOrderOfArrival) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
        auto rows = random_rows(random);
        const Outcome expected = reference(rows);
        for (int order = 0; order < 5; ++order) {
            std::shuffle(rows.begin(), rows.end(), random);
            ASSERT_EQ(assemble(rows), expected);
        }
        std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {  // long runs of a meter, as most files have them
            return std::tuple(a.meter, unsigned{a.reading.channel}, a.file) < std::tuple(b.meter, unsigned{b.reading.channel}, b.file);
        });
        ASSERT_EQ(assemble(rows), expected);
    }
}

TEST(Assembly, EveryRowIsInOneAccount) {
    std::mt19937 random(3);
    auto rows = random_rows(random);
    const Outcome outcome = assemble(rows);
    for (std::uint32_t f = 0; f < files; ++f) {
        model::RowAccount account = outcome.accounts[f];
        account.read = static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return row.file == f; }));
        EXPECT_TRUE(account.balances());
    }
}

TEST(Assembly, AChannelWithoutReadingsTakesNoMemory) {
    Assembly assembly(meters, intervals, files);
    EXPECT_FALSE(assembly.has(Channel::import));
    model::Reading reading;
    reading.channel = 1;
    assembly.add(0, {&reading, 1}, 0);
    EXPECT_FALSE(assembly.has(Channel::import));
    EXPECT_TRUE(assembly.has(Channel::export_));
    EXPECT_TRUE(assembly.series(Channel::import, 0).empty());
}

}  // namespace
}  // namespace meterveil::store
