// A bucket: ListObjectsV2 page by page, then its objects. Requests are signed by libcurl (Signature Version 4).

#include <fmt/format.h>

#include "collect/listing.hpp"
#include "collect/names.hpp"
#include "collect/run_fetch.hpp"

namespace meterveil::collect {
namespace {

constexpr std::size_t max_page_bytes = std::size_t{16} << 20;  ///< 1000 keys of 1024 bytes, escaped
constexpr std::size_t max_objects = 10'000'000;

std::string bucket_url(const S3Source& what) {
    std::string endpoint = what.endpoint;
    while (endpoint.ends_with('/')) endpoint.pop_back();
    return endpoint + "/" + escape_path(what.bucket);
}

/// Names sorted and values escaped: libcurl signs the query as it stands.
std::string listing_url(const S3Source& what, const std::string& token) {
    std::string query = token.empty() ? "" : "continuation-token=" + escape_value(token) + "&";
    query += "list-type=2";
    if (!what.prefix.empty()) query += "&prefix=" + escape_value(what.prefix);
    return bucket_url(what) + "?" + query;
}

/// Objects below the prefix; "folders", which are empty objects with a name that ends in '/', are left out.
Result<std::vector<Listed>> list(const Visit& visit, Session& session, const S3Source& what) {
    std::vector<Listed> objects;
    std::string token;
    do {
        TRY_DO(going_on(visit.stop));
        TRY(const std::string text, session.get_text(listing_url(what, token), max_page_bytes));
        TRY(const BucketPage page, parse_bucket_page(text));
        for (const Listed& object : page.objects) {
            if (!object.path.starts_with(what.prefix))
                return Error{Code::input, "the listing has a key that was not asked for", printable(object.path), "look at what the server sends"};
            if (!object.path.ends_with('/')) objects.push_back(object);
        }
        if (objects.size() > max_objects || (!token.empty() && page.next_token == token))
            return Error{Code::input, "the listing does not end", without_query(bucket_url(what)),
                         fmt::format("narrow the prefix: {} objects at most", max_objects)};
        token = page.next_token;
    } while (!token.empty());
    return objects;
}

}  // namespace

Result<> visit_s3(Visit& visit, const S3Source& what) {
    Session session(what.web, visit.secrets, visit.stop);
    const Secret* const session_token = what.session_token.is_there() ? &visit.secrets.at(what.session_token) : nullptr;
    session.sign_with({Credentials::Kind::s3, what.access_key_id, &visit.secrets.at(what.secret_access_key), session_token, what.region});
    TRY(const auto objects, list(visit, session, what));
    std::vector<std::string> paths;
    for (const Listed& object : objects) paths.push_back(object.path);
    TRY_DO(check_paths(std::move(paths)));
    for (const Listed& object : objects)
        TRY_DO(fetch_file(visit, session, {bucket_url(what) + "/" + escape_path(object.path), object.path, object.bytes, "", object.etag, {}}));
    return {};
}

}  // namespace meterveil::collect
