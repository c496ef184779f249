#include "pipeline/custody.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>

#include "scratch.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::Scratch;

unsigned mode_of(const fs::path& path) { return static_cast<unsigned>(fs::status(path).permissions()); }

/// Prepares on three ranks. @return the one outcome of all
Result<> prepare(const fs::path& folder) {
    std::mutex guard;
    std::vector<Result<>> outcomes;
    par::run_on_threads(3, [&](par::Comm& comm) {
        auto outcome = prepare_custody(comm, folder.string());
        const std::lock_guard lock(guard);
        outcomes.push_back(std::move(outcome));
    });
    for (const auto& outcome : outcomes) EXPECT_EQ(outcome.ok(), outcomes[0].ok());
    return outcomes[0];
}

void expect_refused(const fs::path& folder, Code code, const std::string& words) {
    const auto outcome = prepare(folder);
    ASSERT_FALSE(outcome.ok()) << words;
    EXPECT_EQ(outcome.error().code, code);
    EXPECT_NE(outcome.error().what.find(words), std::string::npos) << outcome.error().what;
    EXPECT_FALSE(outcome.error().where.empty());
    EXPECT_FALSE(outcome.error().hint.empty());
}

TEST(Custody, IsMadePrivateWithAMarker) {
    const Scratch scratch;
    const fs::path folder = scratch.path() / "deep/custody";
    ASSERT_TRUE(prepare(folder).ok());
    EXPECT_EQ(mode_of(folder), 0700U);
    EXPECT_EQ(mode_of(folder / "CUSTODY"), 0600U);
    EXPECT_TRUE(prepare(folder).ok());  // ours again
}

TEST(Custody, LosesWhatAnEarlierRunLeftAndNothingElse) {
    const Scratch scratch;
    const fs::path folder = scratch.path() / "custody";
    ASSERT_TRUE(prepare(folder).ok());
    for (const char* part : {"shards", "scratch", "quarantine", "ledger", "closed/000001", "closed/000002.partial"}) {
        fs::create_directories(folder / part);
        std::ofstream(folder / part / "file") << "x";
    }
    ASSERT_TRUE(prepare(folder).ok());
    for (const char* part : {"shards", "scratch", "quarantine", "closed/000002.partial"}) EXPECT_FALSE(fs::exists(folder / part)) << part;
    for (const char* file : {"ledger/file", "closed/000001/file"}) EXPECT_TRUE(fs::exists(folder / file)) << file;
}

TEST(Custody, DoesNotFollowALinkOut) {
    const Scratch scratch;
    const fs::path folder = scratch.path() / "custody", outside = scratch.path() / "outside";
    ASSERT_TRUE(prepare(folder).ok());
    fs::create_directory(outside);
    std::ofstream(outside / "kept") << "x";
    fs::create_directory_symlink(outside, folder / "shards");
    ASSERT_TRUE(prepare(folder).ok());
    EXPECT_TRUE(fs::exists(outside / "kept"));
    EXPECT_FALSE(fs::exists(fs::symlink_status(folder / "shards")));
}

TEST(Custody, ThatOthersCanReadIsRefused) {
    for (const auto bit : {fs::perms::group_read, fs::perms::group_exec, fs::perms::others_read, fs::perms::others_write}) {
        const Scratch scratch;
        const fs::path folder = scratch.path() / "custody";
        ASSERT_TRUE(prepare(folder).ok());
        fs::permissions(folder, bit, fs::perm_options::add);
        expect_refused(folder, Code::usage, "can be read by others");
    }
}

TEST(Custody, WithFilesOfSomebodyElseIsRefusedAndKept) {
    const Scratch scratch;
    std::ofstream(scratch.file("thesis.txt")) << "x";
    expect_refused(scratch.path(), Code::usage, "not MeterVeil's");
    EXPECT_TRUE(fs::exists(scratch.file("thesis.txt")));
    EXPECT_FALSE(fs::exists(scratch.file("CUSTODY")));
}

TEST(Custody, OfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    const Scratch scratch;
    const fs::path folder = scratch.path() / "custody";
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    ASSERT_EQ(::chown(folder.c_str(), 65534, 65534), 0);
    expect_refused(folder, Code::usage, "another user");
}

TEST(Custody, ThatIsAFileIsRefused) {
    const Scratch scratch;
    std::ofstream(scratch.file("custody")) << "x";
    expect_refused(scratch.file("custody"), Code::usage, "not a folder");
    expect_refused(scratch.file("custody/below"), Code::storage, "cannot");
}

}  // namespace
}  // namespace meterveil::pipeline
