// URLs, or the files beside a signed manifest.

#include "collect/listing.hpp"
#include "collect/names.hpp"
#include "collect/run_fetch.hpp"
#include "collect/signature.hpp"

namespace meterveil::collect {
namespace {

constexpr std::size_t max_manifest_bytes = std::size_t{256} << 20;

Result<std::vector<Remote>> read_sealed(Session& session, const Seal& seal) {
    TRY(const std::string key, read_public(seal.public_key));
    TRY(const std::string manifest, session.get_text(seal.manifest, max_manifest_bytes));
    TRY(const std::string signature, session.get_text(seal.signature, 4096));
    auto checked = check_signature(manifest, signature, key);
    if (!checked.ok()) checked.error().where = checked.error().code == Code::usage ? seal.public_key : without_query(seal.manifest);
    TRY_DO(std::move(checked));
    TRY(const auto listed, parse_manifest(manifest));
    std::vector<Remote> files;
    for (const Listed& file : listed)
        files.push_back({resolve(seal.manifest, "./" + escape_path(file.path)), file.path, file.bytes, file.sha256, "", {}});
    return files;
}

std::vector<Remote> of_urls(const std::vector<std::string>& urls) {
    std::vector<Remote> files;
    for (const std::string& url : urls) files.push_back({url, name_in_url(url), std::nullopt, "", "", {}});
    return files;
}

}  // namespace

Result<> visit_https(Visit& visit, const HttpsSource& what) {
    Session session(what.web, visit.secrets, visit.stop);
    std::vector<Remote> files = of_urls(what.urls);
    if (what.seal) {
        TRY(files, read_sealed(session, *what.seal));
    }
    for (const Remote& file : files) TRY_DO(fetch_file(visit, session, file));
    return {};
}

}  // namespace meterveil::collect
