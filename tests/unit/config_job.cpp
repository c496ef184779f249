// The job file: strict, all problems at once, privacy without defaults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "generate/run_tables.hpp"
#include "meterveil/config/job.hpp"
#include "meterveil/io/posix.hpp"
#include "scratch.hpp"

namespace meterveil::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string whole = R"([job]
name      = "london-2013"
from      = 2013-01-01
until     = 2014-01-01
time_zone = "Europe/London"
interval  = "30min"
energy_quantum_wh = 1

[[readings]]
path   = "readings.csv"
clock  = "+02:00"
label  = "end"
unit   = "Wh"
columns = { meter = "who", time = "when", energy = "e" }

[topology]
path   = "topology.csv"
levels = ["region", "feeder"]

[customers]
path    = "customers.csv"
subject = "customer_id"
columns = { tariff = "quasi", name = "identifier" }

[clean]
min_coverage = 0.8
max_wh = 20000
fill = "linear"

[keys]
file  = "root.key"
epoch = "2013"

[custody]
path = "custody"

[[release]]
name     = "regulator-2013"
audience = "regulator"
products = ["aggregates", "forecast"]
period   = "year"
resolutions = ["30min", "1d", "month"]
rules    = { min_contributors = 10, dominance = [1, 0.25], scope = "period" }

[forecast]
horizons = ["1d"]
quantiles = [0.1, 0.5, 0.9]
holidays = [2013-12-25]

[output]
path = "releases"
memory_per_rank = "1GiB"
)";

std::string with(const std::string& from, const std::string& to) {
    std::string text = whole;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string problem_of(const std::string& text) {
    const auto job = parse_job(text, "/data/job.toml", {});
    if (job.ok()) return "";
    EXPECT_EQ(job.error().code, Code::usage);
    EXPECT_THAT(job.error().where, HasSubstr("job.toml"));
    EXPECT_FALSE(job.error().hint.empty());
    return job.error().what;
}

unsigned line_of(const std::string& text, const std::string& part) {
    return 1U + static_cast<unsigned>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(part)), '\n'));
}

TEST(Job, BecomesTheValuesThatTheRoomsTake) {
    const auto parsed = parse_job(whole, "/data/job.toml", {});
    ASSERT_TRUE(parsed.ok()) << parsed.error().what;
    const Job& job = parsed.value();
    EXPECT_EQ(job.axis.count, 17520U);
    EXPECT_EQ(job.ingest.axis, job.axis);
    ASSERT_EQ(job.ingest.sources.size(), 1U);
    const ingest::Source& source = job.ingest.sources[0];
    EXPECT_EQ(source.files, std::vector<std::string>{"/data/readings.csv"});
    EXPECT_EQ(source.clock.offset_s, 7200);
    EXPECT_EQ(source.label, ingest::Label::end);
    EXPECT_EQ(source.unit, ingest::EnergyUnit::wh);
    EXPECT_EQ(source.columns.meter, "who");
    EXPECT_EQ(job.ingest.max_wh, 20000);
    EXPECT_EQ(job.store.fill, store::Fill::linear);
    EXPECT_DOUBLE_EQ(job.store.min_coverage, 0.8);
    EXPECT_EQ(job.store.max_stuck_s, 0);  // off
    EXPECT_EQ(job.store.spike_factor, 0);
    EXPECT_EQ(job.store.months.size(), 13U);
    EXPECT_EQ(job.tables.subject_column, "customer_id");
    EXPECT_EQ(job.count_unit, "customer");
    EXPECT_EQ(job.key_file, "/data/root.key");
    EXPECT_EQ(job.custody, "/data/custody");
    EXPECT_EQ(job.output, "/data/releases");
    EXPECT_EQ(job.memory_per_rank, std::uint64_t{1} << 30);
    EXPECT_EQ(job.digest, io::sha256_hex(std::string_view(whole)));
}

TEST(Job, StatesItsRulesInAFixedOrder) {
    const std::vector<std::string> expected = {"min_contributors = 10", "dominance = [1, 0.25]"};
    for (const auto& text : {whole, with("min_contributors = 10, dominance = [1, 0.25]", "dominance = [1, 0.25], min_contributors = 10")}) {
        const auto job = parse_job(text, "/data/job.toml", {});
        ASSERT_TRUE(job.ok());
        EXPECT_EQ(job.value().releases.at(0).statements, expected);
        EXPECT_EQ(job.value().releases[0].rules.min_contributors, 10U);
    }
}

TEST(Job, TheCommandLineOverridesFolders) {
    const auto job = parse_job(whole, "/data/job.toml", {"/elsewhere/out", "/elsewhere/custody"});
    ASSERT_TRUE(job.ok());
    EXPECT_EQ(job.value().output, "/elsewhere/out");
    EXPECT_EQ(job.value().store.custody, "/elsewhere/custody");
}

TEST(Job, NamesTheLineAndTheNearestKey) {
    const std::string text = with("min_coverage", "min_coverge");
    EXPECT_THAT(problem_of(text), HasSubstr("line " + std::to_string(line_of(text, "min_coverge")) + ":"));
    EXPECT_THAT(problem_of(text), HasSubstr("did you mean 'min_coverage'?"));
}

TEST(Job, TellsAllProblemsAtOnce) {
    std::string text = with("fill = \"linear\"", "fill = \"liner\"");
    text.replace(text.find("interval  = \"30min\""), 19, "interval  = 30     ");
    text += "\n[outptu]\n";
    const std::string problems = problem_of(text);
    EXPECT_THAT(problems, HasSubstr("'liner'"));
    EXPECT_THAT(problems, HasSubstr("job.interval: a text is wanted"));
    EXPECT_THAT(problems, HasSubstr("'outptu' (did you mean 'output'?)"));
}

TEST(Job, PrivacyHasNoDefaults) {
    EXPECT_THAT(problem_of(with("min_contributors = 10, ", "")), HasSubstr("min_contributors is missing"));
    EXPECT_THAT(problem_of(with(", scope = \"period\"", "")), HasSubstr("scope is missing"));
    EXPECT_THAT(problem_of(with("audience = \"regulator\"", "")), HasSubstr("audience is missing"));
    EXPECT_THAT(problem_of(with("period   = \"year\"", "")), HasSubstr("period is missing"));
    EXPECT_THAT(problem_of(with("rules    = { min_contributors = 10, dominance = [1, 0.25], scope = \"period\" }", "")), HasSubstr("rules is missing"));
    EXPECT_THAT(problem_of(with("scope = \"period\"", "scope = \"interval\"")), HasSubstr("max_failing_share is missing"));
    EXPECT_EQ(problem_of(with("scope = \"period\"", "scope = \"interval\", max_failing_share = 0.05")), "");
    EXPECT_THAT(problem_of(with("scope = \"period\"", "scope = \"period\", max_failing_share = 0.05")), HasSubstr("max_failing_share"));
}

TEST(Job, KnowsWhatIsNotInThisVersion) {
    EXPECT_THAT(problem_of(with("\"aggregates\", ", "\"aggregates\", \"profiles\", ")), HasSubstr("'profiles' is not in this version"));
    EXPECT_THAT(problem_of(with("[forecast]", "group_size = 10\n\n[forecast]")), HasSubstr("is not in this version"));
    EXPECT_THAT(problem_of(whole + "[[texts]]\npath = \"tickets.jsonl\"\n"), HasSubstr("texts: is not in this version"));
    EXPECT_THAT(problem_of(with("period   = \"year\"", "period   = \"month\"")), HasSubstr("release.period"));
}

TEST(Job, AUnitOfPowerAndAMeterAreOfTheSource) {
    const auto job = parse_job(with("unit   = \"Wh\"", "unit   = \"kW\"\nmeter  = \"M 1\""), "/data/job.toml", {});
    ASSERT_TRUE(job.ok()) << job.error().what;
    const ingest::Source& source = job.value().ingest.sources[0];
    EXPECT_EQ(source.unit, ingest::EnergyUnit::kwh);
    EXPECT_TRUE(source.is_power);
    EXPECT_EQ(source.meter, "M 1");
    EXPECT_THAT(problem_of(with("unit   = \"Wh\"", "unit   = \"kVA\"")), HasSubstr("readings.unit"));
}

ingest::Source source_with(const std::string& from, const std::string& to) {
    const auto job = parse_job(with(from, to), "/data/job.toml", {});
    EXPECT_TRUE(job.ok()) << job.error().what;
    return job.ok() ? job.value().ingest.sources[0] : ingest::Source{};
}

TEST(Job, KeysOfTablesAreOfPortalCsvAlone) {
    const std::string unit = "unit   = \"Wh\"";
    const ingest::Source source = source_with(unit, "date_order = \"month-day\"\nvalues = \"register\"\nfactor = \"-0.001\"\ndecimal = \",\"\nregister_digits = 6");
    EXPECT_EQ(source.format, "portal-csv");
    EXPECT_EQ(source.date_order, ingest::DateOrder::month_first);
    EXPECT_EQ(source.values, ingest::Values::registers);
    EXPECT_EQ(source.factor, "-0.001");
    EXPECT_EQ(source.decimal_mark, ',');
    EXPECT_EQ(source.register_digits, 6);
    EXPECT_EQ(source_with(unit, "").format, "long-csv");
    EXPECT_THAT(problem_of(with(unit, "factor = \"2\"\nformat = \"long-csv\"")), HasSubstr("by \"portal-csv\" alone"));
    for (const auto& [keys, said] : {std::pair("date_order = \"month_day\"", "did you mean 'month-day'"), std::pair("values = \"registers\"", "did you mean 'register'"),
                                     std::pair("factor = \"1e3\"", "a decimal number that is not 0"), std::pair("factor = \"0.0\"", "a decimal number that is not 0"),
                                     std::pair("decimal = \";\"", "is none of"), std::pair("register_digits = 0", "from 1 to 12"), std::pair("date_ordr = \"x\"", "did you mean 'date_order'")})
        EXPECT_THAT(problem_of(with(unit, keys)), HasSubstr(said)) << keys;
}

TEST(Job, AColumnOfFlagsLeavesItALongCsv) {
    const ingest::Source source = source_with("energy = \"e\"", "energy = \"e\", quality = \"q\"");
    EXPECT_EQ(source.format, "long-csv");
    EXPECT_EQ(source.columns.quality, "q");
}

TEST(Job, FurtherColumnsMakeItAPortalCsv) {
    const std::string further = "energy = \"e\", export = \"x\", end = \"to\", quality = \"q\", register = \"r\", unit = \"u\", factor = \"f\", date = \"d\"";
    const ingest::Source source = source_with("energy = \"e\"", further);
    EXPECT_EQ(source.format, "portal-csv");
    const ingest::Columns expected{"who", "when", "e", "", "q", "d", "to", "x", "r", "u", "f"};
    EXPECT_EQ(source.columns, expected);
    EXPECT_THAT(problem_of(with("energy = \"e\"", "energy = \"e\", qualty = \"q\"")), HasSubstr("did you mean 'quality'"));
}

TEST(Job, RefusesBadValues) {
    EXPECT_THAT(problem_of(with("\"london-2013\"", "\"../up\"")), HasSubstr("job.name"));
    EXPECT_THAT(problem_of(with("Europe/London", "Europe/Londn")), HasSubstr("Europe/London"));
    EXPECT_THAT(problem_of(with("\"+02:00\"", "\"2 hours\"")), HasSubstr("readings.clock"));
    EXPECT_THAT(problem_of(with("\"+02:00\"", "\"+2:00\"")), HasSubstr("readings.clock"));
    EXPECT_THAT(problem_of(with("\"1GiB\"", "\"1GB\"")), HasSubstr("memory_per_rank"));
    EXPECT_THAT(problem_of(with("energy_quantum_wh = 1", "energy_quantum_wh = 4294967297")), HasSubstr("energy_quantum_wh"));
    EXPECT_THAT(problem_of(with("2014-01-01", "2013-01-01")), HasSubstr("until"));
    EXPECT_THAT(problem_of(with("2014-01-01", "\"2014-01-01\"")), HasSubstr("a date is wanted"));
    EXPECT_THAT(problem_of(with("[0.1, 0.5, 0.9]", "[0.1, 0.5, 0.5]")), HasSubstr("quantiles"));
    EXPECT_THAT(problem_of(with("[1, 0.25]", "[1, 2]")), HasSubstr("dominance"));
    EXPECT_THAT(problem_of(with("[\"region\", \"feeder\"]", "[\"feeder\", \"feeder\"]")), HasSubstr("levels"));
    EXPECT_THAT(problem_of(with("tariff = \"quasi\"", "tariff = \"quazi\"")), HasSubstr("did you mean 'quasi'?"));
    EXPECT_THAT(problem_of(with("\"1d\", \"month\"", "\"1d\", \"fortnight\"")), HasSubstr("fortnight"));
    EXPECT_THAT(problem_of(with("\"30min\", \"1d\"", "\"1d\", \"30min\"")), HasSubstr("'30min' is not made of whole bins of '1d': put the finest first"));
    EXPECT_THAT(problem_of(with("\"30min\", \"1d\"", "\"1h\", \"90min\"")), HasSubstr("'90min' is not made of whole bins of '1h'"));
    EXPECT_THAT(problem_of(with("\"30min\", \"1d\"", "\"1d\", \"1d\"")), HasSubstr("'1d' is there twice"));
    EXPECT_THAT(problem_of("[job\n"), HasSubstr("line 1: not TOML"));
}

TEST(Job, SuspectsAreLookedForWhenTheJobAsks) {
    const auto job = parse_job(with("fill = \"linear\"", "fill = \"linear\"\nmax_stuck = \"24h\"\nspike_factor = 20"), "/data/job.toml", {});
    ASSERT_TRUE(job.ok()) << job.error().what;
    EXPECT_EQ(job.value().store.max_stuck_s, 86400);
    EXPECT_EQ(job.value().store.spike_factor, 20);
    const auto problem = [](const char* line) { return problem_of(with("fill = \"linear\"", line)); };
    EXPECT_THAT(problem("max_stuck = \"15min\""), HasSubstr("clean.max_stuck: an interval of the job at least"));
    EXPECT_THAT(problem("max_stuck = 24"), HasSubstr("clean.max_stuck"));
    EXPECT_THAT(problem("max_stuck = \"a day\""), HasSubstr("'a day' is not a duration"));
    EXPECT_THAT(problem("spike_factor = 1"), HasSubstr("clean.spike_factor: from 2 to 1,000"));
    EXPECT_THAT(problem("spike_factor = 20.5"), HasSubstr("clean.spike_factor"));
    EXPECT_THAT(problem("spike_facto = 20"), HasSubstr("did you mean 'spike_factor'?"));
}

TEST(Job, AnIntervalDividesADay) {
    for (const char* length : {"7min", "90min", "7d", "25h"})
        EXPECT_EQ(problem_of(with("interval  = \"30min\"", std::string("interval = \"") + length + "\"")).find("a length that divides a day") == std::string::npos,
                  std::string_view(length) == "90min") << length;
}

TEST(Job, GlobsAreSortedAndAnEmptyOneIsAnError) {
    const testing::Scratch scratch;
    for (const char* name : {"b.csv", "a.csv", "c.txt"}) ASSERT_TRUE(io::write_whole(scratch.file(name), std::string_view("x")).ok());
    const auto job = parse_job(with("\"readings.csv\"", "\"*.csv\""), scratch.file("job.toml"), {});
    ASSERT_TRUE(job.ok()) << job.error().what;
    EXPECT_EQ(job.value().ingest.sources[0].files, (std::vector<std::string>{scratch.file("a.csv"), scratch.file("b.csv")}));
    const auto none = parse_job(with("\"readings.csv\"", "\"*.zst\""), scratch.file("job.toml"), {});
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.error().what, HasSubstr("no file matches '*.zst'"));
}

TEST(Job, TheAnnualJobOfThisHouseParses) {
    const std::string path = METERVEIL_SOURCE "/jobs/annual/job.toml";
    const auto job = parse_job(io::read_text(path).value(), path, {});
    ASSERT_TRUE(job.ok()) << job.error().what;
    EXPECT_EQ(job.value().ingest.sources.at(0).files.size(), 4U);
    for (const std::string& file : ingest::files_of(job.value().ingest)) EXPECT_TRUE(std::filesystem::exists(file)) << file;
    EXPECT_TRUE(std::filesystem::exists(job.value().tables.topology_path));
}

TEST(Job, TheJobOfASyntheticUtilityParses) {
    for (const std::int32_t interval_s : {900, 1800, 3600, 86400}) {
        generate::Spec spec;
        spec.meters = 20;
        spec.interval_s = interval_s;
        spec.from = model::parse_date("2023-02-01").value();
        spec.until = model::parse_date("2023-03-01").value();
        const auto world = generate::make_world(spec);
        ASSERT_TRUE(world.ok());
        const testing::Scratch scratch;
        std::filesystem::create_directory(scratch.file("readings"));
        ASSERT_TRUE(io::write_whole(scratch.file("readings/part-00000.csv"), std::string_view("x")).ok());
        const auto job = parse_job(generate::job_text(world.value()), scratch.file("job.toml"), {});
        ASSERT_TRUE(job.ok()) << job.error().what;
        EXPECT_EQ(job.value().axis, world.value().axis);
        EXPECT_EQ(job.value().count_unit, "customer");
    }
}

}  // namespace
}  // namespace meterveil::config
