#include "meterveil/io/block_file.hpp"

#include <cstring>
#include <filesystem>

#include "io/chunk_codec.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::io {
namespace {

constexpr char magic[8] = {'M', 'V', 'B', 'L', 'O', 'C', 'K', 'S'};
constexpr std::uint64_t entry_bytes = 24, max_blocks = std::uint64_t{1} << 16;

std::uint64_t header_bytes(std::uint64_t num_blocks) { return 16 + entry_bytes * num_blocks; }

/// What a rank tells of each of its blocks. The record on the wire.
struct Packed {
    std::uint64_t packed_bytes = 0, bytes = 0;
    char digest[64] = {};
};

Error damaged(const Path& path) { return {Code::storage, "a file in custody is damaged", path.string(), "restore it from a backup"}; }

void append(std::vector<std::byte>& to, std::uint64_t number) {
    for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::byte>(number >> (8 * i)));
}

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
    return number;
}

}  // namespace

Result<std::string> write_blocks(par::Comm& comm, const Path& path, std::uint64_t num_blocks, const std::vector<std::vector<std::byte>>& mine) {
    std::vector<std::vector<std::byte>> packed(mine.size());
    exec::for_each_index(mine.size(), [&](std::size_t i) { packed[i] = compress(mine[i]); });
    std::vector<Packed> told;
    for (std::size_t i = 0; i < mine.size(); ++i) {
        Packed& block = told.emplace_back(Packed{packed[i].size(), mine[i].size(), {}});
        std::memcpy(block.digest, sha256_hex(packed[i]).data(), sizeof block.digest);
    }
    std::vector<BlockFile::Block> blocks;
    std::string digests;
    std::vector<std::byte> header(sizeof magic);
    std::memcpy(header.data(), magic, sizeof magic);
    append(header, num_blocks);
    std::uint64_t offset = header_bytes(num_blocks);
    for (const auto& part : par::all_gather(comm, told))
        for (const Packed& block : part) {
            blocks.push_back({offset, block.packed_bytes, block.bytes});
            for (const std::uint64_t number : {offset, block.packed_bytes, block.bytes}) append(header, number);
            digests.append(block.digest, sizeof block.digest);
            offset += block.packed_bytes;
        }
    const Path partial = path.string() + ".partial";
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        std::filesystem::remove(partial);
        TRY(File file, File::open(partial, File::Mode::create_new));
        TRY_DO(file.set_size(offset));
        TRY_DO(file.write_at(0, header));
        return file.close();
    }));
    const IndexRange owned = block_of(num_blocks, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        TRY(File file, File::open(partial, File::Mode::write_existing));
        for (std::size_t i = 0; i < packed.size(); ++i) TRY_DO(file.write_at(blocks[owned.first + i].offset, packed[i]));
        TRY_DO(file.sync());
        return file.close();
    }));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        std::filesystem::rename(partial, path);
        return sync_folder(path.parent_path());
    }));
    return sha256_hex(digests);
}

Result<BlockFile> BlockFile::open(const Path& path) {
    TRY(File file, of_storage(File::open(path, File::Mode::read)));
    TRY(const std::uint64_t size, of_storage(file.size()));
    std::vector<std::byte> start(16);
    TRY(const std::size_t count, of_storage(file.read_at(0, start)));
    if (count != start.size() || std::memcmp(start.data(), magic, sizeof magic) != 0) return damaged(path);
    const std::uint64_t num_blocks = number_at(start, 8);
    if (num_blocks > max_blocks || header_bytes(num_blocks) > size) return damaged(path);
    std::vector<std::byte> table(entry_bytes * num_blocks);
    TRY(const std::size_t table_bytes, of_storage(file.read_at(16, table)));
    if (table_bytes != table.size()) return damaged(path);
    std::vector<Block> blocks;
    std::uint64_t offset = header_bytes(num_blocks);
    for (std::uint64_t b = 0; b < num_blocks; ++b) {
        const Block block{number_at(table, b * entry_bytes), number_at(table, b * entry_bytes + 8), number_at(table, b * entry_bytes + 16)};
        if (block.offset != offset || block.packed_bytes > size - offset) return damaged(path);
        offset += block.packed_bytes;
        blocks.push_back(block);
    }
    if (offset != size) return damaged(path);
    return BlockFile(std::move(file), path, std::move(blocks));
}

Result<std::vector<std::byte>> BlockFile::packed(std::uint64_t block) const {
    std::vector<std::byte> bytes(blocks_.at(block).packed_bytes);
    TRY(const std::size_t count, of_storage(file_.read_at(blocks_[block].offset, bytes)));
    if (count != bytes.size()) return damaged(path_);
    return bytes;
}

Result<std::vector<std::byte>> BlockFile::read(std::uint64_t block) const {
    TRY(const auto from, packed(block));
    if (stated_size(from) != blocks_[block].bytes) return damaged(path_);
    std::vector<std::byte> bytes(blocks_[block].bytes);
    if (!decompress(from, bytes)) return damaged(path_);
    return bytes;
}

Result<std::string> BlockFile::block_digest(std::uint64_t block) const {
    TRY(const auto bytes, packed(block));
    return sha256_hex(bytes);
}

Result<std::string> BlockFile::digest() const {
    std::string digests;
    for (std::uint64_t b = 0; b < num_blocks(); ++b) {
        TRY(const std::string of_block, block_digest(b));
        digests += of_block;
    }
    return sha256_hex(digests);
}

}  // namespace meterveil::io
