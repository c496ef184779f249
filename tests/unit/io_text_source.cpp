#include "meterveil/io/text_source.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "scratch.hpp"

namespace meterveil::io {
namespace {

using testing::Scratch;

std::string gzip(const std::string& text) {
    std::string out(text.size() + 1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

/// All text of a range, with blocks checked to be whole lines that follow each other.
Result<std::string> text_of(const Path& path, IndexRange range = {0, UINT64_MAX}, std::uint64_t block_bytes = 64) {
    TextSource::Limits limits;
    limits.block_bytes = block_bytes;
    limits.max_line_bytes = 100;
    TRY(const auto source, TextSource::open(path, range, limits));
    std::string text;
    TextBlock block;
    for (std::uint64_t expected = UINT64_MAX;;) {
        TRY(const bool more, source->next(block));
        if (!more) return text;
        EXPECT_TRUE(expected == UINT64_MAX || block.offset == expected);
        EXPECT_EQ(block.is_first, block.offset == 0);
        text += block.text;
        expected = block.offset + block.text.size();
    }
}

std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "line " + std::string(static_cast<std::size_t>(i % 17), 'x') + (i % 3 == 0 ? "\r\n" : "\n");
    return text;
}

TEST(TextSource, RangesThatTileAFileGiveEveryLineOnce) {
    const Scratch scratch;
    for (const std::string& text : {lines(20), lines(20) + "no line end", std::string("\n\n\n"), std::string("one")}) {
        ASSERT_TRUE(write_whole(scratch.file("a.csv"), text).ok());
        for (std::uint64_t cut = 0; cut <= text.size(); ++cut) {
            const auto first = text_of(scratch.file("a.csv"), {0, cut}).value();
            const auto second = text_of(scratch.file("a.csv"), {cut, UINT64_MAX}).value();
            ASSERT_EQ(first + second, text) << "cut at " << cut;
            ASSERT_TRUE(second.empty() || cut == 0 || text[text.size() - second.size() - 1] == '\n');
        }
    }
}

TEST(TextSource, AnEmptyFileHasNoBlock) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a.csv"), std::string_view("")).ok());
    EXPECT_EQ(text_of(scratch.file("a.csv")).value(), "");
}

TEST(TextSource, ReadsGzipOfSeveralMembersAndZstdOfSeveralFrames) {
    const Scratch scratch;
    const std::string text = lines(50);
    ASSERT_TRUE(write_whole(scratch.file("a"), gzip(text) + gzip(text)).ok());
    ASSERT_TRUE(write_whole(scratch.file("b"), zstd(text) + zstd(text)).ok());
    EXPECT_EQ(text_of(scratch.file("a")).value(), text + text);
    EXPECT_EQ(text_of(scratch.file("b")).value(), text + text);
    EXPECT_EQ(head_of(scratch.file("a"), 10).value(), text.substr(0, 10));
}

TEST(TextSource, ATruncatedOrDamagedFileIsAnErrorThatNamesIt) {
    const Scratch scratch;
    std::mt19937 random(7);
    std::string text;
    for (int i = 0; i < 3000; ++i) text += std::to_string(random()) + "\n";
    for (const std::string& packed : {gzip(text), zstd(text)})
        for (const std::size_t keep : {packed.size() - 1, packed.size() / 2, std::size_t{20}}) {
            ASSERT_TRUE(write_whole(scratch.file("cut.gz"), packed.substr(0, keep)).ok());
            const auto outcome = text_of(scratch.file("cut.gz"));
            ASSERT_FALSE(outcome.ok()) << keep;
            EXPECT_EQ(outcome.error().code, Code::input);
            EXPECT_EQ(outcome.error().where, scratch.file("cut.gz"));
        }
    std::string flipped = gzip(text);
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 4);
    ASSERT_TRUE(write_whole(scratch.file("bad.gz"), flipped).ok());
    EXPECT_FALSE(text_of(scratch.file("bad.gz")).ok());
}

TEST(TextSource, RefusesABomb) {
    const Scratch scratch;
    const std::string text(std::size_t{8} << 20, '\n');
    for (const std::string& packed : {gzip(text), zstd(text)}) {
        ASSERT_TRUE(write_whole(scratch.file("bomb"), packed).ok());
        const auto outcome = text_of(scratch.file("bomb"), {0, UINT64_MAX}, 1 << 20);
        ASSERT_FALSE(outcome.ok());
        EXPECT_NE(outcome.error().what.find("200 times"), std::string::npos);
    }
}

TEST(TextSource, RefusesALineWithoutEnd) {
    const Scratch scratch;
    ASSERT_TRUE(write_whole(scratch.file("a"), "short\n" + std::string(1000, 'x')).ok());
    EXPECT_FALSE(text_of(scratch.file("a")).ok());
    EXPECT_FALSE(text_of(scratch.file("a"), {20, UINT64_MAX}).ok());
}

TEST(TextSource, AMissingFileIsNamed) {
    const auto outcome = TextSource::open("/nowhere/a.csv");
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::input);
    EXPECT_EQ(outcome.error().where, "/nowhere/a.csv");
}

}  // namespace
}  // namespace meterveil::io
