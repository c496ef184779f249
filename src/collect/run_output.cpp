#include "collect/run_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "collect/names.hpp"

namespace meterveil::collect {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds between_saves{1};

Error in_the_way(const io::Path& path, const char* what) {
    return {Code::storage, what, path.string(), "nothing is written through it: move it away"};
}

/// What is at a path itself, links not followed.
fs::file_type type_of(const io::Path& path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type();
}

Result<> make_folder(const io::Path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return Error{Code::storage, fmt::format("cannot make the folder: {}", std::strerror(errno)), path.string(),
                     "check the path, its permissions and the free space"};
    if (type_of(path) != fs::file_type::directory) return in_the_way(path, "a link or file is in the place of a folder");
    return {};
}

Result<> rename_over(const io::Path& from, const io::Path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        return Error{Code::storage, fmt::format("cannot rename to its final name: {}", std::strerror(errno)), to.string(),
                     "check the path, its permissions and the free space"};
    return io::sync_folder(to.parent_path());
}

std::string now() { return model::format_instant(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())); }

Json to_json(const std::string& path, const Entry& entry) {
    const std::string source = path.substr(0, path.find('/'));
    return {{"path", path}, {"source", source}, {"kind", entry.kind}, {"bytes", entry.bytes}, {"sha256", entry.sha256},
            {"etag", entry.etag}, {"last_modified", entry.last_modified}, {"fetched", entry.fetched}};
}

/// Opens the lock file and takes it. @return the descriptor
Result<int> take_lock(const io::Path& folder) {
    const io::Path path = folder / ".lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return Error{Code::storage, fmt::format("cannot open the lock: {}", std::strerror(errno)), path.string(),
                     "check the path and its permissions"};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    const int cause = errno;
    ::close(descriptor);
    if (cause == EWOULDBLOCK)
        return Error{Code::locked, "another fetch is writing into this folder", folder.string(), "wait for it, or choose another folder"};
    return Error{Code::storage, fmt::format("cannot lock the folder: {}", std::strerror(cause)), path.string(),
                 "choose a folder on another file system"};
}

/// Empty, or made by a run before.
bool is_ours(const io::Path& folder) { return fs::is_empty(folder) || type_of(folder / ".lock") == fs::file_type::regular; }

}  // namespace

Result<Output> Output::open(const std::string& folder) {
    const io::Path path = fs::absolute(folder).lexically_normal();
    TRY_DO(io::make_private_folder(path));
    if (!is_ours(path))
        return Error{Code::usage, "the folder holds files that were not fetched", path.string(),
                     "choose an empty folder, or one of an earlier fetch"};
    TRY(const int lock, take_lock(path));
    Output output(path, lock);
    TRY_DO(output.prepare());
    return output;
}

Output::Output(Output&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      entries_(std::move(other.entries_)),
      is_changed_(other.is_changed_),
      saved_(other.saved_) {}

Output::~Output() {
    if (lock_ >= 0) ::close(lock_);
}

Result<> Output::prepare() {
    for (const char* name : {".partial", ".withdrawn"}) TRY_DO(make_folder(folder_ / name));
    return load();
}

Result<> Output::load() {
    const io::Path path = folder_ / "manifest.json";
    if (type_of(path) == fs::file_type::not_found) return {};
    if (type_of(path) != fs::file_type::regular) return in_the_way(path, "the manifest is no file");
    TRY(const std::string text, io::of_storage(io::read_text(path)));
    const auto document = Json::parse(text, nullptr, false);
    try {
        for (const Json& file : document.at("files")) {
            const std::string name = file.at("path");
            if (fault_in_path(name).empty())
                entries_[name] = {file.at("kind"), file.at("bytes"),         file.at("sha256"),
                                  file.at("etag"), file.at("last_modified"), file.at("fetched")};
        }
    } catch (const Json::exception&) {
        return Error{Code::storage, "the manifest of an earlier fetch cannot be read", path.string(), "remove it: everything is then fetched again"};
    }
    return {};
}

Result<> Output::make_way(const io::Path& top, const std::string& path) const {
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) TRY_DO(make_folder(top / path.substr(0, at)));
    return {};
}

Result<const Entry*> Output::known(const std::string& path) {
    TRY_DO(make_way(folder_, path));
    const io::Path file = place(path);
    const auto type = type_of(file);
    if (type != fs::file_type::regular && type != fs::file_type::not_found) return in_the_way(file, "a link or folder is in the place of a file");
    const auto entry = entries_.find(path);
    if (type == fs::file_type::not_found || entry == entries_.end() || fs::file_size(file) != entry->second.bytes)
        return static_cast<const Entry*>(nullptr);
    TRY(const std::string digest, io::of_storage(io::sha256_of_file(file)));
    return digest == entry->second.sha256 ? &entry->second : nullptr;
}

io::Path Output::partial(const std::string& path) const { return folder_ / ".partial" / io::sha256_hex(path).substr(0, 32); }

Result<> Output::keep(const io::Path& partial, const std::string& path, Entry entry) {
    TRY_DO(make_way(folder_, path));
    TRY_DO(rename_over(partial, place(path)));
    entry.fetched = now();
    entries_[path] = std::move(entry);
    is_changed_ = true;
    // A run that is killed fetches again what came after this: a second's worth.
    return std::chrono::steady_clock::now() - saved_ > between_saves ? save() : Result<>();
}

void Output::still(const std::string& path, const std::string& etag, const std::string& last_modified) {
    Entry& entry = entries_.at(path);
    if (entry.etag == etag && entry.last_modified == last_modified) return;
    entry.etag = etag;
    entry.last_modified = last_modified;
    is_changed_ = true;
}

Result<std::uint64_t> Output::withdraw_others(const std::string& source, const std::set<std::string>& paths) {
    std::uint64_t count = 0;
    for (auto entry = entries_.lower_bound(source + "/"); entry != entries_.end() && entry->first.starts_with(source + "/");) {
        if (paths.contains(entry->first)) {
            ++entry;
            continue;
        }
        TRY_DO(make_way(folder_, entry->first));
        if (type_of(place(entry->first)) == fs::file_type::regular) {
            TRY_DO(make_way(folder_ / ".withdrawn", entry->first));
            TRY_DO(rename_over(place(entry->first), folder_ / ".withdrawn" / entry->first));
        }
        entry = entries_.erase(entry);
        is_changed_ = true;
        ++count;
    }
    return count;
}

Result<> Output::tidy() {
    fs::remove_all(folder_ / ".partial");
    return make_folder(folder_ / ".partial");
}

Result<> Output::save() {
    if (!is_changed_) return {};
    Json files = Json::array();
    for (const auto& [path, entry] : entries_) files.push_back(to_json(path, entry));
    TRY_DO(io::write_whole(folder_ / "manifest.json", Json{{"version", 1}, {"files", std::move(files)}}.dump(1) + "\n"));
    is_changed_ = false;
    saved_ = std::chrono::steady_clock::now();
    return {};
}

}  // namespace meterveil::collect
