#include "meterveil/io/shard_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "io/chunk_codec.hpp"
#include "meterveil/exec/parallel.hpp"
#include "scratch.hpp"

namespace meterveil::io {
namespace {

using model::Channel;
using testing::Scratch;

struct Sample {
    ShardHeader header;
    std::vector<std::int32_t> import, export_;
};

Sample sample_of(std::size_t rows, std::uint32_t intervals, std::uint32_t seed) {
    std::mt19937 random(seed);
    Sample sample;
    sample.header.shard = 3;
    sample.header.axis.count = intervals;
    sample.header.has_channel[1] = true;
    for (std::size_t i = 0; i < rows; ++i) {
        model::ShardRow row;
        for (auto& byte : row.record.meter.value) byte = static_cast<std::byte>(random());
        for (auto& byte : row.record.subject.value) byte = static_cast<std::byte>(random());
        row.record.leaf = static_cast<std::uint32_t>(random() % 9);
        row.measured[0] = static_cast<std::uint32_t>(random() % intervals);
        row.filled[1] = static_cast<std::uint32_t>(random() % 5);
        row.takes_part[0] = random() % 2 == 0;
        sample.header.rows.push_back(row);
        for (std::uint32_t t = 0; t < intervals; ++t) {
            sample.import.push_back(static_cast<std::int32_t>(random() % 5000));
            sample.export_.push_back(random() % 10 == 0 ? model::missing_quanta : static_cast<std::int32_t>(random() % 100));
        }
    }
    return sample;
}

Result<> write(const Path& path, const Sample& sample) {
    return write_shard(path, sample.header, [&](Channel channel, std::uint32_t i) {
        const auto& all = channel == Channel::import ? sample.import : sample.export_;
        const std::size_t intervals = sample.header.axis.count;
        return std::span(all).subspan(i * intervals, intervals);
    });
}

TEST(ShardFile, GivesBackWhatWasWritten) {
    const Scratch scratch;
    for (const std::size_t rows : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{200}}) {
        const Sample sample = sample_of(rows, 96, 5);
        const auto path = scratch.file("shard.h5");
        ASSERT_TRUE(write(path, sample).ok());
        const ShardHeader header = open_shard(path).value();
        ASSERT_EQ(header.rows.size(), rows);
        EXPECT_EQ(header.axis, sample.header.axis);
        for (std::size_t i = 0; i < rows; ++i) {
            EXPECT_EQ(header.rows[i].record, sample.header.rows[i].record);
            EXPECT_EQ(header.rows[i].measured[0], sample.header.rows[i].measured[0]);
            EXPECT_EQ(header.rows[i].filled[1], sample.header.rows[i].filled[1]);
            EXPECT_EQ(header.rows[i].takes_part[0], sample.header.rows[i].takes_part[0]);
        }
        std::vector<std::int32_t> all(rows * 96);
        ASSERT_TRUE(read_rows(path, Channel::import, 0, static_cast<std::uint32_t>(rows), 96, all).ok());
        EXPECT_EQ(all, sample.import);
        ASSERT_TRUE(read_rows(path, Channel::export_, 0, static_cast<std::uint32_t>(rows), 96, all).ok());
        EXPECT_EQ(all, sample.export_);
    }
}

TEST(ShardFile, AnyRangeOfRowsCanBeReadFromManyThreads) {
    const Scratch scratch;
    const Sample sample = sample_of(150, 48, 6);
    ASSERT_TRUE(write(scratch.file("s.h5"), sample).ok());
    exec::for_each_index(150, [&](std::size_t first) {
        const auto last = static_cast<std::uint32_t>(std::min<std::size_t>(150, first + 70));
        std::vector<std::int32_t> part((last - first) * 48);
        ASSERT_TRUE(read_rows(scratch.file("s.h5"), Channel::import, static_cast<std::uint32_t>(first), last, 48, part).ok());
        ASSERT_TRUE(std::equal(part.begin(), part.end(), sample.import.begin() + static_cast<std::ptrdiff_t>(first * 48)));
    });
}

TEST(ShardFile, TheSameShardIsTheSameBytes) {
    const Scratch scratch;
    ASSERT_TRUE(write(scratch.file("a.h5"), sample_of(100, 48, 7)).ok());
    const auto once = sha256_of_file(scratch.file("a.h5")).value();
    ASSERT_TRUE(write(scratch.file("a.h5"), sample_of(100, 48, 7)).ok());
    EXPECT_EQ(sha256_of_file(scratch.file("a.h5")).value(), once);
}

TEST(ShardFile, ADamagedOrTruncatedShardIsRefusedByName) {
    const Scratch scratch;
    const auto path = scratch.file("s.h5");
    ASSERT_TRUE(write(path, sample_of(100, 48, 8)).ok());
    auto bytes = read_whole(path).value();
    const auto refused = [&](std::vector<std::byte> damaged) {
        const auto digest = read_text(path + ".sha256").value();
        EXPECT_TRUE(write_whole(path, damaged).ok());
        const auto outcome = open_shard(path);
        return !outcome.ok() && outcome.error().code == Code::storage && outcome.error().where == path;
    };
    auto flipped = bytes;
    flipped[flipped.size() / 2] ^= std::byte{1};
    EXPECT_TRUE(refused(flipped));
    EXPECT_TRUE(refused({bytes.begin(), bytes.begin() + 1000}));
    EXPECT_FALSE(refused(bytes));
}

TEST(ShardFile, AChangedBitOfTheReadingsIsNeverReadAsAnotherReading) {
    const Scratch scratch;
    const auto path = scratch.file("s.h5");
    const Sample sample = sample_of(70, 48, 10);
    ASSERT_TRUE(write(path, sample).ok());
    const auto bytes = read_whole(path).value();
    std::vector<std::int32_t> import(70 * 48);
    int refused = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 11) {
        auto damaged = bytes;
        damaged[at] ^= static_cast<std::byte>(1 << at % 8);
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(damaged.data()), static_cast<std::streamsize>(damaged.size()));
        if (!read_rows(path, Channel::import, 0, 70, 48, import).ok()) ++refused;
        else ASSERT_EQ(import, sample.import) << "byte " << at;
    }
    EXPECT_GT(refused, 50);
}

TEST(ShardFile, AShardWithoutMetersIsAFileToo) {
    const Scratch scratch;
    ASSERT_TRUE(write(scratch.file("s.h5"), sample_of(0, 48, 9)).ok());
    EXPECT_TRUE(open_shard(scratch.file("s.h5")).value().rows.empty());
}

TEST(ChunkCodec, RoundTripsAndRefusesDamage) {
    std::mt19937 random(11);
    std::vector<std::int32_t> values(1000), back(1000);
    for (auto& value : values) value = static_cast<std::int32_t>(random());
    auto bytes = encode_chunk(values);
    ASSERT_TRUE(decode_chunk(bytes, back).ok());
    EXPECT_EQ(back, values);
    bytes.pop_back();
    EXPECT_FALSE(decode_chunk(bytes, back).ok());
    EXPECT_FALSE(decode_chunk(encode_chunk(values), std::span(back).first(999)).ok());
}

}  // namespace
}  // namespace meterveil::io
