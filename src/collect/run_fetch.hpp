#pragma once
// What the kinds share: files over HTTPS into the output, and the account of a source.

#include <functional>
#include <set>
#include <string>

#include "collect/run_output.hpp"
#include "collect/session.hpp"

namespace meterveil::collect {

/// A source while it is fetched.
struct Visit {
    const Source& source;
    const Secrets& secrets;
    const std::atomic<bool>& stop;
    Output& output;
    SourceReport& report;
    std::set<std::string> paths;  ///< NAME/... of all files that the source has, as far as it was seen
};

/// A file at a URL.
struct Remote {
    std::string url, path;               ///< path: below NAME/
    std::optional<std::uint64_t> bytes;
    std::string sha256, etag;            ///< empty: not known before
    /// Looks at the whole file before it gets its name; may be empty.
    std::function<Result<>(const io::Path&)> check;
};

/// Fetches it unless the output has it: by its SHA-256, by ETag and size of a listing, or because the server says so (304).
Result<> fetch_file(Visit& visit, Session& session, const Remote& remote);

/// Reads a file of the configuration that is no secret: a public key. @errors usage
Result<std::string> read_public(const std::string& path);

// One for each kind. What they have in `paths` when they return without error is all that the source has.
Result<> visit_folder(Visit& visit, const FolderSource& what);
Result<> visit_https(Visit& visit, const HttpsSource& what);
Result<> visit_green_button(Visit& visit, const GreenButtonSource& what);
Result<> visit_s3(Visit& visit, const S3Source& what);
Result<> visit_postgresql(Visit& visit, const PostgresqlSource& what);

}  // namespace meterveil::collect
