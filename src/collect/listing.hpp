#pragma once
// What a source says it has: a manifest, a page of an Atom feed, a page of an S3 listing. Pure: text in, values out.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::collect {

/// A file that a manifest or listing names.
struct Listed {
    std::string path;
    std::optional<std::uint64_t> bytes;
    std::string sha256;  ///< 64 lower-case hex digits; of a manifest only
    std::string etag;    ///< of an S3 listing only, with its quotes
};

/// SHA256SUMS as sha256sum writes it, or JSON: {"files": [{"path", "bytes", "sha256"}]}. Paths are checked.
/// @errors input: line or entry that cannot be read, a path that is no good, no file at all
Result<std::vector<Listed>> parse_manifest(const std::string& text);

/// Gives the next piece of a text; empty at its end.
using Pieces = std::function<Result<std::string_view>()>;

/// Reads a page of an Atom feed. @return the href of its link rel="next", as it stands there; empty if it is the last page
/// @errors input: not XML, not a feed, a document type declaration, two different next pages
Result<std::string> next_in_feed(const Pieces& pieces);

/// A page of ListObjectsV2.
struct BucketPage {
    std::vector<Listed> objects;  ///< path: the key
    std::string next_token;       ///< empty: the last page
};
/// @errors input: not XML, not a listing, a document type declaration
Result<BucketPage> parse_bucket_page(const std::string& text);

}  // namespace meterveil::collect
