// The whole run with a fault at every agreement, on every rank.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "faulty_comm.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pipeline/run.hpp"
#include "meterveil/pseudonym/keys.hpp"
#include "ranks.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::Fault;
using testing::FaultyComm;
using testing::on_ranks;

constexpr int num_meters = 12, num_days = 42;
/// Up to three ranks see every agreement fail on every rank; more ranks see every 19th.
constexpr int thorough_ranks = 3, sparse_step = 19;

constexpr const char* job_text = R"(
[job]
name = "small"
from = 2013-01-01
until = 2013-02-12
time_zone = "Europe/London"
interval = "1h"
[[readings]]
path = "readings-*.csv"
[topology]
path = "topology.csv"
levels = ["feeder"]
[keys]
file = "root.key"
epoch = "1"
[custody]
path = "custody"
[[release]]
name = "small"
audience = "regulator"
products = ["aggregates", "forecast"]
period = "year"
resolutions = ["1h"]
rules = { min_contributors = 5, scope = "period" }
[forecast]
horizons = ["1d"]
[output]
path = "releases"
)";

/// Hours of half of the meters; also a row without a number, one of a meter that nobody knows, and one that is sent again, changed.
std::string readings(int first_meter) {
    const model::Date first = model::parse_date("2013-01-01").value();
    std::string text = "meter_id,timestamp,kwh\n";
    for (int meter = first_meter; meter < num_meters; meter += 2)
        for (int hour = 0; hour < 24 * num_days; ++hour)
            text += fmt::format("m{},{} {:02}:00,0.{:03}\n", meter, model::format_date(first + std::chrono::days(hour / 24)), hour % 24, 100 + (meter * 7 + hour * 13) % 400);
    return text + fmt::format("m{0},2013-01-02 03:00,Null\nm99,2013-01-02 03:00,0.1\nm{0},2013-01-02 04:00,0.9\n", first_meter);
}

/// What rank 0 makes once.
void write_input(const fs::path& folder) {
    std::string topology = "meter_id,feeder\n";
    for (int meter = 0; meter < num_meters; ++meter) topology += fmt::format("m{},f{}\n", meter, meter % 2);
    ASSERT_TRUE(io::write_whole(folder / "topology.csv", topology).ok());
    ASSERT_TRUE(io::write_whole(folder / "readings-0.csv", readings(0)).ok());
    ASSERT_TRUE(io::write_whole(folder / "readings-1.csv", readings(1)).ok());
    ASSERT_TRUE(pseudonym::RootKey::random().write_new((folder / "root.key").string()).ok());
}

/// A small utility in a folder that all ranks share, and runs on it.
class Bench {
public:
    explicit Bench(par::Comm& comm) : comm_(comm), folder_(testing::shared_folder(comm)) {
        if (comm.rank() == 0) write_input(folder_);
        comm.barrier();
        job_ = config::parse_job(job_text, (folder_ / "job.toml").string(), {}).value();
    }

    struct Outcome {
        Result<RunReport> result;
        int num_agreements = 0;
    };
    Outcome run(Fault fault = {}) {
        FaultyComm faulty(comm_, fault);
        Settings settings;
        settings.threads = 1;
        settings.progress = ProgressMode::off;
        auto result = pipeline::run(faulty, job_, settings);
        comm_.barrier();  // nobody looks at the disk before all have ended
        return {std::move(result), faulty.num_agreements()};
    }

    /// Another value in one reading of a meter.
    void correct_a_reading() {
        if (comm_.rank() != 0) return;
        std::string text = readings(0);
        const std::size_t at = text.find("m0,2013-01-05 07:00,0.");
        text.replace(text.find('.', at) + 1, 3, "999");
        ASSERT_TRUE(io::write_whole(folder_ / "readings-0.csv", text).ok());
    }
    void name_release(const std::string& name) { job_.releases[0].name = name; }
    /// Collective. Custody as it is now, and again as it was.
    void keep_custody() { copy("custody", "kept"); }
    void bring_back_custody() { copy("kept", "custody"); }
    [[nodiscard]] fs::path custody() const { return folder_ / "custody"; }

    [[nodiscard]] fs::path release() const { return folder_ / "releases/small"; }
    /// Digests of the release's files by name.
    [[nodiscard]] std::map<std::string, std::string> digests() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : fs::recursive_directory_iterator(release()))
            if (entry.is_regular_file()) all[fs::relative(entry.path(), release()).string()] = io::sha256_of_file(entry.path()).value();
        return all;
    }
    /// Collective.
    void remove_release() {
        comm_.barrier();
        if (comm_.rank() == 0) fs::remove_all(release());
        comm_.barrier();
    }

private:
    void copy(const char* from, const char* to) {
        comm_.barrier();
        if (comm_.rank() == 0) {
            fs::remove_all(folder_ / to);
            fs::copy(folder_ / from, folder_ / to, fs::copy_options::recursive);
            fs::permissions(folder_ / to, fs::perms::owner_all);
        }
        comm_.barrier();
    }

    par::Comm& comm_;
    fs::path folder_;
    config::Job job_;
};

/// Every rank returns the one planted error.
void expect_planted(const Result<RunReport>& result, Fault fault) {
    Error expected = FaultyComm::planted();
    expected.rank = fault.rank;
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error(), expected);
}

TEST(Run, AFaultAtAnyAgreementOnAnyRankFailsAllRanksAndTheNextRunIsWhole) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        ASSERT_TRUE(bench.run().result.ok());  // the ledger has the release from now on: every run does the same
        bench.remove_release();
        const auto undisturbed = bench.run();
        ASSERT_TRUE(undisturbed.result.ok()) << undisturbed.result.error().what;
        const auto whole = bench.digests();
        ASSERT_GT(whole.size(), 7U);
        bench.remove_release();
        const int last = undisturbed.num_agreements, step = comm.size() > thorough_ranks ? sparse_step : 1;
        for (int rank = 0; rank < comm.size(); ++rank) {
            for (int agreement = 1 + (last - 1) % step; agreement <= last; agreement += step) {
                SCOPED_TRACE(fmt::format("rank {} of {}, agreement {} of {}", rank, comm.size(), agreement, last));
                const Fault fault{rank, agreement};
                const auto outcome = bench.run(fault);
                expect_planted(outcome.result, fault);
                EXPECT_EQ(outcome.num_agreements, agreement) << "went on after the error";
                // The last agreement tells of the rename itself: with a planted fault the release is there, and whole.
                if (agreement == last) EXPECT_EQ(bench.digests(), whole);
                else EXPECT_FALSE(fs::exists(bench.release()));
                bench.remove_release();
            }
            const auto after = bench.run();
            ASSERT_TRUE(after.result.ok()) << after.result.error().what;
            EXPECT_EQ(bench.digests(), whole);
            EXPECT_FALSE(fs::exists(bench.release().string() + ".partial"));
            bench.remove_release();
        }
    });
}

TEST(Run, WhereverItWasStoppedACorrectionWaitsInTheNextOne) {
    on_ranks([](par::Comm& comm) {
        Bench bench(comm);
        bench.name_release("first");
        ASSERT_TRUE(bench.run().result.ok());
        bench.correct_a_reading();
        bench.name_release("small");
        bench.keep_custody();
        const auto undisturbed = bench.run();
        ASSERT_TRUE(undisturbed.result.ok()) << undisturbed.result.error().what;
        EXPECT_TRUE(undisturbed.result.value().corrections_wait);
        const auto whole = bench.digests();
        const int last = undisturbed.num_agreements, step = comm.size() > 1 ? 2 * sparse_step : 3;
        for (int agreement = last; agreement > 0; agreement -= step) {
            SCOPED_TRACE(fmt::format("{} ranks, agreement {} of {}", comm.size(), agreement, last));
            bench.remove_release();
            bench.bring_back_custody();
            ASSERT_FALSE(bench.run({agreement % comm.size(), agreement}).result.ok());
            bench.remove_release();
            const auto after = bench.run();
            ASSERT_TRUE(after.result.ok()) << after.result.error().what;
            EXPECT_TRUE(after.result.value().corrections_wait);
            EXPECT_EQ(bench.digests(), whole);
            EXPECT_FALSE(fs::exists(bench.custody() / "closed/000001"));
            EXPECT_FALSE(fs::is_empty(bench.custody() / "closed/000002"));
        }
    });
}

}  // namespace
}  // namespace meterveil::pipeline
