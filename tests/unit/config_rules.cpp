// The table `rules`: classes of subjects, presets, whom they count. Presets only ever become stricter.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "meterveil/config/job.hpp"
#include "meterveil/config/preset.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string both = "subject = \"customer_id\"\nclass = \"type\"\n";

/// A job with these rules; @param customers keys of [customers] beside the path.
Result<Job> job_with(const std::string& rules, const std::string& customers = both) {
    return parse_job(fmt::format(R"([job]
name = "j"
from = 2013-01-01
until = 2014-01-01
time_zone = "Europe/London"
[[readings]]
path = "r.csv"
[topology]
path = "t.csv"
levels = ["feeder"]
[customers]
path = "c.csv"
{}[keys]
file = "k"
epoch = "e"
[custody]
path = "c"
[[release]]
name = "r"
audience = "regulator"
products = ["aggregates"]
period = "year"
resolutions = ["1d"]
rules = {{ {} }}
[output]
path = "o"
)", customers, rules), "/data/job.toml", {});
}

ReleaseSpec release_with(const std::string& rules, const std::string& customers = both) {
    const auto job = job_with(rules, customers);
    EXPECT_TRUE(job.ok()) << (job.ok() ? "" : job.error().what);
    return job.ok() ? job.value().releases.at(0) : ReleaseSpec{};
}

std::string problem_of(const std::string& rules, const std::string& customers = both) {
    const auto job = job_with(rules, customers);
    return job.ok() ? "" : job.error().what;
}

TEST(Rules, AreStatedInTheOrderOfTheTableWhateverTheFileSays) {
    const auto release = release_with("diversity = 0.5, p_percent = 12.5, scope = \"month\", dominance = [2, 0.4], min_contributors = 10");
    EXPECT_THAT(release.statements, ElementsAre("min_contributors = 10", "dominance = [2, 0.4]", "p_percent = 12.5", "diversity = 0.5"));
    EXPECT_EQ(release.rules.scope, model::Scope::month);
    EXPECT_EQ(release.rules.num_top(), 2U);
    EXPECT_EQ(release.rules.classes.at(0).rules.size(), 4U);
    EXPECT_TRUE(release.preset.name.empty());
}

TEST(Rules, TellClassesApartEachWithItsOwn) {
    const auto job = job_with("scope = \"period\", residential = { min_contributors = 100 }, other = { min_contributors = 15, dominance = [1, 0.15] }, p_percent = 10");
    ASSERT_TRUE(job.ok()) << job.error().what;
    const ReleaseSpec& release = job.value().releases.at(0);
    EXPECT_THAT(release.statements, ElementsAre("class residential: min_contributors = 100", "class residential: p_percent = 10", "class other: min_contributors = 15",
                                                "class other: dominance = [1, 0.15]", "class other: p_percent = 10"));
    EXPECT_EQ(release.rules.min_contributors, 15U);  // where ranges start
    ASSERT_EQ(release.rules.classes.size(), 2U);
    EXPECT_EQ(release.rules.classes[1].subject_class, "other");
    EXPECT_THAT(job.value().tables.classes, ElementsAre("residential"));
    EXPECT_EQ(job.value().tables.class_column, "type");
}

TEST(Rules, ARuleOfAClassGoesBeforeTheOneBesideTheClasses) {
    const auto release = release_with("scope = \"period\", min_contributors = 20, residential = { min_contributors = 100 }, other = {}");
    EXPECT_THAT(release.statements, ElementsAre("class residential: min_contributors = 100", "class other: min_contributors = 20"));
}

TEST(Rules, WithClassesNeedOtherAColumnAndACount) {
    EXPECT_THAT(problem_of("scope = \"period\", residential = { min_contributors = 100 }"), HasSubstr("rules.other is missing"));
    EXPECT_THAT(problem_of("scope = \"period\", residential = { min_contributors = 100 }, other = { min_contributors = 9 }", "subject = \"s\"\n"), HasSubstr("[customers] class"));
    EXPECT_THAT(problem_of("scope = \"period\", residential = { dominance = [1, 0.5] }, other = { min_contributors = 9 }"), HasSubstr("rules.residential.min_contributors is missing"));
    EXPECT_THAT(problem_of("scope = \"period\", min_contributors = 9, residential = { dominanc = [1, 0.5] }, other = {}"), HasSubstr("did you mean 'dominance'"));
    EXPECT_THAT(problem_of("scope = \"period\", min_contributors = 9, residential = { scope = \"month\" }, other = {}"), HasSubstr("unknown key 'release.rules.residential.scope'"));
    EXPECT_THAT(problem_of("scope = \"period\", min_contributors = 9, residential = 100"), HasSubstr("unknown key 'release.rules.residential'"));
    EXPECT_THAT(problem_of("scope = \"period\", min_contributors = 9, \"\" = {}, other = {}"), HasSubstr("a class is a text"));
}

TEST(Rules, AClassColumnThatNoRuleNamesIsNotRead) {
    const auto job = job_with("min_contributors = 10, scope = \"period\"");
    ASSERT_TRUE(job.ok()) << job.error().what;
    EXPECT_TRUE(job.value().tables.class_column.empty());
    EXPECT_THAT(job.value().tables.classes, IsEmpty());
}

TEST(Rules, CountWhomTheJobSays) {
    const std::string k = "min_contributors = 10, scope = \"period\"";
    EXPECT_EQ(job_with(k).value().count_unit, "customer");
    EXPECT_EQ(job_with(k + ", count_unit = \"premise\"").value().count_unit, "premise");
    EXPECT_EQ(job_with(k, "").value().count_unit, "meter");
    EXPECT_EQ(job_with(k + ", count_unit = \"premise\"").value().tables.subject_column, "customer_id");
    const Job meters = job_with(k + ", count_unit = \"meter\"").value();
    EXPECT_EQ(meters.count_unit, "meter");
    EXPECT_TRUE(meters.tables.subject_column.empty());  // though the column is there
    EXPECT_THAT(problem_of(k + ", count_unit = \"customer\"", ""), HasSubstr("[customers] subject"));
    EXPECT_THAT(problem_of(k + ", count_unit = \"house\""), HasSubstr("'house' is none of"));
}

TEST(Rules, RefuseWhatNoRuleTakes) {
    EXPECT_THAT(problem_of("min_contributors = 10.5, scope = \"period\""), HasSubstr("one whole number"));
    EXPECT_THAT(problem_of("min_contributors = \"ten\", scope = \"period\""), HasSubstr("a number is wanted"));
    EXPECT_THAT(problem_of("min_contributors = 10, scope = \"period\", p_percent = 0"), HasSubstr("rules.p_percent"));
    EXPECT_THAT(problem_of("min_contributors = 10, scope = \"period\", diversity = [1, 2]"), HasSubstr("rules.diversity"));
    EXPECT_THAT(problem_of("min_contributors = 10, scope = \"interval\", max_failing_share = 1"), HasSubstr("below 1"));
}

TEST(Preset, SaysEverythingThatAJobMust) {
    const auto release = release_with("preset = \"il-15-15\"");
    EXPECT_THAT(release.statements, ElementsAre("min_contributors = 15", "dominance = [1, 0.15]"));
    EXPECT_EQ(release.rules.scope, model::Scope::month);
    EXPECT_EQ(release.count_unit, "customer");
    EXPECT_EQ(release.preset.name, "il-15-15");
    EXPECT_THAT(release.preset.citation, HasSubstr("Illinois"));
    EXPECT_THAT(release.preset.warning, HasSubstr("long series"));
    EXPECT_THAT(release.preset.verify_with_counsel, ::testing::Contains("scope"));
}

TEST(Preset, MayBeTightened) {
    const auto release = release_with("preset = \"il-15-15\", min_contributors = 20, dominance = [2, 0.15], p_percent = 5, scope = \"interval\", max_failing_share = 0");
    EXPECT_THAT(release.statements, ElementsAre("min_contributors = 20", "dominance = [2, 0.15]", "p_percent = 5"));
    EXPECT_EQ(release.rules.scope, model::Scope::interval);
    EXPECT_EQ(release_with("preset = \"nl-dso\", count_unit = \"customer\"").count_unit, "customer");
}

TEST(Preset, IsNeverLoosened) {
    for (const char* laxer : {"min_contributors = 14", "dominance = [1, 0.2]", "dominance = [2, 0.2]", "scope = \"period\"", "scope = \"interval\", max_failing_share = 0.01", "count_unit = \"meter\"",
                              "residential = { min_contributors = 14 }"})
        EXPECT_THAT(problem_of(std::string("preset = \"il-15-15\", ") + laxer), HasSubstr("of preset il-15-15")) << laxer;
    EXPECT_THAT(problem_of("preset = \"ca-cpuc-zip\", min_contributors = 50"), HasSubstr("laxer than class residential: min_contributors = 100"));
    EXPECT_THAT(problem_of("preset = \"ca-cpuc-zip\", residential = { min_contributors = 50 }"), HasSubstr("laxer than class residential: min_contributors = 100"));
    EXPECT_THAT(problem_of("preset = \"ca-cpuc-zip\", industrial = { min_contributors = 10 }"), HasSubstr("laxer than class industrial: min_contributors = 15"));
}

TEST(Preset, TellsMoreClassesApartIfTheJobAsks) {
    EXPECT_THAT(release_with("preset = \"il-15-15\", residential = {}").statements,
                ElementsAre("class residential: min_contributors = 15", "class residential: dominance = [1, 0.15]", "class other: min_contributors = 15", "class other: dominance = [1, 0.15]"));
    EXPECT_THAT(release_with("preset = \"ca-cpuc-zip\", industrial = {}, other = { min_contributors = 20 }").statements,
                ElementsAre("class industrial: min_contributors = 15", "class industrial: dominance = [1, 0.15]", "class residential: min_contributors = 100", "class other: min_contributors = 20",
                            "class other: dominance = [1, 0.15]"));
}

TEST(Preset, ThatIsUnknownIsAnErrorWithTheNearest) {
    EXPECT_THAT(problem_of("preset = \"il-15-51\""), HasSubstr("did you mean 'il-15-15'"));
    EXPECT_THAT(problem_of("preset = \"il-15-15\"", ""), HasSubstr("[customers] subject"));
    EXPECT_THAT(problem_of("preset = \"ny-uer\"", "subject = \"s\"\n"), HasSubstr("[customers] class"));
}

TEST(EveryPreset, IsWholeAndOfTheFileThatBearsItsName) {
    std::size_t num_files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(METERVEIL_SOURCE "/src/protect/presets")) {
        ++num_files;
        const auto preset = parse_preset(io::read_text(entry.path()).value(), entry.path());
        ASSERT_TRUE(preset.ok()) << preset.error().what;
        EXPECT_EQ(preset.value().name, entry.path().stem());
        EXPECT_THAT(preset.value().warning, HasSubstr("a threshold alone does not make a long series anonymous"));
        for (const auto& text : {preset.value().jurisdiction, preset.value().citation, preset.value().summary, preset.value().applies_to}) EXPECT_GT(text.size(), 5U) << entry.path();
        for (const auto& [name, rules] : preset.value().terms.classes) EXPECT_FALSE(rules.contains("diversity")) << "a finer scope would not be stricter";
        EXPECT_FALSE(preset.value().terms.rules.contains("diversity"));
    }
    EXPECT_EQ(presets().size(), num_files);
}

TEST(EveryPreset, IsEnoughForAJob) {
    for (const Preset& preset : presets()) {
        const auto release = release_with("preset = \"" + preset.name + '"');
        EXPECT_EQ(release.statements, statements_of(preset.terms));
        EXPECT_EQ(release.count_unit, preset.terms.count_unit);
        EXPECT_GE(release.rules.min_contributors, 4U);
    }
}

TEST(EveryPreset, HasTheFiguresOfItsSource) {
    const std::map<std::string, std::vector<std::string>> figures = {
        {"ca-cpuc-zip", {"class residential: min_contributors = 100", "class other: min_contributors = 15", "class other: dominance = [1, 0.15]"}},
        {"il-15-15", {"min_contributors = 15", "dominance = [1, 0.15]"}},
        {"ny-uer", {"class residential: min_contributors = 15", "class residential: dominance = [1, 0.15]", "class small commercial: min_contributors = 6",
                    "class small commercial: dominance = [1, 0.4]", "class other: min_contributors = 6", "class other: dominance = [1, 0.4]"}},
        {"ny-4-50", {"min_contributors = 4", "dominance = [1, 0.5]"}},
        {"co-4-50", {"min_contributors = 4", "dominance = [1, 0.5]"}},
        {"fr-local", {"min_contributors = 10"}},
        {"gb-dno", {"min_contributors = 5"}},
        {"nl-dso", {"min_contributors = 10"}},
        {"ukpn-profile", {"min_contributors = 10"}}};
    EXPECT_EQ(presets().size(), figures.size());
    for (const Preset& preset : presets()) EXPECT_EQ(statements_of(preset.terms), figures.at(preset.name)) << preset.name;
}

TEST(ParsePreset, IsStrict) {
    const std::string path = METERVEIL_SOURCE "/src/protect/presets/il-15-15.toml", text = io::read_text(path).value();
    const auto problem = [&](const std::string& from, const std::string& to) {
        std::string spoilt = text;
        const auto at = spoilt.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        const auto preset = parse_preset(spoilt.replace(at, from.size(), to), path);
        return preset.ok() ? std::string() : preset.error().what;
    };
    EXPECT_THAT(problem("summary", "sumary"), HasSubstr("did you mean 'summary'"));
    EXPECT_THAT(problem("date ", "dat "), HasSubstr("date is missing"));
    EXPECT_THAT(problem("scope            = \"month\"", ""), HasSubstr("rules.scope is missing"));
    EXPECT_THAT(problem("count_unit       = \"customer\"", ""), HasSubstr("rules.count_unit is missing"));
    EXPECT_THAT(problem("min_contributors = 15", ""), HasSubstr("rules.min_contributors is missing"));
    EXPECT_THAT(problem("\"citation\", ", "\"citations\", "), HasSubstr("'citations' is none of"));
    EXPECT_THAT(problem("[1, 0.15]", "[1, 15]"), HasSubstr("dominance takes"));
    EXPECT_THAT(problem("[rules]", "[rules"), HasSubstr("not TOML"));
}

}  // namespace
}  // namespace meterveil::config
