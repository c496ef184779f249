#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "meterveil/config/sources.hpp"
#include "meterveil/core/nearest.hpp"
#include "section.hpp"

namespace meterveil::config {
namespace {

namespace fs = std::filesystem;
using namespace collect;

class Parser {
public:
    Parser(const std::string& path, Problems& problems) : folder_(fs::absolute(path).parent_path()), problems_(problems) {}

    std::vector<Source> parse(const toml::table& root) {
        Section file(&root, "", problems_);
        std::vector<Source> sources;
        for (Section& section : file.sections("source")) sources.push_back(parse_source(section));
        if (sources.empty()) file.missing("source", "say where files come from: [[source]]");
        file.finish();
        return sources;
    }

private:
    [[nodiscard]] std::string resolved(const std::string& path) const {
        return path.empty() ? "" : fs::absolute(folder_ / path).lexically_normal().string();
    }

    std::string required(Section& section, const char* key, const char* hint) {
        const auto value = section.text(key);
        if (section.node(key) == nullptr) section.missing(key, hint);
        else if (value && value->empty()) section.wrong(key, "is empty");
        return value.value_or("");
    }

    std::string required_path(Section& section, const char* key, const char* hint) { return resolved(required(section, key, hint)); }

    std::uint64_t size(Section& section, const char* key, std::uint64_t otherwise) {
        const auto text = section.text(key);
        const auto bytes = text ? parse_size(*text) : std::optional(otherwise);
        if (!bytes || (text && *bytes == 0)) section.wrong(key, "a size is wanted, e.g. \"10MiB\"");
        return bytes.value_or(otherwise);
    }

    std::uint64_t count(Section& section, const char* key, std::uint64_t otherwise, std::int64_t least, std::int64_t most) {
        const auto value = section.integer(key);
        if (value && (*value < least || *value > most)) section.wrong(key, fmt::format("from {} to {} is wanted", least, most));
        return value ? static_cast<std::uint64_t>(*value) : otherwise;
    }

    std::chrono::seconds duration(Section& section, const char* key, std::chrono::seconds otherwise, std::chrono::seconds most) {
        const auto text = section.text(key);
        if (!text) return otherwise;
        const auto value = model::parse_duration(*text);
        if (!value.ok()) section.wrong(key, value.error().what);
        else if (value.value() > most) section.wrong(key, fmt::format("{} s at most", most.count()));
        return value.ok() ? value.value() : otherwise;
    }

    SecretPlace secret(Section& section, const char* key) {
        if (const auto* node = section.node(key); node != nullptr && !node->is_table())
            section.wrong(key, "a secret never stands in this file: { fd = 4 } or { file = \"FILE\" } says where to read it");
        Section table = section.section(key);
        SecretPlace place;
        if (!table.is_there()) return place;
        place.descriptor = static_cast<int>(table.integer("fd").value_or(-1));
        place.file = resolved(table.text("file").value_or(""));
        if ((place.descriptor >= 0) == !place.file.empty()) section.wrong(key, "either fd, a descriptor from 0 on, or file is wanted");
        table.finish();
        return place;
    }

    SecretPlace required_secret(Section& section, const char* key) {
        if (section.node(key) == nullptr) section.missing(key, "where to read it: { fd = 4 } or { file = \"FILE\" }");
        return secret(section, key);
    }

    std::string one_of(Section& section, const char* key, const std::vector<std::string>& words) {
        const std::string word = section.text(key).value_or(words.front());
        if (std::find(words.begin(), words.end(), word) == words.end())
            section.wrong(key, fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "), did_you_mean(word, words)));
        return word;
    }

    std::optional<OAuth2> parse_oauth2(Section section) {
        if (!section.is_there()) return std::nullopt;
        OAuth2 oauth2;
        oauth2.token_url = required(section, "token_url", "where a token is asked for");
        oauth2.client_id = required(section, "client_id", "as the server knows this client");
        oauth2.client_secret = required_secret(section, "client_secret");
        oauth2.scope = section.text("scope").value_or("");
        oauth2.in_body = one_of(section, "client_auth", {"basic", "body"}) == "body";
        section.finish();
        return oauth2;
    }

    Web parse_web(Section& section) {
        Web web;
        web.ca = resolved(section.text("ca").value_or(""));
        web.pin = section.text("pin").value_or("");
        web.client_certificate = resolved(section.text("client_certificate").value_or(""));
        web.client_key = secret(section, "client_key");
        web.bearer = secret(section, "bearer");
        web.oauth2 = parse_oauth2(section.section("oauth2"));
        web.rate = size(section, "rate", web.rate);
        web.retries = static_cast<std::uint32_t>(count(section, "retries", web.retries, 0, 100));
        web.backoff = std::chrono::milliseconds(count(section, "backoff_ms", static_cast<std::uint64_t>(web.backoff.count()), 1, 60000));
        web.connect_timeout = duration(section, "connect_timeout", web.connect_timeout, std::chrono::hours(1));
        web.stall_timeout = duration(section, "stall_timeout", web.stall_timeout, std::chrono::hours(1));
        return web;
    }

    Seal parse_seal(Section& section, const std::string& manifest) {
        Seal seal;
        seal.manifest = manifest;
        seal.signature = section.text("signature").value_or(manifest + ".sig");
        seal.public_key = required_path(section, "public_key", "PEM file of the Ed25519 key of whoever signs the manifest");
        return seal;
    }

    FolderSource parse_folder(Section& section) {
        FolderSource what;
        what.path = required_path(section, "path", "the folder to copy from");
        what.seal = parse_seal(section, section.text("manifest").value_or("SHA256SUMS"));
        return what;
    }

    HttpsSource parse_https(Section& section) {
        HttpsSource what;
        what.web = parse_web(section);
        what.urls = section.texts("urls").value_or(std::vector<std::string>());
        if (const auto manifest = section.text("manifest")) what.seal = parse_seal(section, *manifest);
        return what;
    }

    GreenButtonSource parse_green_button(Section& section) {
        GreenButtonSource what;
        what.web = parse_web(section);
        what.url = required(section, "url", "of the subscription");
        what.from = section.date("from");
        what.until = section.date("until");
        const auto window = duration(section, "window", std::chrono::seconds(0), std::chrono::days(3660));
        if (window % std::chrono::days(1) != std::chrono::seconds(0)) section.wrong("window", "whole days are wanted, e.g. \"30d\"");
        what.window = std::chrono::duration_cast<std::chrono::days>(window);
        return what;
    }

    S3Source parse_s3(Section& section) {
        S3Source what;
        what.web = parse_web(section);
        what.endpoint = required(section, "endpoint", "e.g. \"https://s3.eu-west-2.amazonaws.com\"");
        what.region = required(section, "region", "e.g. \"eu-west-2\"");
        what.bucket = required(section, "bucket", "the name of the bucket");
        what.prefix = section.text("prefix").value_or("");
        what.access_key_id = required(section, "access_key_id", "which key signs");
        what.secret_access_key = required_secret(section, "secret_access_key");
        what.session_token = secret(section, "session_token");
        return what;
    }

    PostgresqlSource parse_postgresql(Section& section) {
        PostgresqlSource what;
        what.host = required(section, "host", "name of the server, as its certificate has it");
        what.port = static_cast<std::uint16_t>(count(section, "port", what.port, 1, 65535));
        what.database = required(section, "database", "name of the database");
        what.user = required(section, "user", "a user who can do nothing but read");
        what.password = secret(section, "password");
        what.ca = resolved(section.text("ca").value_or(""));
        what.is_name_checked = one_of(section, "tls", {"verify-full", "verify-ca"}) == "verify-full";
        what.query = section.text("query").value_or("");
        what.table = section.text("table").value_or("");
        what.columns = section.texts("columns").value_or(std::vector<std::string>());
        what.file = section.text("file").value_or(what.file);
        what.max_rows = count(section, "max_rows", what.max_rows, 1, 1'000'000'000'000);
        what.timeout = duration(section, "timeout", what.timeout, std::chrono::hours(24));
        return what;
    }

    /// A name is that of a folder of the output, once.
    std::string parse_name(Section& section) {
        const std::string name = required(section, "name", "of the folder in the output");
        if (!name.empty() && (!is_name(name) || name == "manifest.json"))
            section.wrong("name", "a name of 1 to 64 letters, digits, '-', '_' and '.' is wanted");
        else if (!names_.insert(name).second) section.wrong("name", fmt::format("'{}' is there twice", name));
        return name;
    }

    Source parse_source(Section& section) {
        static const std::vector<std::string> kinds = {"folder", "https", "green-button-connect", "s3", "postgresql"};
        const std::string kind = required(section, "kind", "folder, https, green-button-connect, s3 or postgresql");
        Source source;
        source.name = parse_name(section);
        source.max_bytes = size(section, "max_bytes", source.max_bytes);
        if (kind == "folder") source.what = parse_folder(section);
        else if (kind == "https") source.what = parse_https(section);
        else if (kind == "green-button-connect") source.what = parse_green_button(section);
        else if (kind == "s3") source.what = parse_s3(section);
        else if (kind == "postgresql") source.what = parse_postgresql(section);
        else {
            if (!kind.empty()) section.wrong("kind", fmt::format("'{}' is none of {}{}", kind, fmt::join(kinds, ", "), did_you_mean(kind, kinds)));
            return source;  // which keys it may have is not known
        }
        section.finish();
        if (problems_.none())
            for (const Fault& fault : faults_in(source)) section.wrong(fault.key.c_str(), fault.why);
        return source;
    }

    fs::path folder_;
    Problems& problems_;
    std::set<std::string> names_;
};

}  // namespace

Result<std::vector<Source>> parse_sources(const std::string& text, const std::string& path) {
    std::vector<Source> sources;
    Problems problems;
    try {
        sources = Parser(path, problems).parse(toml::parse(text, path));
    } catch (const toml::parse_error& error) {
        problems.add(fmt::format("line {}: not TOML: {}", static_cast<unsigned>(error.source().begin.line), error.description()));
    }
    if (!problems.none()) return problems.error(path, "docs/fetch.md");
    return sources;
}

}  // namespace meterveil::config
