#pragma once
// Acquisition: input files from where they are kept into one folder, checked, whole or absent. Runs on one node, before
// the job. docs/fetch.md

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::collect {

/// Where a secret is read from: an inherited descriptor, or a file that its owner alone can read. Neither: there is none.
struct SecretPlace {
    int descriptor = -1;
    std::string file;
    [[nodiscard]] bool is_there() const { return descriptor >= 0 || !file.empty(); }
    auto operator<=>(const SecretPlace&) const = default;
};

/// Client credentials grant. @source RFC 6749, section 4.4
struct OAuth2 {
    std::string token_url, client_id, scope;
    SecretPlace client_secret;
    bool in_body = false;               ///< the secret goes in the body, not in the header
};

/// Of every kind that speaks HTTPS.
struct Web {
    std::string ca;                     ///< PEM file; empty: the system's
    std::string pin;                    ///< of the server's public key, "sha256//BASE64"; several by ';'
    std::string client_certificate;     ///< PEM file
    SecretPlace client_key, bearer;
    std::optional<OAuth2> oauth2;
    std::uint64_t rate = 0;             ///< bytes a second; 0: as fast as it comes
    std::uint32_t retries = 8;          ///< in a row without a byte more
    std::chrono::milliseconds backoff{1000};  ///< before the first retry; doubles
    std::chrono::seconds connect_timeout{30}, stall_timeout{60};
};

/// A list of files with their SHA-256 that somebody signed with Ed25519.
struct Seal {
    std::string manifest, signature;    ///< file names in the folder, or URLs
    std::string public_key;             ///< PEM file
};

struct FolderSource {
    std::string path;
    Seal seal;
};

/// Either `urls` or a seal whose files lie beside the manifest.
struct HttpsSource {
    Web web;
    std::vector<std::string> urls;
    std::optional<Seal> seal;
};

struct GreenButtonSource {
    Web web;
    std::string url;                    ///< of a subscription, or of anything that answers with an Atom feed
    std::optional<model::Date> from, until;  ///< of publication, UTC, half-open
    std::chrono::days window{0};        ///< asked for at once; 0: all
};

struct S3Source {
    Web web;
    std::string endpoint, region, bucket, prefix, access_key_id;
    SecretPlace secret_access_key, session_token;
};

struct PostgresqlSource {
    std::string host, database, user, ca;
    std::uint16_t port = 5432;
    SecretPlace password;
    bool is_name_checked = true;        ///< verify-full; else verify-ca
    std::string query;                  ///< or:
    std::string table;                  ///< "customers" or "schema.customers"
    std::vector<std::string> columns;
    std::string file = "customers.csv";
    std::uint64_t max_rows = 100'000'000;
    std::chrono::seconds timeout{600};  ///< of connecting, and of one statement
};

/// One [[source]].
struct Source {
    std::string name;                   ///< of its folder in the output
    std::uint64_t max_bytes = std::uint64_t{64} << 30;  ///< of a file
    std::variant<FolderSource, HttpsSource, GreenButtonSource, S3Source, PostgresqlSource> what;
};

/// What cannot be fetched so, as far as the source itself tells; none if all is well. Pure.
struct Fault {
    std::string key, why;
};
std::vector<Fault> faults_in(const Source& source);

/// "folder", "https", "green-button-connect", "s3", "postgresql".
const char* kind_of(const Source& source);

/// What became of a source.
struct SourceReport {
    std::string name, kind;
    std::uint64_t fetched = 0, unchanged = 0, withdrawn = 0;  ///< files; withdrawn: no longer at the source, moved away
    std::uint64_t bytes = 0;            ///< of the files that were fetched
    std::optional<Error> error;
};

struct Report {
    std::string manifest;               ///< path of manifest.json
    std::vector<SourceReport> sources;  ///< in the order of the file, up to the one at which a run was stopped
};

/// Local: one process. Fetches what changed into `folder`/NAME/. A source that fails does not keep the others from being
/// fetched: its error is in the report. What is whole stays; what is not is resumed by the next run.
/// @param stop becomes true when the process is asked to end
/// @errors usage (a secret that others can read), storage, locked
Result<Report> run(const std::vector<Source>& sources, const std::string& folder, const std::atomic<bool>& stop);

}  // namespace meterveil::collect
