#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "meterveil/pipeline/run.hpp"
#include "pipeline/dossier.hpp"
#include "pipeline/stages.hpp"

namespace meterveil::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

model::RowAccount account(std::uint64_t accepted) {
    model::RowAccount rows;
    rows.accepted = accepted;
    rows.superseded = 3;
    rows.duplicate = 2;
    rows.quarantined[static_cast<std::size_t>(model::Reason::bad_time)] = 4;
    rows.quarantined[static_cast<std::size_t>(model::Reason::unknown_meter)] = 1;
    rows.read = accepted + 10;
    return rows;
}

const model::Accounts accounts = {{"a.csv", "Z\xfcrich.csv"}, {account(100), account(7)}};

/// Two months of London in half-hours; regions of 3 and of 25 meters.
struct Town {
    config::Job job;
    model::Hierarchy hierarchy = model::build_hierarchy({"region", "feeder"}, {{"Z\xfcrich", "f1"}, {"b", "f2"}});
    store::Stored stored;

    Town() {
        job.digest = std::string(64, 'd');
        job.notes = {"made up"};
        job.calendar = model::Calendar::make("Europe/London").value();
        job.axis = model::make_axis(job.calendar, model::parse_date("2013-03-01").value(), model::parse_date("2013-05-01").value(), std::chrono::minutes(30)).value();
        stored.accounts = accounts.rows;
        stored.shards.axis = job.axis;
        stored.months = model::make_resolution(job.calendar, job.axis, "month").value().bounds;
        stored.quality[0] = {region(3, 3, 0, 0), region(25, 22, 1, 2)};
        stored.quality[1].resize(2);
        for (auto& none : stored.quality[1]) none.months.resize(2);
    }

private:
    [[nodiscard]] store::RegionQuality region(std::uint64_t meters, std::uint64_t takes_part, std::uint64_t silent, std::uint64_t low_coverage) const {
        store::RegionQuality region{meters, takes_part, low_coverage, 0, silent, takes_part, {}};
        for (std::size_t m = 0; m < 2; ++m) {
            const std::uint64_t length = stored.months[m + 1] - stored.months[m], all = takes_part * length;
            region.months.push_back({all, all - 3 * takes_part, 2 * takes_part, 0, takes_part, meters * length, 0, 0, m, 0});
        }
        return region;
    }
};

TEST(Accounts, BalanceInTheFileToo) {
    const Town town;
    const auto document = json::parse(accounts_json(accounts, town.job, town.hierarchy, town.stored));
    const auto files = document.at("files");
    ASSERT_EQ(files.size(), 2U);
    for (const auto& f : files) {
        EXPECT_EQ(f["read"].get<int>(), f["accepted"].get<int>() + f["superseded"].get<int>() + f["duplicate"].get<int>() + f["quarantined"].get<int>());
        int by_reason = 0;
        for (const auto& [reason, count] : f["quarantined_by_reason"].items()) by_reason += count.get<int>();
        EXPECT_EQ(by_reason, f["quarantined"].get<int>());
        EXPECT_EQ(f["quarantined_by_reason"].size(), static_cast<std::size_t>(model::num_reasons));
    }
    EXPECT_EQ(files[0]["file"], "a.csv");
    EXPECT_EQ(files[0]["read"], 110);
    EXPECT_EQ(files[1]["quarantined_by_reason"]["unknown_meter"], 1);
}

RunReport report() {
    RunReport report;
    report.pages = {"releases/x/START-HERE.html", "releases/y/START-HERE.html"};
    report.accounts = accounts;
    report.stages = {{"ingest", 1.5, 2.5, 1 << 20}};
    report.ranks = 2;
    report.corrections_wait = true;
    return report;
}

TEST(RunReport, SaysWhatAScriptNeeds) {
    const auto parsed = json::parse(to_json(report()));  // with a file name that is not UTF-8
    EXPECT_EQ(parsed["start_here"], "releases/x/START-HERE.html");
    EXPECT_EQ(parsed["pages"].size(), 2U);
    EXPECT_EQ(parsed["ranks"], 2);
    EXPECT_EQ(parsed["corrections_wait"], true);
    EXPECT_EQ(parsed["stages"][0]["stage"], "ingest");
    EXPECT_EQ(parsed["stages"][0]["seconds"], 1.5);
    EXPECT_EQ(parsed["stages"][0]["peak_bytes"], 1 << 20);
    EXPECT_EQ(parsed["files"][0]["quarantined"], 5);
}

PlanReport plan() {
    PlanReport plan;
    plan.rows = 1234567;
    plan.meters = 70;
    plan.intervals = 17520;
    plan.shards = 6;
    plan.ranks = 2;
    plan.imbalance = 1.25;
    plan.input_bytes = 3 << 20;
    plan.memory_per_rank = std::uint64_t{3} << 29;
    plan.memory_limit = std::uint64_t{2} << 30;
    plan.custody_bytes = 1000;
    plan.closed_bytes = 7000;
    plan.release_bytes = 5 << 10;
    plan.wire_bytes = 7 << 20;
    plan.custody_free = plan.output_free = std::uint64_t{3} << 40;
    return plan;
}

TEST(PlanReport, TellsPeopleRowsMemoryDiskAndNetwork) {
    const std::string text = to_text(plan());
    for (const char* part : {"1234567 rows in 3.0 MiB", "70 meters x 17520 intervals", "6 shards on 2 ranks", "1.25 times", "1.5 GiB per rank, of 2.0 GiB", "custody   1000 B", "it has 6.8 KiB of earlier releases", "release   5.0 KiB",
                             "3.0 TiB free", "network   7.0 MiB"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, Not(HasSubstr("spooled")));
    PlanReport large = plan();
    large.spools = true;
    EXPECT_THAT(to_text(large), HasSubstr("readings are spooled to disk"));
}

TEST(PlanReport, TellsScriptsTheSame) {
    const auto parsed = json::parse(to_json(plan()));
    EXPECT_EQ(parsed["rows"], 1234567);
    EXPECT_EQ(parsed["memory_per_rank"], std::uint64_t{3} << 29);
    EXPECT_EQ(parsed["wire_bytes"], 7 << 20);
    EXPECT_EQ(parsed["spools"], false);
    EXPECT_EQ(parsed["closed_bytes"], 7000);
    EXPECT_EQ(parsed.size(), 17U);
}

TEST(Stages, CostTheSameOnEveryRank) {
    std::mutex guard;
    std::vector<StageCost> all;
    par::run_on_threads(3, [&](par::Comm& comm) {
        Progress progress(ProgressMode::off, false);
        Stages stages(comm, progress);
        const auto outcome = stages.run("work", [&]() -> Result<int> {
            std::vector<char> memory(std::size_t{8} << 20, 'x');
            volatile double sum = 0;
            for (int i = 0; i < 3000000; ++i) sum = sum + memory[static_cast<std::size_t>(i)];
            return 7;
        });
        EXPECT_EQ(outcome.value(), 7);
        EXPECT_EQ(stages.costs().size(), 1U);
        const std::lock_guard lock(guard);
        all.push_back(stages.costs().at(0));
    });
    ASSERT_EQ(all.size(), 3U);
    for (const StageCost& cost : all) {
        EXPECT_EQ(cost.name, "work");
        EXPECT_GT(cost.seconds, 0);
        EXPECT_GT(cost.cpu_seconds, 0);
        EXPECT_EQ(cost.cpu_seconds, all[0].cpu_seconds);  // summed over ranks
        EXPECT_GE(cost.peak_bytes, std::uint64_t{8} << 20);
        EXPECT_EQ(cost.peak_bytes, all[0].peak_bytes);
    }
}

TEST(Stages, AStageThatFailsCostsNothingAndGivesItsError) {
    par::run_on_threads(2, [&](par::Comm& comm) {
        Progress progress(ProgressMode::off, false);
        Stages stages(comm, progress);
        const auto outcome = stages.run("work", [&]() -> Result<int> { return Error{Code::storage, "full", "", ""}; });
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::storage);
        EXPECT_TRUE(stages.costs().empty());
    });
}

TEST(Accounts, KeepExactCountsOfRegionsAndMonths) {
    const Town town;
    const auto regions = json::parse(accounts_json(accounts, town.job, town.hierarchy, town.stored)).at("regions");
    ASSERT_EQ(regions.size(), 3U);  // two, and all of them; nobody has export
    std::map<std::string, std::int64_t> sum;
    for (const auto& r : regions) {
        EXPECT_EQ(r["meters"].get<int>(), r["take_part"].get<int>() + r["low_coverage"].get<int>() + r["open_gaps"].get<int>() + r["silent"].get<int>());
        for (const auto& m : r["months"]) {
            EXPECT_EQ(m["intervals"].get<int>(), m["measured"].get<int>() + m["estimated"].get<int>() + m["substituted"].get<int>() + m["filled"].get<int>());
            sum[m["from"]] += (r["region"] == "" ? -1 : 1) * m["estimated"].get<std::int64_t>();
        }
    }
    EXPECT_EQ(sum, (std::map<std::string, std::int64_t>{{"2013-03-01", 0}, {"2013-04-01", 0}}));
}

publish::Dossier dossier(std::uint32_t k) {
    const Town town;
    return make_dossier(town.job, town.hierarchy, town.stored, {}, {}, {}, k);
}

/// Every value is a text, but for names of other values.
void expect_no_number(const json& value) {
    EXPECT_FALSE(value.is_number()) << value;
    if (value.is_structured())
        for (const auto& inner : value) expect_no_number(inner);
}

TEST(Dossier, BandsEveryCountOfMeters) {
    const auto d = dossier(10);
    EXPECT_EQ(d.meters_band, "20-49");
    const auto quality = json::parse(d.quality_json);
    EXPECT_EQ(quality["regions"][0]["meters"], "< 10");
    EXPECT_EQ(quality["regions"][1]["meters"], "20-49");
    EXPECT_EQ(quality["rows_balance"], true);
    EXPECT_EQ(quality["regions_add_up"], true);
    expect_no_number(quality["regions"]);
    for (const auto& [reason, share] : quality["rows"]["quarantined_share_by_reason"].items()) EXPECT_TRUE(share.is_string()) << reason;
}

TEST(Dossier, FewMetersLookLikeNone) {
    Town town;
    const auto of = [&] { return json::parse(make_dossier(town.job, town.hierarchy, town.stored, {}, {}, {}, 10).quality_json)["regions"][1]; };
    const auto before = of();
    for (const char* count : {"silent", "low_coverage", "open_gaps", "moved_in", "moved_out"}) EXPECT_EQ(before[count], "< 10") << count;
    auto& region = town.stored.quality[0][1];
    region.silent = region.open_gaps = region.low_coverage = region.months[0].moved_in = region.months[0].moved_out = 0;
    region.months[1].moved_in = 0;
    EXPECT_EQ(of(), before);
}

TEST(Dossier, ARegionOfFewShowsNoShares) {
    Town town;
    const auto quality = [&] { return json::parse(make_dossier(town.job, town.hierarchy, town.stored, {}, {}, {}, 10).quality_json)["regions"]; };
    EXPECT_EQ(quality()[0]["shares"], "withheld: fewer than 10 take part");
    EXPECT_FALSE(quality()[0].contains("months"));
    EXPECT_EQ(quality()[1]["months"][1]["from"], "2013-04-01");
    EXPECT_EQ(quality()[1]["months"][1]["estimated_share"], "< 1 %");
    town.stored.quality[0][1].subjects = 9;  // many meters of few subjects
    EXPECT_FALSE(quality()[1].contains("months"));
}

TEST(Dossier, SaysWhenARegionDoesNotAddUp) {
    Town town;
    ++town.stored.quality[0][1].months[1].filled;
    EXPECT_EQ(json::parse(make_dossier(town.job, town.hierarchy, town.stored, {}, {}, {}, 10).quality_json)["regions_add_up"], false);
}

TEST(Dossier, AddsUpTheRowsOfAllFiles) {
    const auto d = dossier(10);
    EXPECT_EQ(d.rows_read, 127U);
    EXPECT_EQ(d.rows_read, d.rows_accepted + d.rows_superseded + d.rows_duplicate + d.rows_quarantined);
    EXPECT_DOUBLE_EQ(d.filled_share, 2.0 / 2926);  // of 61 days, one of them an hour short
    EXPECT_EQ(d.job_digest, std::string(64, 'd'));
    EXPECT_EQ(d.notes, std::vector<std::string>{"made up"});
}

TEST(Dossier, SaysWhatWasChecked) {
    protect::Evidence evidence;
    evidence.checks = {"every atom passes"};
    protect::Evidence::LevelEvidence region{"region", {5, 2, 1, 0}, {"75-95 %", "5-25 %", "< 5 %"}, {"75-95 %", "5-25 %", "< 5 %"}, "none"};
    evidence.channels.push_back({{region}, "import", 4, 9, 5, 2, 1, 0, "10-19", "0"});
    Proof proof;
    proof.num_earlier = 1;
    proof.comparisons.push_back({model::Channel::import, prove::Relation::next_period, {7}, {}, "other"});
    proof.comparisons[0].report.verdict = prove::Verdict::safe;
    const auto hierarchy = model::build_hierarchy({"region"}, {{"a"}});
    const store::Stored stored;
    const auto disclosure = json::parse(make_dossier({}, hierarchy, stored, evidence, proof, {true, false}, 10).disclosure_json);
    EXPECT_EQ(disclosure["checks"][0], "every atom passes");
    EXPECT_EQ(disclosure["channels"][0]["atoms_checked"], 4);
    EXPECT_EQ(disclosure["channels"][0]["smallest_atom_contributors"], "10-19");
    EXPECT_EQ(disclosure["channels"][0]["levels"][0]["merged"]["energy"], "5-25 %");
    EXPECT_EQ(disclosure["violations"], 0);
    EXPECT_EQ(disclosure["corrections_wait"], true);
    EXPECT_EQ(disclosure["derivable_sums"]["comparisons"][0]["with"], "the next period");
    EXPECT_EQ(disclosure["derivable_sums"]["comparisons"][0]["verdict"], "safe");
    EXPECT_EQ(disclosure.dump().find("other"), std::string::npos);  // no earlier release is named
}

}  // namespace
}  // namespace meterveil::pipeline
