// The synthetic utility on disk: the bytes depend on the spec alone.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "meterveil/exec/parallel.hpp"
#include "meterveil/generate/run.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/text_source.hpp"
#include "ranks.hpp"

namespace meterveil::generate {
namespace {

namespace fs = std::filesystem;

Spec spec_of_fifty() {
    Spec spec;
    spec.seed = 20130101;
    spec.meters = 50;
    spec.from = model::parse_date("2013-10-20").value();
    spec.until = model::parse_date("2013-10-30").value();
    spec.meters_per_file = 8;
    spec.solar_share = 0.3;
    spec.exchange_share = 0.2;
    return spec;
}

std::map<std::string, std::string> digests_of(const fs::path& folder) {
    std::map<std::string, std::string> digests;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) digests[fs::relative(entry.path(), folder).string()] = io::sha256_of_file(entry.path()).value();
    return digests;
}

/// Of the utility as one rank's comm makes it, the same for every number of ranks in this process.
void expect_same_as_before(const std::string& what, const std::map<std::string, std::string>& digests) {
    static std::mutex guard;
    static std::map<std::string, std::map<std::string, std::string>> first;
    const std::lock_guard lock(guard);
    const auto [at, is_new] = first.emplace(what, digests);
    EXPECT_EQ(at->second, digests) << (is_new ? "" : "differs from a run on fewer ranks: ") << what;
}

TEST(Generate, TheSameSpecGivesTheSameBytesOnAnyNumberOfRanks) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string folder = testing::shared_folder(comm) + "/utility";
        const auto outcome = run(comm, spec_of_fifty(), folder);
        ASSERT_TRUE(outcome.ok()) << outcome.error().what;
        if (comm.rank() != 0) return;
        const auto digests = digests_of(folder);
        EXPECT_EQ(digests.size(), 12U);  // 7 parts of 8 meters, 3 tables, job.toml, README.md
        expect_same_as_before("plain", digests);
        EXPECT_FALSE(fs::exists(folder + ".partial"));
    });
}

TEST(Generate, ThreadsDoNotShow) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string shared = testing::shared_folder(comm);
        for (const int threads : {1, 4}) {
            const exec::ThreadBudget budget(threads);
            ASSERT_TRUE(run(comm, spec_of_fifty(), shared + "/" + std::to_string(threads)).ok());
        }
        EXPECT_EQ(digests_of(shared + "/1"), digests_of(shared + "/4"));
    });
}

TEST(Generate, CompressedFilesHoldTheSameText) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string shared = testing::shared_folder(comm);
        Spec spec = spec_of_fifty();
        ASSERT_TRUE(run(comm, spec, shared + "/plain").ok());
        spec.compress = true;
        ASSERT_TRUE(run(comm, spec, shared + "/packed/").ok());
        if (comm.rank() != 0) return;
        expect_same_as_before("gzip", digests_of(shared + "/packed"));
        for (const auto& entry : fs::directory_iterator(shared + "/plain/readings")) {
            const auto packed = shared + "/packed/readings/" + entry.path().filename().string() + ".gz";
            ASSERT_EQ(io::compression_of(packed).value(), io::Compression::gzip);
            EXPECT_EQ(io::head_of(packed, std::uint64_t{64} << 20).value(), io::read_text(entry.path()).value());
        }
    });
}

TEST(Generate, AnotherSeedIsAnotherUtility) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string shared = testing::shared_folder(comm);
        Spec spec = spec_of_fifty();
        ASSERT_TRUE(run(comm, spec, shared + "/one").ok());
        ++spec.seed;
        ASSERT_TRUE(run(comm, spec, shared + "/two").ok());
        if (comm.rank() != 0) return;
        const auto one = digests_of(shared + "/one"), two = digests_of(shared + "/two");
        for (const auto& [name, digest] : one) EXPECT_NE(digest, two.at(name)) << name;
    });
}

TEST(Generate, EveryMeterOfTheReadingsHasAPlaceAndAHolder) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string folder = testing::shared_folder(comm) + "/utility";
        ASSERT_TRUE(run(comm, spec_of_fifty(), folder).ok());
        if (comm.rank() != 0) return;
        const std::string topology = io::read_text(folder + "/topology.csv").value(), customers = io::read_text(folder + "/customers.csv").value();
        for (const auto& entry : fs::directory_iterator(folder + "/readings")) {
            const std::string text = io::read_text(entry.path()).value();
            for (std::size_t at = text.find('\n') + 1; at < text.size(); at = text.find('\n', at) + 1) {
                const std::string start = "\n" + text.substr(at, 14);
                ASSERT_NE(topology.find(start), std::string::npos);
                ASSERT_NE(customers.find(start), std::string::npos);
            }
        }
    });
}

TEST(Generate, RefusesAnExistingFolderOnAllRanksAndLeavesItAlone) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string folder = testing::shared_folder(comm);
        const auto outcome = run(comm, spec_of_fifty(), folder);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::usage);
        comm.barrier();
        EXPECT_TRUE(fs::is_empty(folder));
    });
}

TEST(Generate, ABadSpecFailsOnAllRanksAndWritesNothing) {
    testing::on_ranks([](par::Comm& comm) {
        const std::string folder = testing::shared_folder(comm) + "/utility";
        Spec spec = spec_of_fifty();
        spec.meters = 0;
        EXPECT_FALSE(run(comm, spec, folder).ok());
        EXPECT_FALSE(fs::exists(folder) || fs::exists(folder + ".partial"));
    });
}

}  // namespace
}  // namespace meterveil::generate
