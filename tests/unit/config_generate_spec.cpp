// The file of a synthetic utility.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "meterveil/config/job.hpp"

namespace meterveil::config {
namespace {

using ::testing::HasSubstr;

const std::string least = "seed = 1\nmeters = 1000\nfrom = 2023-01-01\nuntil = 2024-01-01\n";

std::string problem_of(const std::string& text) {
    const auto spec = parse_generate_spec(text, "/data/spec.toml");
    return spec.ok() ? "" : spec.error().what;
}

TEST(GenerateSpec, NeedsFourKeysAndHasDefaultsForTheRest) {
    const auto spec = parse_generate_spec(least, "/data/spec.toml");
    ASSERT_TRUE(spec.ok()) << spec.error().what;
    EXPECT_EQ(spec.value().meters, 1000U);
    EXPECT_EQ(spec.value().interval_s, 1800);
    EXPECT_DOUBLE_EQ(spec.value().solar_share, generate::Spec().solar_share);
    for (const char* key : {"seed", "meters", "from", "until"}) EXPECT_THAT(problem_of(""), HasSubstr(std::string(key) + " is missing"));
}

TEST(GenerateSpec, TakesEveryKey) {
    const auto spec = parse_generate_spec(least + "interval = \"15min\"\ntime_zone = \"UTC\"\nlevels = [\"area\"]\nregions = 3\nmeters_per_file = 9\n"
                                                  "compress = true\nelectric_vehicle_share = 0.1\nsolar_share = 0.2\nvacant_share = 0.3\njoin_share = 0.01\n"
                                                  "leave_share = 0.02\nexchange_share = 0.03\ngap_rate = 0.04\nduplicate_rate = 0.05\nmulti_site_share = 0.06\n", "/s");
    ASSERT_TRUE(spec.ok()) << spec.error().what;
    EXPECT_EQ(spec.value().interval_s, 900);
    EXPECT_EQ(spec.value().levels, std::vector<std::string>{"area"});
    EXPECT_EQ(spec.value().meters_per_file, 9U);
    EXPECT_TRUE(spec.value().compress);
    EXPECT_DOUBLE_EQ(spec.value().exchange_share, 0.03);
    EXPECT_DOUBLE_EQ(spec.value().multi_site_share, 0.06);
}

TEST(GenerateSpec, NamesWhatIsWrongAllAtOnce) {
    const std::string problems = problem_of(least + "solar_shar = 0.1\nvacant_share = 1.5\ncompress = 1\n");
    EXPECT_THAT(problems, HasSubstr("line 5: unknown key 'solar_shar' (did you mean 'solar_share'?)"));
    EXPECT_THAT(problems, HasSubstr("line 6: vacant_share: from 0 to 1 is wanted"));
    EXPECT_THAT(problems, HasSubstr("line 7: compress: true or false is wanted"));
}

TEST(GenerateSpec, RefusesWhatCannotBeMade) {
    EXPECT_THAT(problem_of(least + "interval = \"7min\"\n"), HasSubstr("interval"));
    EXPECT_THAT(problem_of(least + "join_share = 0.6\nleave_share = 0.6\n"), HasSubstr("add up to more than 1"));
    EXPECT_THAT(problem_of(least + "levels = []\n"), HasSubstr("levels"));
    EXPECT_THAT(problem_of("seed = -1\nmeters = 0\nfrom = 2023-01-01\nuntil = 2023-01-01\n"), HasSubstr("line 2: meters"));
}

}  // namespace
}  // namespace meterveil::config
