#pragma once
// A file of blocks in custody, each compressed by zstd: written once by many ranks, read block by block.
// Layout, little-endian: 8 bytes "MVBLOCKS", number of blocks (8), then for each block its offset, packed bytes, bytes (8 each),
// then the packed blocks one after another.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::io {

/// Collective. Writes a new file; the same bytes on any number of ranks. Replaces an older file.
/// @param mine contents of this rank's blocks: block_of(num_blocks, ranks, rank)
/// @return SHA-256 of the list of the SHA-256 of all packed blocks, hex
/// @errors storage
Result<std::string> write_blocks(par::Comm& comm, const Path& path, std::uint64_t num_blocks, const std::vector<std::vector<std::byte>>& mine);

/// Local.
class BlockFile {
public:
    /// @errors storage: not such a file, or its table does not fit its size
    static Result<BlockFile> open(const Path& path);
    [[nodiscard]] std::uint64_t num_blocks() const { return blocks_.size(); }
    /// Bytes of a block. @errors storage: damaged
    [[nodiscard]] Result<std::vector<std::byte>> read(std::uint64_t block) const;
    /// SHA-256 of a packed block, hex. @errors storage
    [[nodiscard]] Result<std::string> block_digest(std::uint64_t block) const;
    /// What write_blocks returned. Reads the whole file. @errors storage
    [[nodiscard]] Result<std::string> digest() const;

private:
    struct Block {
        std::uint64_t offset = 0, packed_bytes = 0, bytes = 0;
    };
    BlockFile(File file, Path path, std::vector<Block> blocks) : file_(std::move(file)), path_(std::move(path)), blocks_(std::move(blocks)) {}
    [[nodiscard]] Result<std::vector<std::byte>> packed(std::uint64_t block) const;

    File file_;
    Path path_;
    std::vector<Block> blocks_;
    friend Result<std::string> write_blocks(par::Comm& comm, const Path& path, std::uint64_t num_blocks, const std::vector<std::vector<std::byte>>& mine);
};

}  // namespace meterveil::io
