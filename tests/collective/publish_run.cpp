#include "meterveil/publish/run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "meterveil/io/posix.hpp"
#include "meterveil/publish/verify.hpp"
#include "ranks.hpp"
#include "small_release.hpp"

namespace meterveil::publish {
namespace {

namespace fs = std::filesystem;
using testing::on_ranks;
using testing::shared_folder;
using testing::SmallRelease;

Result<std::string> publish(par::Comm& comm, const std::string& folder) {
    const SmallRelease small;
    return run(comm, small.release(comm), small.forecast(comm), small.dossier(), {folder, small.calendar});
}

std::map<std::string, std::string> digests(const fs::path& folder) {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) all[entry.path().lexically_relative(folder).string()] = io::sha256_of_file(entry.path()).value();
    return all;
}

bool is_empty_or_absent(const fs::path& folder) { return !fs::exists(folder) || fs::is_empty(folder); }

TEST(Publish, TheBytesDoNotDependOnTheRanks) {
    static std::map<std::string, std::string> first;  // of the first rank count that ran
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        const auto page = publish(comm, folder);
        ASSERT_TRUE(page.ok()) << page.error().what << ": " << page.error().where;
        EXPECT_EQ(page.value(), folder + "/small/START-HERE.html");
        comm.barrier();
        if (comm.rank() != 0) return;
        const auto mine = digests(fs::path(folder) / "small");
        if (first.empty()) first = mine;
        EXPECT_EQ(mine, first);
        EXPECT_EQ(mine.size(), 33U);  // 5 at the top, 3 of evidence, nodes.csv, 2 channels x 3 levels x 4 resolutions
    });
}

TEST(Publish, WhatIsPublishedVerifiesAndMayBeReadByAll) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        ASSERT_TRUE(publish(comm, folder).ok());
        comm.barrier();
        if (comm.rank() != 0) return;
        const auto checks = verify(folder + "/small").value();
        EXPECT_GE(checks.size(), 11U);
        for (const Check& check : checks) EXPECT_TRUE(check.passes) << check.name << ": " << check.detail;
        EXPECT_FALSE(fs::exists(folder + "/small.partial"));
        for (const auto& entry : fs::recursive_directory_iterator(folder + "/small"))
            EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()), entry.is_directory() ? 0755U : 0644U) << entry.path();
    });
}

TEST(Publish, AReleaseThatExistsIsNeverAltered) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) {
            fs::create_directory(folder + "/small");
            std::ofstream(folder + "/small/kept") << "old";
        }
        comm.barrier();
        const auto outcome = publish(comm, folder);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::locked);
        EXPECT_EQ(outcome.error().where, folder + "/small");
        EXPECT_FALSE(outcome.error().hint.empty());
        comm.barrier();
        EXPECT_EQ(digests(folder).size(), 1U);
        comm.barrier();
    });
}

TEST(Publish, ADanglingLinkInItsPlaceIsNotFollowed) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) fs::create_symlink(folder + "/elsewhere", folder + "/small");
        comm.barrier();
        EXPECT_EQ(publish(comm, folder).error().code, Code::locked);
        comm.barrier();
        EXPECT_FALSE(fs::exists(folder + "/elsewhere"));
        EXPECT_FALSE(fs::exists(folder + "/small.partial"));
        comm.barrier();
    });
}

TEST(Publish, AFolderThatCannotBeMadeIsStorageTroubleOnAllRanks) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm), file = folder + "/file";
        if (comm.rank() == 0) std::ofstream(file) << "no folder";
        comm.barrier();
        const auto outcome = publish(comm, file);  // holds for root too, whom no mode stops
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::storage) << outcome.error().what;
        EXPECT_FALSE(outcome.error().where.empty());
        comm.barrier();
        EXPECT_EQ(digests(folder).size(), 1U);
        comm.barrier();
    });
}

TEST(Publish, AFailureHalfwayLeavesNothing) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        const SmallRelease small;
        auto forecast = small.forecast(comm);
        for (auto& horizon : forecast.horizons)
            if (horizon.owned.first == 0 && horizon.owned.last > 0) horizon.mean_wh[0] += 1;  // is no longer the sum of its children
        const auto outcome = run(comm, small.release(comm), forecast, small.dossier(), {folder, small.calendar});
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::internal);
        EXPECT_NE(outcome.error().what.find("forecasts add up"), std::string::npos) << outcome.error().what;
        comm.barrier();
        EXPECT_TRUE(is_empty_or_absent(folder));
        comm.barrier();
        EXPECT_TRUE(publish(comm, folder).ok());  // and does not stand in the way of the next run
    });
}

TEST(Publish, TakesThePlaceOfWhatAKilledRunLeft) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) {
            fs::create_directories(folder + "/small.partial/tables");
            std::ofstream(folder + "/small.partial/tables/half.csv") << "half";
        }
        comm.barrier();
        ASSERT_TRUE(publish(comm, folder).ok());
        comm.barrier();
        EXPECT_FALSE(fs::exists(folder + "/small/tables/half.csv"));
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::publish
