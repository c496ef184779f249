#include <gtest/gtest.h>

#include "load_shapes.hpp"
#include "meterveil/exec/parallel.hpp"
#include "profiles/mdav.hpp"

namespace meterveil::profiles {
namespace {

using testing::any_shapes;
using testing::homes;

std::vector<std::uint32_t> sizes_of(const Grouping& grouping) {
    std::vector<std::uint32_t> sizes(grouping.num_groups, 0);
    for (const std::uint32_t group : grouping.group_of) ++sizes.at(group);
    return sizes;
}

/// The fast one in one lane and in several against the reference; sizes as promised.
void expect_same_groups(const Shapes& shapes, std::uint32_t k) {
    const Grouping expected = mdav_reference(shapes, k);
    for (const std::size_t lanes : {1U, 2U, 3U, 7U}) ASSERT_EQ(mdav(shapes, k, lanes), expected) << shapes.size() << " x " << shapes.num_values << ", k = " << k << ", lanes " << lanes;
    for (const std::uint32_t size : sizes_of(expected)) {
        EXPECT_TRUE(size >= k || shapes.size() < k);
        EXPECT_LT(size, 2 * k);
    }
}

TEST(Centre, IsRoundedToTheGridTiesToEven) {
    Centre centre(3);
    for (const auto& row : std::vector<std::vector<std::int16_t>>{{1, 4, 4000}, {2, 5, 4001}, {9, 9, 9}}) centre.add(row);
    centre.remove(std::vector<std::int16_t>{9, 9, 9});
    EXPECT_EQ(centre.mean(), (std::vector<std::int16_t>{2, 4, 4000}));
}

TEST(Mdav, TakesTheExampleOfItsPage) {
    const Shapes shapes{1, {0, 1, 2, 10, 11, 12}};
    EXPECT_EQ(mdav_reference(shapes, 3), (Grouping{{0, 0, 0, 1, 1, 1}, 2}));
    EXPECT_EQ(mdav(shapes, 3), (Grouping{{0, 0, 0, 1, 1, 1}, 2}));
}

TEST(Mdav, OutermostGroupsComeFirst) {
    // The mean of nine is 30.67, on the grid 31: 100 is the farthest, then 0 from 100; three are left.
    const Shapes shapes{1, {0, 1, 2, 28, 30, 32, 41, 42, 100}};
    EXPECT_EQ(mdav_reference(shapes, 3), (Grouping{{1, 1, 1, 2, 2, 2, 0, 0, 0}, 3}));
    EXPECT_EQ(mdav(shapes, 3), (Grouping{{1, 1, 1, 2, 2, 2, 0, 0, 0}, 3}));
}

TEST(Mdav, OfEqualDistancesTakesTheLowestRow) {
    const Shapes shapes{1, {5, 5, 5, 5, 5, 5, 5}};
    EXPECT_EQ(mdav(shapes, 2), (Grouping{{0, 0, 1, 1, 2, 2, 2}, 3}));
}

TEST(Mdav, IsTheReferenceOnHomes) {
    for (const std::size_t rows : {30U, 64U, 333U, 700U})
        for (const std::uint32_t k : {2U, 3U, 5U, 10U}) expect_same_groups(homes(rows, 48, rows + k), k);
}

TEST(Mdav, IsTheReferenceOnAnyValues) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        expect_same_groups(any_shapes(1 + seed * 3, 1 + seed % 9, max_shape_value + 1, seed), 1 + static_cast<std::uint32_t>(seed % 7));
    }
}

TEST(Mdav, IsTheReferenceWhereMostAreTied) {
    for (const std::int32_t bound : {1, 2, 3})
        for (std::uint64_t seed = 0; seed < 30; ++seed) {
            SCOPED_TRACE(seed);
            expect_same_groups(any_shapes(20 + seed * 7, 1 + seed % 4, bound, seed), 2 + static_cast<std::uint32_t>(seed % 5));
        }
}

TEST(Mdav, IsTheReferenceWithEveryRowSeveralTimes) {
    const Shapes once = homes(40, 24, 9);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 200; ++i) rows.push_back(i * 7 % 40);
    expect_same_groups(once.of(rows), 3);
    expect_same_groups(once.of(rows), 6);
}

TEST(Mdav, WhereAllAreEquallyFarTheFarthestIsNoneOfTheGroup) {
    // Ten on an arc of radius 65 around row 0. Rows 1 and 2 go with it; s is row 3, at the other end of the arc than row 1.
    const Shapes shapes{2, {0, 0, 65, 0, 33, 56, 0, 65, 60, 25, 16, 63, 52, 39, 25, 60, 63, 16, 39, 52, 56, 33}};
    expect_same_groups(shapes, 3);
    EXPECT_EQ(mdav(shapes, 3).group_of, (std::vector<std::uint32_t>{0, 0, 0, 1, 2, 1, 2, 1, 2, 2, 2}));
}

TEST(Mdav, CountsDistancesUpToTheLargestThereIs) {
    Shapes shapes{max_shape_values, {}};
    for (int r = 0; r < 40; ++r) shapes.values.insert(shapes.values.end(), max_shape_values, r % 2 == 0 ? std::int16_t{0} : std::int16_t{max_shape_value});
    ASSERT_EQ(squared_distance(shapes.row(0), shapes.row(1)), 4292870400U);
    expect_same_groups(shapes, 4);
}

TEST(Mdav, FewRowsAreOneGroupAndNoRowsAreNone) {
    EXPECT_EQ(mdav(Shapes{2, {}}, 3), (Grouping{{}, 0}));
    EXPECT_EQ(mdav(any_shapes(2, 2, 9, 1), 3), (Grouping{{0, 0}, 1}));
    EXPECT_EQ(mdav(any_shapes(5, 2, 9, 1), 3), (Grouping{{0, 0, 0, 0, 0}, 1}));
}

}  // namespace
}  // namespace meterveil::profiles
