#include "publish/documents.hpp"

#include <gtest/gtest.h>

#include "publish/rows.hpp"
#include "small_release.hpp"

namespace meterveil::publish {
namespace {

using testing::SmallRelease;

const std::vector<FileEntry> files = {{"aggregates.h5", std::string(64, '0'), 17}, {"tables/feeder-1d.csv", std::string(64, 'f'), 4711}};

std::string small_manifest(const std::string& note = "") {
    std::string text;
    par::run_on_threads(1, [&](par::Comm& comm) {
        const SmallRelease small;
        Dossier dossier = small.dossier();
        if (!note.empty()) dossier.notes = {note};
        const auto forecast = small.forecast(comm);
        text = manifest_json(small.release(comm), &forecast, dossier, files);
    });
    return text;
}

TEST(Manifest, SaysWhatAReleaseIs) {
    const auto manifest = nlohmann::json::parse(small_manifest());
    EXPECT_EQ(manifest["name"], "small");
    EXPECT_EQ(manifest["audience"], "regulator");
    EXPECT_EQ(manifest["period"], "2013-03-30/2013-04-02");
    EXPECT_EQ(manifest["products"], (std::vector<std::string>{"aggregates", "forecast"}));
    EXPECT_EQ(manifest["rules"], (std::vector<std::string>{"min_contributors = 10", "dominance = [1, 0.5]"}));
    EXPECT_TRUE(manifest["preset"].is_null());
    EXPECT_EQ(manifest["length_guard"], nlohmann::json::parse(R"({"bits_per_value": 12, "values_per_series": 71, "longest_series": 8, "longer_than_guard": true})"));
    EXPECT_EQ(manifest["record_sha256"], std::string(64, 'b'));
    EXPECT_EQ(manifest["key_check_value"], "0123456789abcdef");
    EXPECT_EQ(manifest["software_version"], "0.1.0");
    EXPECT_EQ(manifest["rows"]["read"], 12345);
    EXPECT_EQ(manifest["files"][1]["path"], "tables/feeder-1d.csv");
    EXPECT_EQ(manifest["files"][1]["bytes"], 4711);
}

TEST(Manifest, NamesThePresetWithItsDoubts) {
    model::ReleaseTerms terms{"one", "research", "", "UTC", "period", "meter", {"min_contributors = 10"}, "", 10, {"il-15-15", "a source", "a warning", {"scope"}}, {24, 8}};
    const auto release = protect::Mint::strike(terms, {"total"}, {}, {}, {});
    const auto manifest = nlohmann::json::parse(manifest_json(release, nullptr, SmallRelease().dossier(), {}));
    EXPECT_EQ(manifest["preset"], nlohmann::json::parse(R"({"name": "il-15-15", "citation": "a source", "warning": "a warning", "verify_with_counsel": ["scope"]})"));
}

TEST(Manifest, IsReadBackAsItWasWritten) {
    const Claims claims = parse_manifest(small_manifest()).value();
    EXPECT_EQ(claims.min_contributors, 10U);
    EXPECT_EQ(claims.length_guard, (model::LengthGuard{71, 8}));
    EXPECT_TRUE(claims.is_longer);
    EXPECT_EQ(claims.time_zone, "Europe/London");
    EXPECT_EQ(claims.resolutions, (std::vector<std::string>{"1h", "1d", "month", "year"}));
    ASSERT_EQ(claims.files.size(), 2U);
    EXPECT_EQ(claims.files[1].sha256, std::string(64, 'f'));
    EXPECT_EQ(claims.files[1].bytes, 4711U);
}

TEST(Manifest, IsWrittenEvenIfANoteIsNotUtf8) { EXPECT_TRUE(parse_manifest(small_manifest("Z\xfcrich")).ok()); }

/// The manifest with one entry replaced.
std::string with(const char* key, const nlohmann::json& value) {
    auto manifest = nlohmann::json::parse(small_manifest());
    manifest[key] = value;
    return manifest.dump();
}

std::string with_file(const char* key, const nlohmann::json& value) {
    auto manifest = nlohmann::json::parse(small_manifest());
    manifest["files"][0][key] = value;
    return manifest.dump();
}

TEST(Manifest, FromAStrangerIsRefusedCleanly) {
    const std::vector<std::string> malformed = {
        "", "[]", "{}", "null", "5", "\"meterveil-release/1\"", "{\"format\": 5}", "{\"format\": [\"meterveil-release/1\"]}", "{\"format\": \"meterveil-release/1\"}",
        "{\"format\": \"meterveil-release/1\"", "\xff\xfe{}", std::string(1000000, '['), std::string(100000, '{'), small_manifest().substr(0, 300),
        with("format", "meterveil-release/2"), with("audience", 1), with("audience", nullptr), with("products", "aggregates"), with("products", {1, 2}),
        with("levels", nlohmann::json::array()), with("resolutions", nlohmann::json::array()), with("resolutions", nlohmann::json::object()), with("rules", nullptr),
        with("min_contributors", -1), with("min_contributors", 1.5), with("min_contributors", "10"), with("min_contributors", 1e30), with("length_guard", nullptr), with("length_guard", {{"values_per_series", 71}, {"longest_series", 8}}),
        with("length_guard", {{"values_per_series", 71}, {"longest_series", -8}, {"longer_than_guard", true}}), with("length_guard", {{"values_per_series", 71}, {"longest_series", 8}, {"longer_than_guard", "yes"}}),
        with("record_sha256", nullptr), with("record_sha256", std::string(64, 'B')), with("files", 7), with("files", {"a"}),
        with("files", {{{"path", "x"}}}), with_file("path", 5), with_file("bytes", "17"), with_file("bytes", -17), with_file("sha256", "zz"), with_file("sha256", nullptr)};
    for (const std::string& text : malformed) {
        const auto claims = parse_manifest(text);
        ASSERT_FALSE(claims.ok()) << text.substr(0, 200);
        EXPECT_EQ(claims.error().code, Code::input);
        EXPECT_FALSE(claims.error().hint.empty());
    }
}

TEST(Document, IsRefusedWhereItIsNestedDeeperThanAny) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse_document(nested(16)).ok());
    EXPECT_EQ(parse_document(nested(17)).error().what, "it is nested too deep");
    EXPECT_EQ(parse_document(nested(5000000)).error().what, "it is nested too deep");
    EXPECT_TRUE(parse_document("{\"a\": \"[[[[[[[[[[[[[[[[[[[[ \\\" [\"}").ok());  // in text it is no nesting
}

TEST(Manifest, NamesNoFileOutsideTheRelease) {
    for (const char* path : {"", "/etc/passwd", "../x", "tables/../../x", "tables//x", "tables/", ".hidden", "tables/.x", "a\\b", "a b", "a\nb", "C:x", "~/x"}) {
        EXPECT_FALSE(parse_manifest(with_file("path", path)).ok()) << path;
        EXPECT_FALSE(parse_sums(std::string(64, 'a') + "  " + path + "\n").ok()) << path;
    }
    EXPECT_TRUE(parse_manifest(with_file("path", "tables/a..b-1d.csv")).ok());
}

TEST(Sums, AreReadBackAsTheyWereWritten) {
    const auto sums = parse_sums(sums_text(files)).value();
    ASSERT_EQ(sums.size(), 2U);
    EXPECT_EQ(sums[1].path, "tables/feeder-1d.csv");
    EXPECT_EQ(sums[1].sha256, std::string(64, 'f'));
    EXPECT_EQ(sums_text(files).substr(0, 66), std::string(64, '0') + "  ");  // as sha256sum writes it
}

TEST(Sums, RefuseALineThatIsNone) {
    const std::string line = sums_text({files[0]});
    for (const std::string& text : {line + "x\n", line.substr(1), line.substr(0, line.size() - 1), line + "\n", std::string(64, 'A') + "  x\n", std::string(64, '0') + " *x\n"})
        EXPECT_FALSE(parse_sums(text).ok()) << text;
}

TEST(Utility, LeavesOutTheCoverageOfAModelWithoutABand) {
    model::Forecast forecast;
    forecast.scores = {{"1d", "total", "seasonal_naive", 7, 0.03125, 0.5, 24, -1}, {"1d", "total", "direct_ridge", 7, 0.5, 0.25, 24, 0.9}};
    const auto scores = nlohmann::json::parse(utility_json(forecast))["backtest"];
    EXPECT_EQ(scores[0]["nmae"], "0.031250");
    EXPECT_FALSE(scores[0].contains("coverage_90"));
    EXPECT_EQ(scores[1]["coverage_90"], "0.9000");
}

TEST(Rows, QuoteWhatWouldBreakALine) {
    EXPECT_EQ(quoted("feeder 1"), "feeder 1");
    EXPECT_EQ(quoted("a,b"), "\"a,b\"");
    EXPECT_EQ(quoted("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(quoted("a\r"), "\"a\r\"");
}

TEST(Rows, GiveUtcAndTheLocalDate) {
    const auto london = model::Calendar::make("Europe/London").value();
    const auto times = table_times({1364770800, 1364774400}, london);  // 2013-03-31 23:00 and 24:00 UTC, in summer time
    EXPECT_EQ(table_lines("a,b", true, "10-19", times, std::vector<std::int64_t>{5, -7}),
              "\"a,b\",cohort,2013-03-31T23:00:00Z,2013-04-01,5,10-19\n\"a,b\",cohort,2013-04-01T00:00:00Z,2013-04-01,-7,10-19\n");
}

TEST(Rows, AddUpToCoarserBins) {
    const model::Resolution fine{"1h", {0, 1, 2, 3, 4, 5}}, coarse{"x", {0, 2, 5}};
    EXPECT_EQ(at_resolution(std::vector<std::int64_t>{1, 2, 3, 4, 5}, fine, coarse), (std::vector<std::int64_t>{3, 12}));
    EXPECT_EQ(at_resolution(std::vector<std::int64_t>{1, 2, 3, 4, 5}, fine, fine), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace meterveil::publish
