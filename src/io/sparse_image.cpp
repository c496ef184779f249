#include "io/sparse_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace meterveil::io {
namespace {

constexpr std::size_t copy_block = std::size_t{1} << 18;

Error trouble(const char* action) {
    return {Code::storage, fmt::format("cannot {} a file in memory: {}", action, std::strerror(errno)), "", "raise the limits on memory and open files"};
}

}  // namespace

Result<SparseImage> SparseImage::make() {
    for (const Path& folder : {Path("/dev/shm"), std::filesystem::temp_directory_path()}) {
        std::string path = (folder / "meterveil-XXXXXX").string();
        if (const int descriptor = ::mkostemp(path.data(), O_CLOEXEC); descriptor >= 0) return SparseImage(descriptor, path);
    }
    return trouble("make");
}

SparseImage::SparseImage(SparseImage&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

SparseImage::~SparseImage() {
    if (descriptor_ < 0) return;
    forget_name();
    ::close(descriptor_);
}

void SparseImage::forget_name() {
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
}

Result<> SparseImage::copy_to(const Path& path) const {
    TRY(File file, File::open(path, File::Mode::create_new));
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return trouble("measure");
    std::vector<std::byte> block(copy_block);
    for (off_t first = 0; first < status.st_size;) {
        first = ::lseek(descriptor_, first, SEEK_DATA);
        if (first < 0 && errno == ENXIO) break;  // a hole up to the end
        const off_t last = first < 0 ? first : ::lseek(descriptor_, first, SEEK_HOLE);
        if (last < 0) return trouble("copy");
        for (ssize_t count = 0; first < last; first += count) {
            count = ::pread(descriptor_, block.data(), std::min<std::size_t>(block.size(), static_cast<std::size_t>(last - first)), first);
            if (count <= 0) return trouble("copy");
            TRY_DO(file.write_at(static_cast<std::uint64_t>(first), std::span(block).first(static_cast<std::size_t>(count))));
        }
    }
    TRY_DO(file.set_size(static_cast<std::uint64_t>(status.st_size)));
    TRY_DO(file.sync());
    return file.close();
}

}  // namespace meterveil::io
