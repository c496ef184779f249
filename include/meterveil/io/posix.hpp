#pragma once
// Checked POSIX files: whole or absent, modes fixed, nothing trusted.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/core/result.hpp"

struct evp_md_ctx_st;  // of OpenSSL

namespace meterveil::io {

using Path = std::filesystem::path;

/// SHA-256 of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    void add(std::span<const std::byte> bytes);
    /// Lower-case hex. To be called once.
    std::string hex();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Lower-case hex SHA-256.
std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);
/// SHA-256 of a file, streamed. @errors input if it cannot be read
Result<std::string> sha256_of_file(const Path& path);

/// Makes a folder and its parents, mode 0700 (or tightens nothing that exists). @errors storage
Result<> make_private_folder(const Path& path);

/// Writes `path` as a whole: temporary name in the same folder, mode 0600, write, fsync, rename,
/// fsync of the folder. Replaces an older file. @errors storage (what failed, errno text, path)
Result<> write_whole(const Path& path, std::span<const std::byte> bytes, unsigned mode = 0600);
Result<> write_whole(const Path& path, std::string_view text, unsigned mode = 0600);

/// Reads a whole file. @errors input if missing or unreadable or over `limit` bytes
Result<std::vector<std::byte>> read_whole(const Path& path, std::uint64_t limit = std::uint64_t{1} << 32);
Result<std::string> read_text(const Path& path, std::uint64_t limit = std::uint64_t{1} << 32);

/// A file descriptor that closes itself. Every write is checked, EINTR and short writes handled.
class File {
public:
    enum class Mode { read, create_new, write_existing, append };
    /// create_new: O_CREAT | O_EXCL, 0600. @errors input (read) or storage (write)
    static Result<File> open(const Path& path, Mode mode);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();
    [[nodiscard]] Result<> write(std::span<const std::byte> bytes);
    [[nodiscard]] Result<> write(std::string_view text);
    [[nodiscard]] Result<> write_at(std::uint64_t offset, std::span<const std::byte> bytes);
    /// Reads up to bytes.size(); fewer only at the end of the file.
    [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> bytes) const;
    [[nodiscard]] Result<std::uint64_t> size() const;
    /// Cuts the file, or lengthens it by a hole.
    [[nodiscard]] Result<> set_size(std::uint64_t bytes);
    [[nodiscard]] Result<> sync();
    [[nodiscard]] Result<> close();

private:
    File(int descriptor, Path path) : descriptor_(descriptor), path_(std::move(path)) {}
    int descriptor_ = -1;
    Path path_;
};

/// Trouble in reading back a file that this program wrote is of the storage, not of the input.
template <class T>
Result<T> of_storage(Result<T> outcome) {
    if (!outcome.ok()) outcome.error().code = Code::storage;
    return outcome;
}

Result<> sync_folder(const Path& folder);
/// renameat2(RENAME_NOREPLACE) and fsync of both parents; taken back if they cannot be synced.
/// @errors storage; locked if `to` exists
Result<> rename_new(const Path& from, const Path& to);

/// Free bytes of the file system that holds `path` (or its nearest existing parent). @errors storage
Result<std::uint64_t> free_bytes(const Path& path);
/// Peak resident set of this process, bytes.
std::uint64_t peak_memory_bytes();

}  // namespace meterveil::io
