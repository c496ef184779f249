#include "forecast/errors.hpp"

#include <gtest/gtest.h>

namespace meterveil::forecast {
namespace {

const std::vector<bool> none_skipped(4, false);

TEST(Errors, AreSumsAndTheirRatios) {
    Errors errors;
    add_series(std::vector<double>{10, 20, 30, 40}, std::vector<double>{12, 20, 26, 42}, none_skipped.begin(), 4, errors);
    EXPECT_EQ(errors.error, 8);
    EXPECT_EQ(errors.actual, 100);
    EXPECT_DOUBLE_EQ(errors.nmae(), 0.08);
    EXPECT_DOUBLE_EQ(errors.mase(), 0.5);  // a mean error of 2 over 4
    EXPECT_EQ(errors.coverage(), -1);
}

TEST(Errors, LeaveOutWhatTheClockSkipped) {
    const std::vector<bool> skipped = {false, true, false, false};
    Errors errors;
    add_series(std::vector<double>{10, 999, 30, 40}, std::vector<double>{13, 20, 30, 40}, skipped.begin(), 1, errors);
    EXPECT_EQ(errors.error, 3);
    EXPECT_EQ(errors.actual, 83);
    EXPECT_DOUBLE_EQ(errors.mase(), 1);
}

TEST(Errors, OfASeriesThatRepeatsItselfAreNotScaled) {
    Errors errors;
    add_series(std::vector<double>{1, 1, 1, 1}, std::vector<double>{1, 1, 1, 3}, none_skipped.begin(), 0, errors);
    EXPECT_EQ(errors.error, 2);
    EXPECT_EQ(errors.series, 0);
    EXPECT_EQ(errors.mase(), 0);
}

TEST(Errors, CountEachSeriesAlikeInMaseAndByEnergyInNmae) {
    Errors errors;
    add_series(std::vector<double>{0, 0, 0, 0}, std::vector<double>{1, 1, 1, 1}, none_skipped.begin(), 1, errors);
    add_series(std::vector<double>{900, 900, 900, 900}, std::vector<double>{1200, 1200, 1200, 1200}, none_skipped.begin(), 100, errors);
    EXPECT_DOUBLE_EQ(errors.mase(), 2);
    EXPECT_DOUBLE_EQ(errors.nmae(), 1204.0 / 4804);
}

TEST(Errors, AddUpFieldByField) {
    Errors errors{1, 2, 3, 4, 5, 6};
    errors += {10, 20, 30, 40, 50, 60};
    EXPECT_EQ(errors.fields(), (std::array<std::int64_t, 6>{11, 22, 33, 44, 55, 66}));
    EXPECT_EQ(errors_of(errors.fields()).fields(), errors.fields());
    EXPECT_DOUBLE_EQ(errors.coverage(), 55.0 / 66);
}

}  // namespace
}  // namespace meterveil::forecast
