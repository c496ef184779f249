// Rows by class are held against the rows of the levels: the same atoms, or nothing is released.
#include <gtest/gtest.h>

#include "protect/certify.hpp"

namespace meterveil::protect {
namespace {

using model::no_id;

/// A feeder of two tariffs, each an atom: total, f1, f1/std, f1/tou; by class: total, std, tou, std/f1, tou/f1.
struct Crossed {
    model::Partition own, by_class;
    std::vector<std::uint64_t> own_prints = {30, 30, 10, 20}, prints = {30, 10, 10, 20, 20};

    Crossed() {
        own.atom_of_batch = {no_id, no_id, 0, 1, no_id, no_id, 0, 1};
        own.atom_unit = {2, 3};
        by_class.atom_of_batch = {no_id, no_id, no_id, 0, 1, no_id, no_id, no_id, 0, 1};
        by_class.atom_unit = {2, 4};
        by_class.turned_leaf = {3, 4};
        by_class.first_leaf = 2;
    }
    [[nodiscard]] Result<> check() const { return check_same_atoms(own, own_prints, by_class, prints); }
};

TEST(SameAtoms, AreFound) { EXPECT_TRUE(Crossed().check().ok()); }

TEST(SameAtoms, MayBeInAnotherOrder) {
    Crossed c;
    c.by_class.atom_of_batch = {no_id, no_id, no_id, 1, 0, no_id, no_id, no_id, 1, 0};
    c.by_class.atom_unit = {4, 2};
    EXPECT_TRUE(c.check().ok());
}

void expect_refused(const Crossed& c) {
    const auto outcome = c.check();
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::privacy);
}

TEST(SameAtoms, ArePooledAlike) {
    Crossed c;
    c.by_class.atom_of_batch[4] = 0;
    expect_refused(c);
    c = {};
    c.own.atom_of_batch[3] = 0;
    expect_refused(c);
}

TEST(SameAtoms, NobodyIsWithheldInOneOfThem) {
    Crossed c;
    c.by_class.atom_of_batch[4] = no_id;
    expect_refused(c);
}

TEST(SameAtoms, NewcomersAreWhereTheyAreInTheOther) {
    Crossed c;
    c.by_class.atom_of_batch[9] = 0;
    expect_refused(c);
}

TEST(SameAtoms, HaveTheSameSums) {
    Crossed c;
    std::swap(c.prints[2], c.prints[4]);
    expect_refused(c);
}

TEST(SameAtoms, AreAsMany) {
    Crossed c;
    c.by_class.atom_unit.push_back(0);
    expect_refused(c);
}

}  // namespace
}  // namespace meterveil::protect
