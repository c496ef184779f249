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

TEST(Accounts, BalanceInTheFileToo) {
    const auto files = json::parse(accounts_json(accounts)).at("files");
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
    report.start_here = "releases/x/START-HERE.html";
    report.accounts = accounts;
    report.stages = {{"ingest", 1.5, 2.5, 1 << 20}};
    report.ranks = 2;
    return report;
}

TEST(RunReport, SaysWhatAScriptNeeds) {
    const auto parsed = json::parse(to_json(report()));  // with a file name that is not UTF-8
    EXPECT_EQ(parsed["start_here"], "releases/x/START-HERE.html");
    EXPECT_EQ(parsed["ranks"], 2);
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
    plan.release_bytes = 5 << 10;
    plan.wire_bytes = 7 << 20;
    plan.custody_free = plan.output_free = std::uint64_t{3} << 40;
    return plan;
}

TEST(PlanReport, TellsPeopleRowsMemoryDiskAndNetwork) {
    const std::string text = to_text(plan());
    for (const char* part : {"1234567 rows in 3.0 MiB", "70 meters x 17520 intervals", "6 shards on 2 ranks", "1.25 times", "1.5 GiB per rank, of 2.0 GiB", "custody   1000 B", "release   5.0 KiB",
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
    EXPECT_EQ(parsed.size(), 16U);
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

/// Regions of 3 and of 25 meters.
publish::Dossier dossier(std::uint32_t k) {
    config::Job job;
    job.digest = std::string(64, 'd');
    job.notes = {"made up"};
    const auto hierarchy = model::build_hierarchy({"region", "feeder"}, {{"Z\xfcrich", "f1"}, {"b", "f2"}});
    store::Stored stored;
    stored.accounts = accounts.rows;
    stored.regions.resize(2);
    stored.regions[0] = {3, 3, 1, 1, 100, 99, 1};
    stored.regions[1] = {25, 24, 0, 1, 900, 870, 30};
    return make_dossier(job, hierarchy, stored, {}, k);
}

TEST(Dossier, BandsEveryCountOfMeters) {
    const auto d = dossier(10);
    EXPECT_EQ(d.meters_band, "20-49");
    const auto quality = json::parse(d.quality_json);
    EXPECT_EQ(quality["regions"][0]["meters"], "< 10");
    EXPECT_EQ(quality["rows_balance"], true);
    for (const auto& region : quality["regions"])
        for (const auto& [key, value] : region.items()) EXPECT_TRUE(value.is_string()) << key << " is a bare number";
    for (const auto& [reason, share] : quality["rows"]["quarantined_share_by_reason"].items()) EXPECT_TRUE(share.is_string()) << reason;
}

TEST(Dossier, AddsUpTheRowsOfAllFiles) {
    const auto d = dossier(10);
    EXPECT_EQ(d.rows_read, 127U);
    EXPECT_EQ(d.rows_read, d.rows_accepted + d.rows_superseded + d.rows_duplicate + d.rows_quarantined);
    EXPECT_DOUBLE_EQ(d.filled_share, 0.031);
    EXPECT_EQ(d.job_digest, std::string(64, 'd'));
    EXPECT_EQ(d.notes, std::vector<std::string>{"made up"});
}

TEST(Dossier, SaysWhatWasChecked) {
    protect::Evidence evidence;
    evidence.checks = {"every atom passes"};
    evidence.channels.push_back({"import", 4, 9, 5, 2, 1, 0, "10-19", "0"});
    const auto hierarchy = model::build_hierarchy({"region"}, {{"a"}});
    store::Stored stored;
    stored.regions.resize(1);
    const auto disclosure = json::parse(make_dossier({}, hierarchy, stored, evidence, 10).disclosure_json);
    EXPECT_EQ(disclosure["checks"][0], "every atom passes");
    EXPECT_EQ(disclosure["channels"][0]["atoms_checked"], 4);
    EXPECT_EQ(disclosure["channels"][0]["smallest_atom_contributors"], "10-19");
}

}  // namespace
}  // namespace meterveil::pipeline
