#include <gtest/gtest.h>

#include <random>

#include "meterveil/core/integer.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/core/strong.hpp"

namespace meterveil {
namespace {

Result<int> half_of(int value) {
    if (value % 2 != 0) return Error{Code::input, "odd", "here", "use an even one"};
    return value / 2;
}

Result<int> quarter_of(int value) {
    TRY(const int half, half_of(value));
    return half_of(half);
}

Result<> check(int value) {
    TRY_DO(quarter_of(value));
    return {};
}

TEST(Result, TryPassesTheValueOn) { EXPECT_EQ(quarter_of(12).value(), 3); }

TEST(Result, TryReturnsTheFirstError) {
    EXPECT_EQ(quarter_of(6).error().what, "odd");
    EXPECT_FALSE(check(6).ok());
    EXPECT_TRUE(check(8).ok());
}

TEST(Code, EveryCodeHasItsOwnExitStatus) {
    EXPECT_EQ(exit_status(Code::usage), 2);
    EXPECT_EQ(exit_status(Code::input), 3);
    EXPECT_EQ(exit_status(Code::privacy), 4);
    EXPECT_EQ(exit_status(Code::utility), 5);
    EXPECT_EQ(exit_status(Code::budget), 6);
    EXPECT_EQ(exit_status(Code::storage), 7);
    EXPECT_EQ(exit_status(Code::locked), 8);
    EXPECT_EQ(exit_status(Code::internal), 70);
    EXPECT_EQ(exit_status(Code::interrupted), 75);
}

TEST(DivideHalfEven, RoundsTiesToEven) {
    EXPECT_EQ(divide_half_even(5, 2), 2);
    EXPECT_EQ(divide_half_even(7, 2), 4);
    EXPECT_EQ(divide_half_even(-5, 2), -2);
    EXPECT_EQ(divide_half_even(-7, 2), -4);
    EXPECT_EQ(divide_half_even(2, 3), 1);
    EXPECT_EQ(divide_half_even(-2, 3), -1);
}

TEST(DivideHalfEven, IsNeverFurtherThanHalf) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10000; ++i) {
        const auto n = static_cast<std::int64_t>(random() >> 20) - (std::int64_t{1} << 43);
        const auto d = static_cast<std::int64_t>(random() % 1000) + 1;
        const auto rest = n - divide_half_even(n, d) * d;
        EXPECT_LE(2 * std::abs(rest), d) << n << " / " << d;
    }
}

TEST(BlockOf, TilesTheItemsAndAgreesWithPartOf) {
    for (std::uint64_t count : {0, 1, 5, 16, 101})
        for (std::uint64_t parts : {1, 2, 3, 7, 20}) {
            std::uint64_t next = 0;
            for (std::uint64_t part = 0; part < parts; ++part) {
                const IndexRange range = block_of(count, parts, part);
                ASSERT_EQ(range.first, next);
                for (auto i = range.first; i < range.last; ++i) ASSERT_EQ(part_of(count, parts, i), part);
                next = range.last;
            }
            EXPECT_EQ(next, count);
        }
}

TEST(Nearest, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest("min_coverge", {"min_coverage", "fill"}), "min_coverage");
    EXPECT_EQ(nearest("flil", {"min_coverage", "fill"}), "fill");
    EXPECT_EQ(nearest("zebra", {"min_coverage", "fill"}), "");
    EXPECT_EQ(did_you_mean("flil", {"fill"}), " (did you mean 'fill'?)");
    EXPECT_EQ(did_you_mean("zebra", {"fill"}), "");
}

TEST(Strong, ComparesByValue) {
    using Metres = Strong<struct MetresTag, int>;
    EXPECT_LT(Metres{1}, Metres{2});
    EXPECT_EQ(Metres{2}, Metres{2});
}

}  // namespace
}  // namespace meterveil
