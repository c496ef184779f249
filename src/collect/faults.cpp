// What is wrong with a source before anything is asked of it.

#include <fmt/format.h>

#include <algorithm>

#include "collect/http.hpp"
#include "collect/names.hpp"
#include "meterveil/collect/run.hpp"

namespace meterveil::collect {
namespace {

using Faults = std::vector<Fault>;

constexpr const char* https_wanted = "an https URL is wanted, without user and password in it";

bool is_word(const std::string& text, std::string_view others) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

/// "sha256//" and 44 characters of base64; several by ';'.
bool is_pin(std::string_view text) {
    constexpr std::string_view head = "sha256//";
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(';'));
        const bool fits =
            one.size() == head.size() + 44 && one.starts_with(head) && one.ends_with('=') && is_word(std::string(one.substr(head.size(), 43)), "+/");
        if (!fits) return false;
        text.remove_prefix(std::min(one.size() + 1, text.size()));
    }
    return true;
}

void look(const Web& web, Faults& faults) {
    if (!is_pin(web.pin)) faults.push_back({"pin", "sha256//BASE64 of the server's public key is wanted; several are joined by ';'"});
    if (web.client_certificate.empty() == web.client_key.is_there())
        faults.push_back({"client_key", "client_certificate and client_key are given together, or neither"});
    if (web.oauth2 && !is_plain_https(web.oauth2->token_url)) faults.push_back({"oauth2.token_url", https_wanted});
    if (web.oauth2 && web.bearer.is_there()) faults.push_back({"bearer", "either a token or oauth2, which asks for one"});
}

void look(const FolderSource& what, Faults& faults) {
    if (!fault_in_path(what.seal.manifest).empty()) faults.push_back({"manifest", "a file in the folder is wanted"});
    if (!fault_in_path(what.seal.signature).empty()) faults.push_back({"signature", "a file in the folder is wanted"});
}

void look(const HttpsSource& what, Faults& faults) {
    look(what.web, faults);
    if (what.urls.empty() == !what.seal) faults.push_back({"urls", "either urls or manifest is wanted"});
    if (what.seal && !is_plain_https(what.seal->manifest)) faults.push_back({"manifest", https_wanted});
    if (what.seal && !is_plain_https(what.seal->signature)) faults.push_back({"signature", https_wanted});
    std::vector<std::string> names;
    for (const std::string& url : what.urls) {
        if (!is_plain_https(url)) faults.push_back({"urls", https_wanted});
        names.push_back(name_in_url(url));
        if (names.back().find('/') != std::string::npos) faults.push_back({"urls", "the last part of a URL, which names the file, has a '/' in it"});
    }
    if (const auto checked = check_paths(names); !checked.ok())
        faults.push_back({"urls", fmt::format("the last part of a URL names the file: {} ('{}')", checked.error().what, checked.error().where)});
}

void look(const GreenButtonSource& what, Faults& faults) {
    look(what.web, faults);
    if (!is_plain_https(what.url) || what.url.find('#') != std::string::npos) faults.push_back({"url", https_wanted});
    if (what.from.has_value() != what.until.has_value()) faults.push_back({"until", "from and until are given together, or neither"});
    else if (what.from && *what.until <= *what.from) faults.push_back({"until", "is not after from"});
    if (what.window.count() > 0 && !what.from) faults.push_back({"window", "needs from and until"});
}

void look(const S3Source& what, Faults& faults) {
    look(what.web, faults);
    if (what.web.oauth2 || what.web.bearer.is_there()) faults.push_back({"bearer", "requests to a bucket are signed; there is no token"});
    if (!is_plain_https(what.endpoint) || what.endpoint.find_first_of("?#") != std::string::npos) faults.push_back({"endpoint", https_wanted});
    if (!is_word(what.region, "-")) faults.push_back({"region", "e.g. \"eu-west-2\""});
    if (!is_word(what.bucket, "-._") || !fault_in_path(what.bucket).empty()) faults.push_back({"bucket", "the name of a bucket is wanted"});
    if (!is_word(what.access_key_id, "-._")) faults.push_back({"access_key_id", "letters and digits are wanted"});
    if (!what.prefix.empty() && !fault_in_path(what.prefix + "x").empty())
        faults.push_back({"prefix", "the start of a key is wanted, e.g. \"readings/2013/\""});
}

void look(const PostgresqlSource& what, Faults& faults) {
    if (what.query.empty() == what.table.empty()) faults.push_back({"query", "either query, or table and columns, are wanted"});
    if (what.table.empty() != what.columns.empty()) faults.push_back({"columns", "table and columns are given together"});
    if (std::count(what.table.begin(), what.table.end(), '.') > 1) faults.push_back({"table", "TABLE or SCHEMA.TABLE is wanted"});
    if (what.query.find(';') != std::string::npos) faults.push_back({"query", "one statement is wanted, without ';'"});
    if (!fault_in_path(what.file).empty() || what.file.find('/') != std::string::npos) faults.push_back({"file", "the name of a file is wanted"});
}

}  // namespace

std::vector<Fault> faults_in(const Source& source) {
    Faults faults;
    std::visit([&](const auto& what) { look(what, faults); }, source.what);
    return faults;
}

}  // namespace meterveil::collect
