#include <gtest/gtest.h>

#include <map>
#include <random>

#include "attributes/table.hpp"
#include "attributes/tuples.hpp"

namespace meterveil::attributes {
namespace {

using Row = std::vector<std::uint32_t>;

/// Random rows; few values in each column, so that rows repeat.
std::vector<std::uint32_t> random_codes(std::mt19937& random, std::size_t rows, std::size_t width, std::uint32_t values, std::span<const std::uint32_t> bases) {
    std::vector<std::uint32_t> codes;
    for (std::size_t i = 0; i < rows * width; ++i) {
        const std::uint32_t base = bases[i % width];
        codes.push_back(base - 1 - static_cast<std::uint32_t>(random() % std::min(values, base)));
    }
    return codes;
}

void expect_as_a_map(const std::vector<std::uint32_t>& codes, const std::vector<std::uint64_t>& counts, std::span<const std::uint32_t> bases) {
    std::map<Row, std::uint64_t> expected;
    const std::size_t width = bases.size();
    for (std::size_t r = 0; r < codes.size() / width; ++r)
        expected[Row(codes.begin() + static_cast<std::ptrdiff_t>(r * width), codes.begin() + static_cast<std::ptrdiff_t>((r + 1) * width))] += counts.empty() ? 1 : counts[r];
    const Tuples tuples = distinct(codes, counts, bases);
    ASSERT_EQ(tuples.size(), expected.size());
    std::size_t t = 0;
    for (const auto& [row, count] : expected) {
        ASSERT_EQ(Row(tuples.row(t).begin(), tuples.row(t).end()), row);
        ASSERT_EQ(tuples.counts[t++], count);
    }
}

TEST(Distinct, IsTheMapOfTheRows) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const std::size_t rows : {0U, 1U, 5U, 1000U, 300000U}) {
        const std::vector<std::uint32_t> bases = {7, 1, 50, 3};
        const auto codes = random_codes(random, rows, bases.size(), 9, bases);
        std::vector<std::uint64_t> counts;
        for (std::size_t r = 0; r < rows; ++r) counts.push_back(random() % 5);
        expect_as_a_map(codes, {}, bases);
        expect_as_a_map(codes, counts, bases);
    }
}

TEST(Distinct, HoldsWhereTheColumnsDoNotFitInto64Bits) {
    std::mt19937 random(3);
    const std::vector<std::uint32_t> bases(6, 4000000000U);
    expect_as_a_map(random_codes(random, 5000, bases.size(), 3, bases), {}, bases);
}

/// Two rows are in one class if their labels are equal.
void expect_classes(const std::vector<std::uint32_t>& codes, std::uint32_t base, const Row& label_of) {
    Keys keys(codes.size());
    keys.add(codes, 1, base, label_of);
    const Grouping grouping = group(keys);
    std::map<std::uint32_t, std::uint32_t> class_of;
    for (std::size_t r = 0; r < codes.size(); ++r) {
        const std::uint32_t label = label_of.empty() ? codes[r] : label_of[codes[r]];
        ASSERT_EQ(class_of.try_emplace(label, grouping.class_of[r]).first->second, grouping.class_of[r]);
    }
    EXPECT_EQ(class_of.size(), grouping.num_classes);
}

TEST(Group, IsByLabel) {
    std::mt19937 random(4);
    const std::vector<std::uint32_t> small = {50}, large = {4000000000U};
    expect_classes(random_codes(random, 1000, 1, 50, small), 50, {});
    Row label_of;
    for (std::uint32_t v = 0; v < 50; ++v) label_of.push_back(v / 7);
    expect_classes(random_codes(random, 1000, 1, 50, small), 8, label_of);
    Row names(700), spread;  // numbers that do not follow each other: their slots collide
    for (std::uint32_t& name : names) name = static_cast<std::uint32_t>(random() % large[0]);
    for (int i = 0; i < 5000; ++i) spread.push_back(names[random() % names.size()]);
    expect_classes(spread, large[0], {});
}

TEST(MakeTable, JoinsCustomersAndPopulation) {
    const std::vector<std::uint32_t> bases = {3, 2, 4};
    const std::vector<std::uint32_t> customers = {1, 0, 3, 1, 0, 2, 1, 0, 3, 2, 1, 0}, population = {0, 1, 1, 0, 1, 0};
    const Table table = make_table(distinct(customers, {}, bases), distinct(population, {}, std::span(bases).first(2)), 2);
    EXPECT_EQ(table.num_customers, 4U);
    EXPECT_EQ(std::vector(table.column(0).begin(), table.column(0).end()), (Row{0, 1, 2}));
    EXPECT_EQ(std::vector(table.column(1).begin(), table.column(1).end()), (Row{1, 0, 1}));
    EXPECT_EQ(table.customers, (std::vector<std::uint64_t>{0, 3, 1}));
    EXPECT_EQ(table.population, (std::vector<std::uint64_t>{1, 2, 0}));
    EXPECT_EQ(table.first_entry, (std::vector<std::uint64_t>{0, 0, 2, 3}));
    EXPECT_EQ(table.sensitive, (Row{2, 3, 0}));
    EXPECT_EQ(table.entry_customers, (std::vector<std::uint64_t>{1, 2, 1}));
}

}  // namespace
}  // namespace meterveil::attributes
