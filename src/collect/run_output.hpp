#pragma once
// The folder that files are fetched into: NAME/... of each source, manifest.json, and what a run keeps for itself.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "meterveil/collect/run.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::collect {

/// A file of the manifest.
struct Entry {
    std::string kind;
    std::uint64_t bytes = 0;
    std::string sha256, etag, last_modified;
    std::string fetched;  ///< UTC, ISO 8601
};

/// One run's hold on the folder. Nothing in it is reached through a link.
///   manifest.json    what is here, sorted by path
///   .lock            held by the run
///   .partial/        files under way, by the hash of their final path
///   .withdrawn/      files that the source no longer has
class Output {
public:
    /// Makes the folder, or takes one that an earlier run made. @errors usage: other files are in it; locked; storage
    static Result<Output> open(const std::string& folder);
    Output(Output&& other) noexcept;
    Output& operator=(Output&&) = delete;
    ~Output();

    /// The entry of `path` (NAME/...) if the file on disk is what the manifest says; null if not.
    /// @errors storage: a link or another thing that is no file is in its place
    Result<const Entry*> known(const std::string& path);
    /// Where a file is written before it is whole; the same for each run.
    [[nodiscard]] io::Path partial(const std::string& path) const;
    [[nodiscard]] io::Path place(const std::string& path) const { return folder_ / path; }
    /// Gives a file that is written and synced its name, over an older one.
    Result<> keep(const io::Path& partial, const std::string& path, Entry entry);
    /// The file is still the same: notes what the server said of it.
    void still(const std::string& path, const std::string& etag, const std::string& last_modified);
    /// Moves files of a source that are not in `paths` to .withdrawn/. @return how many
    Result<std::uint64_t> withdraw_others(const std::string& source, const std::set<std::string>& paths);
    /// Everything is whole: what earlier runs left under way is of no use any more.
    Result<> tidy();
    /// Writes the manifest, if anything changed.
    Result<> save();
    [[nodiscard]] std::string manifest_path() const { return (folder_ / "manifest.json").string(); }

private:
    Output(io::Path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
    Result<> prepare();
    Result<> load();
    /// Folders on the way to a file below one of ours: made, each a folder and no link.
    Result<> make_way(const io::Path& top, const std::string& path) const;

    io::Path folder_;
    int lock_ = -1;
    std::map<std::string, Entry> entries_;
    bool is_changed_ = false;
    std::chrono::steady_clock::time_point saved_{};
};

}  // namespace meterveil::collect
