#include "meterveil/io/block_file.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ranks.hpp"

namespace meterveil::io {
namespace {

using testing::on_ranks;

constexpr std::uint64_t num_blocks = 10;

/// Block b of the test: b * 100 bytes, some of them alike.
std::vector<std::byte> block(std::uint64_t b) {
    std::mt19937 random(static_cast<unsigned>(b));
    std::vector<std::byte> bytes(b * 100);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() % 4);
    return bytes;
}

std::string write(par::Comm& comm, const Path& path) {
    const IndexRange mine = block_of(num_blocks, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    std::vector<std::vector<std::byte>> blocks;
    for (std::uint64_t b = mine.first; b < mine.last; ++b) blocks.push_back(block(b));
    return write_blocks(comm, path, num_blocks, blocks).value();
}

TEST(BlockFile, GivesBackItsBlocksAndIsTheSameBytesOnAnyNumberOfRanks) {
    std::vector<std::byte> of_one_rank;
    on_ranks([&](par::Comm& comm) {
        const Path path = Path(testing::shared_folder(comm)) / "blocks";
        const std::string digest = write(comm, path);
        const auto file = BlockFile::open(path).value();
        ASSERT_EQ(file.num_blocks(), num_blocks);
        for (std::uint64_t b = 0; b < num_blocks; ++b) EXPECT_EQ(file.read(b).value(), block(b));
        EXPECT_EQ(file.digest().value(), digest);
        if (comm.rank() == 0) {
            const auto bytes = read_whole(path).value();
            if (of_one_rank.empty()) of_one_rank = bytes;
            EXPECT_EQ(bytes, of_one_rank);
        }
        comm.barrier();
    });
}

TEST(BlockFile, AnyByteThatIsChangedIsTold) {
    on_ranks([](par::Comm& comm) {
        const Path path = Path(testing::shared_folder(comm)) / "blocks";
        const std::string digest = write(comm, path);
        if (comm.rank() == 0) {
            const auto whole = read_whole(path).value();
            int told_by_a_block = 0;
            for (std::size_t at = 0; at < whole.size(); at += at < 256 ? 1 : 17) {
                auto changed = whole;
                changed[at] ^= std::byte{1};
                ASSERT_TRUE(write_whole(path, changed).ok());
                const auto file = BlockFile::open(path);
                bool is_told = !file.ok();
                for (std::uint64_t b = 0; !is_told && b < num_blocks; ++b) is_told = !file.value().read(b).ok();
                told_by_a_block += at >= 256 && file.ok() && is_told ? 1 : 0;  // behind the table: the packed blocks
                ASSERT_TRUE(is_told || file.value().digest().value() != digest) << at;
                if (!file.ok()) EXPECT_EQ(file.error().code, Code::storage);
            }
            EXPECT_GT(told_by_a_block, 20);
        }
        comm.barrier();
    });
}

TEST(BlockFile, AFileThatIsCutOrIsNoneIsRefusedByName) {
    on_ranks([](par::Comm& comm) {
        const Path path = Path(testing::shared_folder(comm)) / "blocks";
        write(comm, path);
        if (comm.rank() == 0) {
            const auto whole = read_whole(path).value();
            for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{20}, std::size_t{200}, whole.size() - 1}) {
                ASSERT_TRUE(write_whole(path, std::span(whole).first(size)).ok());
                const auto file = BlockFile::open(path);
                ASSERT_FALSE(file.ok()) << size;
                EXPECT_EQ(file.error().where, path.string());
            }
            auto longer = whole;
            longer.push_back(std::byte{0});
            ASSERT_TRUE(write_whole(path, longer).ok());
            EXPECT_FALSE(BlockFile::open(path).ok());
            EXPECT_EQ(BlockFile::open(path.string() + ".gone").error().code, Code::storage);
        }
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::io
