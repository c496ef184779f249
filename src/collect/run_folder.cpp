// A local folder with a signed manifest: exactly the files that it lists, copied and checked in one go.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "collect/listing.hpp"
#include "collect/names.hpp"
#include "collect/run_fetch.hpp"
#include "collect/signature.hpp"

namespace meterveil::collect {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t max_manifest_bytes = std::uint64_t{256} << 20;

Error bad_folder(const std::string& what, const io::Path& where, const std::string& hint = "nothing of the folder is taken: ask whoever made it") {
    return {Code::input, what, where.string(), hint};
}

/// The files that are there, by their paths below the folder. @errors input: a link or another thing that is no file
Result<std::set<std::string>> files_of(const io::Path& folder) {
    std::set<std::string> files;
    if (!fs::is_directory(folder)) return bad_folder("the source is no folder", folder, "check the path");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto type = entry.symlink_status().type();
        if (type == fs::file_type::directory) continue;
        const std::string name = entry.path().lexically_relative(folder).string();
        if (type != fs::file_type::regular) return bad_folder("the folder has a link or another thing that is no file", folder / printable(name));
        files.insert(name);
    }
    return files;
}

/// The signed list. @errors input
Result<std::vector<Listed>> read_listing(const FolderSource& what) {
    const io::Path folder = what.path;
    TRY(const std::string manifest, io::read_text(folder / what.seal.manifest, max_manifest_bytes));
    TRY(const std::string signature, io::read_text(folder / what.seal.signature, 4096));
    TRY(const std::string key, read_public(what.seal.public_key));
    auto checked = check_signature(manifest, signature, key);
    if (!checked.ok()) checked.error().where = checked.error().code == Code::usage ? what.seal.public_key : (folder / what.seal.manifest).string();
    TRY_DO(std::move(checked));
    auto listed = parse_manifest(manifest);
    if (!listed.ok() && listed.error().where.empty()) listed.error().where = (folder / what.seal.manifest).string();
    return listed;
}

/// Listed and there must be the same.
Result<> compare(const std::vector<Listed>& listed, std::set<std::string> there, const FolderSource& what) {
    there.erase(what.seal.manifest);
    there.erase(what.seal.signature);
    for (const Listed& file : listed)
        if (there.erase(file.path) == 0) return bad_folder("a file that the manifest lists is missing", io::Path(what.path) / file.path);
    if (!there.empty()) return bad_folder("a file that the manifest does not list", io::Path(what.path) / printable(*there.begin()));
    return {};
}

/// Reads through no link at the last part; those before were looked at, and the digest decides anyway.
class Reader {
public:
    explicit Reader(const io::Path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}
    ~Reader() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    /// @return bytes; 0: the end; negative: errno
    ssize_t read(std::span<std::byte> into) {
        for (;;)
            if (const ssize_t count = ::read(descriptor_, into.data(), into.size()); count >= 0 || errno != EINTR) return count;
    }

private:
    int descriptor_;
};

/// @return bytes copied
Result<std::uint64_t> copy(const Visit& visit, const io::Path& from, const io::Path& to, const Listed& listed) {
    Reader source(from);
    if (!source.is_open()) return bad_folder(fmt::format("cannot open: {}", std::strerror(errno)), from, "check its permissions");
    ::unlink(to.c_str());
    TRY(io::File file, io::File::open(to, io::File::Mode::create_new));
    std::vector<std::byte> block(std::size_t{1} << 20);
    io::Sha256 digest;
    std::uint64_t bytes = 0;
    for (;;) {
        TRY_DO(going_on(visit.stop));
        const ssize_t count = source.read(block);
        if (count < 0) return bad_folder(fmt::format("cannot read: {}", std::strerror(errno)), from, "check the disk");
        if (count == 0) break;
        const auto piece = std::span(block).first(static_cast<std::size_t>(count));
        bytes += piece.size();
        if (bytes > visit.source.max_bytes)
            return bad_folder(fmt::format("the file has more than {} bytes", visit.source.max_bytes), from,
                              "is it the right file? max_bytes of the source is the limit");
        digest.add(piece);
        TRY_DO(file.write(piece));
    }
    if (digest.hex() != listed.sha256 || (listed.bytes && *listed.bytes != bytes))
        return bad_folder("the file is not what the manifest lists: its SHA-256 or size is another", from,
                          "nothing of it is taken: copy it again, and ask whoever made it if it stays so");
    TRY_DO(file.sync());
    TRY_DO(file.close());
    return bytes;
}

Result<> take(Visit& visit, const io::Path& folder, const Listed& listed) {
    TRY_DO(going_on(visit.stop));
    const std::string path = visit.source.name + "/" + listed.path;
    TRY(const Entry* const known, visit.output.known(path));
    visit.paths.insert(path);
    if (known != nullptr && known->sha256 == listed.sha256) {
        ++visit.report.unchanged;
        return {};
    }
    const io::Path partial = visit.output.partial(path);
    const auto bytes = copy(visit, folder / listed.path, partial, listed);
    if (!bytes.ok()) {
        ::unlink(partial.c_str());
        return bytes.error();
    }
    ++visit.report.fetched;
    visit.report.bytes += bytes.value();
    return visit.output.keep(partial, path, {kind_of(visit.source), bytes.value(), listed.sha256, "", "", ""});
}

}  // namespace

Result<> visit_folder(Visit& visit, const FolderSource& what) {
    TRY(const auto listed, read_listing(what));
    TRY(auto there, files_of(what.path));
    TRY_DO(compare(listed, std::move(there), what));
    for (const Listed& file : listed) TRY_DO(take(visit, what.path, file));
    return {};
}

}  // namespace meterveil::collect
