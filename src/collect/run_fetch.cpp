#include "collect/run_fetch.hpp"

#include "collect/names.hpp"
#include "collect/run_partial.hpp"

namespace meterveil::collect {
namespace {

/// What the output has is what a listing names.
bool is_listed_so(const Entry& entry, const Remote& remote) {
    if (!remote.sha256.empty()) return entry.sha256 == remote.sha256;
    return !remote.etag.empty() && entry.etag == remote.etag && remote.bytes == entry.bytes;
}

/// So that the server answers 304 if it is still the same. Only of what was not listed: that is known to be another.
std::vector<std::string> conditions(const Entry* entry, const Remote& remote) {
    if (entry == nullptr || !remote.sha256.empty() || remote.bytes) return {};
    if (!entry->etag.empty()) return {"If-None-Match: " + entry->etag};
    if (!entry->last_modified.empty()) return {"If-Modified-Since: " + entry->last_modified};
    return {};
}

}  // namespace

Result<std::string> read_public(const std::string& path) {
    auto text = io::read_text(path, std::uint64_t{1} << 20);
    if (!text.ok()) text.error().code = Code::usage;
    return text;
}

Result<> fetch_file(Visit& visit, Session& session, const Remote& remote) {
    TRY_DO(going_on(visit.stop));
    const std::string path = visit.source.name + "/" + remote.path;
    TRY(const Entry* const known, visit.output.known(path));
    visit.paths.insert(path);
    if (known != nullptr && is_listed_so(*known, remote)) {
        ++visit.report.unchanged;
        return {};
    }
    TRY(const auto partial, Partial::open(visit.output.partial(path), remote.url, {remote.bytes, remote.sha256, visit.source.max_bytes}));
    const auto asked = conditions(known, remote);
    const auto reply = session.get(remote.url, *partial, asked);
    if (!reply.ok()) {
        TRY_DO(partial->set_aside());
        return reply.error();
    }
    if (reply.value().status == 304 && asked.empty())
        return Error{Code::input, "the server answers 304, and was not asked whether the file changed", without_query(remote.url),
                     "ask the operator of the server"};
    if (reply.value().status == 304) {
        partial->forget();
        visit.output.still(path, reply.value().etag.empty() ? known->etag : reply.value().etag, known->last_modified);
        ++visit.report.unchanged;
        return {};
    }
    const std::uint64_t bytes = partial->bytes_in_hand();
    auto digest = partial->finish();
    if (digest.ok() && remote.check)
        if (auto checked = remote.check(visit.output.partial(path)); !checked.ok()) digest = std::move(checked).error();
    if (!digest.ok()) {
        partial->forget();
        if (digest.error().where.empty()) digest.error().where = path;
        return std::move(digest).error();
    }
    TRY_DO(visit.output.keep(visit.output.partial(path), path,
                             {kind_of(visit.source), bytes, digest.value(), reply.value().etag, reply.value().last_modified, ""}));
    partial->forget();
    ++visit.report.fetched;
    visit.report.bytes += bytes;
    return {};
}

}  // namespace meterveil::collect
