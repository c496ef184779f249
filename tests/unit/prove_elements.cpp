#include "prove/elements.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace meterveil::prove {
namespace {

using model::no_id;
using Keys = std::vector<std::vector<std::uint32_t>>;

model::Pseudonym subject(int number) {
    model::Pseudonym name;
    name.value[0] = static_cast<std::byte>(number);
    return name;
}

/// The meters of these tests are all different, but where it says so.
model::Pseudonym meter(int number) { return subject(100 + number); }

/// Atoms of then and now. Leaves 0 to 4 are of one region, 5 to 9 of another.
Keys atoms_of(std::vector<Standing> standings) {
    std::sort(standings.begin(), standings.end());
    Keys keys;
    const Places places = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {10, 10, 10, 10, 10, 11, 11, 11, 11, 11}};
    for (const Element& element : align_subjects(standings, places)) keys.push_back({element.key[0], element.key[1]});
    std::sort(keys.begin(), keys.end());
    return keys;
}

TEST(SubjectsOfTwoPeriods, WhoStayedJoinedAndLeft) {
    EXPECT_EQ(atoms_of({{subject(1), meter(1), 0, 0, 10, 0, 5}, {subject(1), meter(2), 0, 1, 20, 0, 6}, {subject(2), meter(3), 0, 0, 10, 0, 5}, {subject(3), meter(4), 0, 1, 20, 0, 5}}),
              (Keys{{10, 20}, {10, no_id}, {no_id, 20}}));
}

TEST(SubjectsOfTwoPeriods, WhoMovedIsOneAndNotOneWhoLeftAndOneWhoJoined) {
    EXPECT_EQ(atoms_of({{subject(1), meter(5), 0, 0, 10, 0, 5}, {subject(1), meter(6), 7, 1, 27, 0, 6}}), (Keys{{10, 27}}));
    EXPECT_EQ(atoms_of({{subject(1), meter(7), 7, 0, 10, 0, 5}, {subject(1), meter(8), 0, 1, 27, 0, 6}}), (Keys{{10, 27}}));
}

TEST(SubjectsOfTwoPeriods, WhoMovedIsTakenForTheOneOfTheSameRegion) {
    EXPECT_EQ(atoms_of({{subject(1), meter(1), 6, 0, 16, 0, 5}, {subject(1), meter(2), 3, 0, 13, 0, 5}, {subject(1), meter(9), 0, 1, 20, 0, 6}}), (Keys{{13, 20}, {16, no_id}}));
}

TEST(SubjectsOfTwoPeriods, OfManyLeavesThoseOfBothAreMatchedFirst) {
    EXPECT_EQ(atoms_of({{subject(1), meter(9), 0, 0, 10, 0, 1}, {subject(1), meter(10), 1, 0, 11, 0, 2}, {subject(1), meter(11), 2, 0, 12, 0, 3}, {subject(1), meter(12), 1, 1, 21, 0, 4}, {subject(1), meter(13), 5, 1, 25, 0, 5}}),
              (Keys{{10, 25}, {11, 21}, {12, no_id}}));
    EXPECT_EQ(atoms_of({{subject(1), meter(14), 3, 0, 13, 0, 1}, {subject(1), meter(15), 4, 0, 14, 0, 1}, {subject(1), meter(16), 0, 1, 20, 0, 1}, {subject(1), meter(17), 1, 1, 21, 0, 1}, {subject(1), meter(18), 2, 1, 22, 0, 1}}),
              (Keys{{13, 20}, {14, 21}, {no_id, 22}}));
}

TEST(SubjectsOfTwoPeriods, AMeterOfBothIsMatchedBeforeAnyOther) {
    // Two meters that one geography has on one leaf and another on two: nobody joined.
    EXPECT_EQ(atoms_of({{subject(1), meter(1), 0, 0, 10, 0, 1}, {subject(1), meter(2), 0, 0, 10, 0, 2}, {subject(1), meter(1), 5, 1, 25, 0, 1}, {subject(1), meter(2), 6, 1, 26, 0, 2}}),
              (Keys{{10, 25}, {10, 26}}));
    EXPECT_EQ(atoms_of({{subject(1), meter(1), 0, 0, 10, 0, 1}, {subject(1), meter(2), 1, 0, 11, 0, 2}, {subject(1), meter(1), 1, 1, 21, 0, 1}, {subject(1), meter(2), 0, 1, 20, 0, 2}}),
              (Keys{{10, 21}, {11, 20}}));
}

TEST(SubjectsOfTwoPeriods, ASecondMeterOfASubjectJoined) {
    EXPECT_EQ(atoms_of({{subject(1), meter(1), 0, 0, 10, 0, 1}, {subject(1), meter(1), 0, 1, 20, 0, 1}, {subject(1), meter(2), 0, 1, 20, 0, 1}}), (Keys{{10, 20}, {no_id, 20}}));
}

}  // namespace
}  // namespace meterveil::prove
