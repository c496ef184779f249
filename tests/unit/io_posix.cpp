#include "meterveil/io/posix.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "scratch.hpp"

namespace meterveil::io {
namespace {

using testing::Scratch;
namespace fs = std::filesystem;

unsigned mode_of(const Path& path) {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777U;
}

TEST(Sha256, MatchesThePublishedVector) {
    const char* abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4 example
    EXPECT_EQ(sha256_hex(std::string_view("abc")), abc);
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("abc")).ok());
    EXPECT_EQ(sha256_of_file(scratch.file("a")).value(), abc);
}

TEST(WriteWhole, ReplacesAndLeavesNothingElseBehind) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("old")).ok());
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("new"), 0644).ok());
    EXPECT_EQ(read_text(scratch.file("a")).value(), "new");
    EXPECT_EQ(mode_of(scratch.file("a")), 0644U);
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator()), 1);
}

TEST(WriteWhole, IsPrivateUnlessToldOtherwise) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("x")).ok());
    EXPECT_EQ(mode_of(scratch.file("a")), 0600U);
}

TEST(WriteWhole, SaysWhereItCouldNotWrite) {
    const auto outcome = write_whole("/nowhere/a", std::string_view("x"));
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::storage);
    EXPECT_NE(outcome.error().where.find("/nowhere"), std::string::npos);
}

TEST(WriteWhole, AFullDiskIsAStorageError) {
    auto full = File::open("/dev/full", File::Mode::write_existing);
    ASSERT_TRUE(full.ok());
    const auto outcome = full.value().write(std::string_view("x"));
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::storage);
    EXPECT_NE(outcome.error().hint.find("space"), std::string::npos);
}

TEST(MakePrivateFolder, MakesParentsForItsOwnerOnly) {
    const Scratch scratch;
    ASSERT_TRUE(make_private_folder(scratch.file("a/b/c")).ok());
    EXPECT_EQ(mode_of(scratch.file("a")), 0700U);
    EXPECT_EQ(mode_of(scratch.file("a/b/c")), 0700U);
    std::ofstream(scratch.file("file")) << "x";
    EXPECT_FALSE(make_private_folder(scratch.file("file/under")).ok());
}

TEST(RenameNew, NeverReplaces) {
    const Scratch scratch;
    fs::create_directory(scratch.file("from"));
    fs::create_directory(scratch.file("to"));
    EXPECT_EQ(rename_new(scratch.file("from"), scratch.file("to")).error().code, Code::locked);
    EXPECT_TRUE(rename_new(scratch.file("from"), scratch.file("fresh")).ok());
    EXPECT_TRUE(fs::is_directory(scratch.file("fresh")));
}

TEST(File, WritesAtItsPlace) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("0123456789")).ok());
    auto file = File::open(scratch.file("a"), File::Mode::write_existing);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file.value().write_at(3, std::as_bytes(std::span("xy", 2))).ok());
    EXPECT_EQ(file.value().size().value(), 10U);
    EXPECT_EQ(read_text(scratch.file("a")).value(), "012xy56789");
}

TEST(File, NewMeansNew) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("x")).ok());
    EXPECT_FALSE(File::open(scratch.file("a"), File::Mode::create_new).ok());
}

TEST(ReadWhole, RefusesMoreThanTheLimitAndFolders) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), std::string_view("0123456789")).ok());
    EXPECT_FALSE(read_text(scratch.file("a"), 9).ok());
    EXPECT_FALSE(read_text(scratch.path()).ok());
    EXPECT_EQ(read_text(scratch.file("b")).error().code, Code::input);
}

TEST(Machine, TellsSpaceAndMemory) {
    EXPECT_GT(free_bytes("/nowhere/at/all").value(), 0U);
    EXPECT_GT(peak_memory_bytes(), 1000000U);
}

}  // namespace
}  // namespace meterveil::io
