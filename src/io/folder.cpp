#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "meterveil/io/posix.hpp"

namespace meterveil::io {
namespace {

Error trouble(const std::string& action, const Path& path, int cause) {
    return {Code::storage, fmt::format("cannot {}: {}", action, std::strerror(cause)), path.string(), "check the path, its permissions and the free space"};
}

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

/// Removes a temporary file unless it was renamed.
struct Temporary {
    Path path;
    bool kept = false;
    ~Temporary() {
        if (!kept) ::unlink(path.c_str());
    }
};

}  // namespace

Result<> make_private_folder(const Path& path) {
    if (path.empty() || std::filesystem::is_directory(path)) return {};
    if (path.has_parent_path() && path.parent_path() != path) TRY_DO(make_private_folder(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return trouble("make the folder", path, errno);
    if (!std::filesystem::is_directory(path)) return trouble("make the folder", path, ENOTDIR);
    return {};
}

Result<> write_whole(const Path& path, std::span<const std::byte> bytes, unsigned mode) {
    Temporary temporary{folder_of(path) / fmt::format(".{}.{}.partial", path.filename().string(), ::getpid())};
    ::unlink(temporary.path.c_str());
    TRY(File file, File::open(temporary.path, File::Mode::create_new));
    TRY_DO(file.write(bytes));
    if (::chmod(temporary.path.c_str(), static_cast<mode_t>(mode)) != 0) return trouble("set the mode", temporary.path, errno);
    TRY_DO(file.sync());
    TRY_DO(file.close());
    if (::rename(temporary.path.c_str(), path.c_str()) != 0) return trouble("rename to its final name", path, errno);
    temporary.kept = true;
    return sync_folder(folder_of(path));
}

Result<> write_whole(const Path& path, std::string_view text, unsigned mode) {
    return write_whole(path, std::as_bytes(std::span(text)), mode);
}

Result<> sync_folder(const Path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return trouble("open the folder", folder, errno);
    const int status = ::fsync(descriptor), cause = errno;
    ::close(descriptor);
    if (status != 0 && cause != EINVAL) return trouble("sync the folder", folder, cause);
    return {};
}

Result<> rename_new(const Path& from, const Path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST || errno == ENOTEMPTY)
            return Error{Code::locked, "it exists already and is never altered", to.string(), "choose another name or folder, or move it away"};
        return trouble("rename to its final name", to, errno);
    }
    Result<> synced = sync_folder(folder_of(from));
    if (synced.ok()) synced = sync_folder(folder_of(to));
    if (!synced.ok()) ::renameat2(AT_FDCWD, to.c_str(), AT_FDCWD, from.c_str(), RENAME_NOREPLACE);  // not known to last: taken back
    return synced;
}

Result<std::uint64_t> free_bytes(const Path& path) {
    Path existing = std::filesystem::absolute(path);
    while (!std::filesystem::exists(existing) && existing.has_relative_path()) existing = existing.parent_path();
    struct statvfs status {};
    if (::statvfs(existing.c_str(), &status) != 0) return trouble("ask for the free space", existing, errno);
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

std::uint64_t peak_memory_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (std::uint64_t kib = 0; word == "VmHWM:" && status >> kib) return kib * 1024;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace meterveil::io
