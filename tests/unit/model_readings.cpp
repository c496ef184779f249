#include "meterveil/model/readings.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>

namespace meterveil::model {
namespace {

TEST(RowAccount, BalancesWhenEveryRowIsSomewhere) {
    RowAccount account;
    account.read = 10;
    account.accepted = 6;
    account.duplicate = 1;
    account.quarantined[static_cast<std::size_t>(Reason::bad_value)] = 2;
    EXPECT_FALSE(account.balances());
    account.quarantined[static_cast<std::size_t>(Reason::conflict)] = 1;
    EXPECT_TRUE(account.balances());
    EXPECT_EQ(account.num_quarantined(), 3U);
}

TEST(RowAccount, AddsUpFieldByField) {
    RowAccount a{5, 4, 0, 1, {}, 3, 1, 7}, b{3, 2, 1, 0, {}, 1, 0, -9};
    a += b;
    EXPECT_EQ(a, (RowAccount{8, 6, 1, 1, {}, 4, 1, -2}));
}

TEST(Reason, EveryReasonHasAName) {
    std::set<std::string> names;
    for (int i = 0; i < num_reasons; ++i) names.insert(name_of(static_cast<Reason>(i)));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(num_reasons));
}

TEST(SliceOf, SpreadsPseudonymsEvenlyAndInRange) {
    std::vector<int> counts(7);
    for (int i = 0; i < 256; ++i) {
        Pseudonym p;
        p.value[0] = static_cast<std::byte>(i);
        const auto slice = slice_of(p, 7);
        ASSERT_LT(slice, 7U);
        ++counts[slice];
    }
    for (const int count : counts) EXPECT_NEAR(count, 256 / 7, 2);
}

}  // namespace
}  // namespace meterveil::model
