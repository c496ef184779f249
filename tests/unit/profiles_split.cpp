#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "load_shapes.hpp"
#include "profiles/split.hpp"

namespace meterveil::profiles {
namespace {

using testing::any_shapes;
using testing::homes;

/// Every row in one leaf, leaves ascending inside, none too large or too small.
void expect_partition(const Shapes& shapes, std::size_t max_rows) {
    std::vector<std::uint32_t> all;
    for (const auto& leaf : split(shapes, max_rows)) {
        EXPECT_TRUE(std::is_sorted(leaf.begin(), leaf.end()));
        EXPECT_LE(leaf.size(), max_rows);
        if (shapes.size() > max_rows) EXPECT_GE(2 * leaf.size(), max_rows);
        all.insert(all.end(), leaf.begin(), leaf.end());
    }
    std::sort(all.begin(), all.end());
    std::vector<std::uint32_t> rows(shapes.size());
    std::iota(rows.begin(), rows.end(), 0U);
    EXPECT_EQ(all, rows);
}

TEST(Split, EveryRowIsInOneLeafAndNoLeafIsTooSmall) {
    for (const std::size_t max_rows : {2U, 3U, 10U, 57U, 200U, 1000U}) {
        SCOPED_TRACE(max_rows);
        expect_partition(homes(500, 16, 1), max_rows);
        expect_partition(any_shapes(333, 3, 2, 2), max_rows);
        expect_partition(any_shapes(101, 1, 1, 3), max_rows);  // all alike
    }
    EXPECT_TRUE(split(Shapes{4, {}}, 10).empty());
}

TEST(Split, CutsTheWidestValueAtItsMedian) {
    const Shapes shapes{2, {5, 100, 6, 900, 7, 200, 5, 800, 6, 300, 7, 700}};
    EXPECT_EQ(split(shapes, 3), (std::vector<std::vector<std::uint32_t>>{{0, 2, 4}, {1, 3, 5}}));
}

TEST(Split, OfEqualValuesTheLowerRowsAreLow) {
    const Shapes shapes{1, {4, 4, 9, 4, 4, 1, 4}};
    EXPECT_EQ(split(shapes, 4), (std::vector<std::vector<std::uint32_t>>{{0, 1, 5}, {2, 3, 4, 6}}));
}

TEST(Split, ACutIsTheSameFromPartsThatAreAddedUp) {
    const Shapes shapes = homes(1000, 20, 3);
    Moments whole(20), odd(20), even(20);
    for (std::uint32_t r = 0; r < 1000; ++r) {
        whole.add(shapes.row(r));
        (r % 2 == 0 ? even : odd).add(shapes.row(r));
    }
    odd.merge(even);
    EXPECT_EQ(odd.count, whole.count);
    EXPECT_EQ(odd.sums, whole.sums);
    EXPECT_EQ(odd.squares, whole.squares);
    std::size_t widest = 0;
    std::vector<double> spreads;
    for (std::size_t v = 0; v < 20; ++v) {
        double mean = 0, spread = 0;
        for (std::uint32_t r = 0; r < 1000; ++r) mean += shapes.row(r)[v] / 1000.0;
        for (std::uint32_t r = 0; r < 1000; ++r) spread += (shapes.row(r)[v] - mean) * (shapes.row(r)[v] - mean);
        spreads.push_back(spread);
        if (spread > spreads[widest]) widest = v;
    }
    EXPECT_EQ(odd.widest(), widest);
}

/// Leaves of rows that are spread over parts, from sums and histograms of the parts; rows that are equal at the cut are counted off in their order over all parts.
std::vector<std::vector<std::uint32_t>> split_in_parts(const Shapes& shapes, const std::vector<std::vector<std::uint32_t>>& parts, std::size_t max_rows) {
    Moments moments(shapes.num_values);
    for (const auto& part : parts) {
        Moments own(shapes.num_values);
        for (const std::uint32_t row : part) own.add(shapes.row(row));
        moments.merge(own);
    }
    if (moments.count <= max_rows) {
        std::vector<std::uint32_t> leaf;
        for (const auto& part : parts) leaf.insert(leaf.end(), part.begin(), part.end());
        std::sort(leaf.begin(), leaf.end());
        return {leaf};
    }
    const std::size_t value = moments.widest();
    Histogram histogram{};
    for (const auto& part : parts) {
        Histogram own{};
        for (const std::uint32_t row : part) ++own[static_cast<std::size_t>(shapes.row(row)[value])];
        for (std::size_t h = 0; h < own.size(); ++h) histogram[h] += own[h];
    }
    const Cut cut = median_cut(histogram);
    std::vector<std::uint32_t> at;
    for (const auto& part : parts) std::copy_if(part.begin(), part.end(), std::back_inserter(at), [&](std::uint32_t row) { return shapes.row(row)[value] == cut.at; });
    std::sort(at.begin(), at.end());
    const std::uint32_t first_high = cut.num_low_at < at.size() ? at[cut.num_low_at] : UINT32_MAX;
    std::vector<std::vector<std::uint32_t>> low(parts.size()), high(parts.size());
    for (std::size_t p = 0; p < parts.size(); ++p)
        for (const std::uint32_t row : parts[p]) {
            const std::int16_t here = shapes.row(row)[value];
            (here < cut.at || (here == cut.at && row < first_high) ? low : high)[p].push_back(row);
        }
    auto leaves = split_in_parts(shapes, low, max_rows);
    for (auto& leaf : split_in_parts(shapes, high, max_rows)) leaves.push_back(std::move(leaf));
    return leaves;
}

TEST(Split, HasTheSameLeavesHoweverRowsAreSpread) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const Shapes shapes = seed % 2 == 0 ? homes(400, 12, seed) : any_shapes(400, 3, 4, seed);
        const auto expected = split(shapes, 30);
        for (const std::size_t num_parts : {1U, 2U, 3U, 7U}) {
            std::vector<std::vector<std::uint32_t>> parts(num_parts);
            for (std::uint32_t row = 0; row < 400; ++row) parts[row * 7919 % 401 % num_parts].push_back(row);
            EXPECT_EQ(split_in_parts(shapes, parts, 30), expected) << "seed " << seed << ", parts " << num_parts;
        }
    }
}

TEST(Split, TheMedianIsThatOfSorting) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const Shapes shapes = any_shapes(1 + seed * 5, 1, 1 + static_cast<std::int32_t>(seed * seed), seed);
        std::vector<std::int16_t> sorted = shapes.values;
        std::sort(sorted.begin(), sorted.end());
        Histogram histogram{};
        for (const std::int16_t value : shapes.values) ++histogram[static_cast<std::size_t>(value)];
        const Cut cut = median_cut(histogram);
        const std::size_t half = sorted.size() / 2;
        EXPECT_EQ(cut.at, sorted[half]);  // the first of the upper half
        EXPECT_EQ(cut.num_low_at, static_cast<std::uint64_t>(std::count(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(half), cut.at))) << "seed " << seed;
    }
}

}  // namespace
}  // namespace meterveil::profiles
