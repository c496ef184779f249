#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "meterveil/io/posix.hpp"

namespace meterveil::io {
namespace {

Error trouble(Code code, const char* action, const Path& path) {
    const int cause = errno;
    std::string hint = "check the path and its permissions";
    if (cause == ENOSPC || cause == EDQUOT) hint = "free some space, or choose another disk";
    return {code, fmt::format("cannot {}: {}", action, std::strerror(cause)), path.string(), hint};
}

int flags_of(File::Mode mode) {
    switch (mode) {
        case File::Mode::read: return O_RDONLY;
        case File::Mode::create_new: return O_WRONLY | O_CREAT | O_EXCL;
        case File::Mode::write_existing: return O_RDWR;
        case File::Mode::append: return O_WRONLY | O_CREAT | O_APPEND;
    }
    return O_RDONLY;
}

}  // namespace

Result<File> File::open(const Path& path, Mode mode) {
    const int descriptor = ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, 0600);
    if (descriptor < 0) return trouble(mode == Mode::read ? Code::input : Code::storage, "open", path);
    File file(descriptor, path);
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return trouble(Code::input, "open", path);
    }
    return file;
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> File::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return trouble(Code::storage, "write", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> File::write(std::string_view text) { return write(std::as_bytes(std::span(text))); }

Result<> File::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return trouble(Code::storage, "write", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
    std::size_t total = 0;
    while (total < bytes.size()) {
        const ssize_t count = ::pread(descriptor_, bytes.data() + total, bytes.size() - total, static_cast<off_t>(offset + total));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return trouble(Code::input, "read", path_);
        if (count == 0) break;
        total += static_cast<std::size_t>(count);
    }
    return total;
}

Result<std::uint64_t> File::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return trouble(Code::input, "read the size", path_);
    return static_cast<std::uint64_t>(status.st_size);
}

Result<> File::set_size(std::uint64_t bytes) {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) return trouble(Code::storage, "set the size", path_);
    return {};
}

Result<> File::sync() {
    if (::fsync(descriptor_) != 0) return trouble(Code::storage, "sync", path_);
    return {};
}

Result<> File::close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) return trouble(Code::storage, "close", path_);
    return {};
}

Result<std::vector<std::byte>> read_whole(const Path& path, std::uint64_t limit) {
    TRY(const File file, File::open(path, File::Mode::read));
    TRY(const std::uint64_t size, file.size());
    if (size > limit)
        return Error{Code::input, fmt::format("the file is too large: {} bytes, at most {}", size, limit), path.string(), "is it the right file?"};
    std::vector<std::byte> bytes(size);
    TRY(const std::size_t count, file.read_at(0, bytes));
    bytes.resize(count);
    return bytes;
}

Result<std::string> read_text(const Path& path, std::uint64_t limit) {
    TRY(const auto bytes, read_whole(path, limit));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace meterveil::io
