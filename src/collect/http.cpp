#include "collect/http.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "meterveil/core/contract.hpp"

namespace meterveil::collect {
namespace {

constexpr long tls_1_2 = CURL_SSLVERSION_TLSv1_2;

// libcurl copies tokens and passwords. All that it frees is zeroised.
void wiping_free(void* block) {
    if (block != nullptr) OPENSSL_cleanse(block, ::malloc_usable_size(block));
    std::free(block);
}
void* wiping_realloc(void* block, std::size_t bytes) {
    void* const larger = std::malloc(bytes);
    if (larger == nullptr || block == nullptr) return larger;
    std::memcpy(larger, block, std::min(bytes, ::malloc_usable_size(block)));
    wiping_free(block);
    return larger;
}
char* copied(const char* text) { return ::strdup(text); }
void* zeroed(std::size_t count, std::size_t bytes) { return std::calloc(count, bytes); }
void* plain(std::size_t bytes) { return std::malloc(bytes); }

void start_curl() {
    static const CURLcode status = curl_global_init_mem(CURL_GLOBAL_DEFAULT, plain, wiping_free, wiping_realloc, copied, zeroed);
    EXPECTS(status == CURLE_OK);
}

struct UrlFree {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlFree>;

Url parse_url(const std::string& text) {
    Url url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
    return url;
}

std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (url == nullptr || curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
    std::string copy(text);
    curl_free(text);
    return copy;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string origin_of(const std::string& text) {
    const Url url = parse_url(text);
    return part_of(url, CURLUPART_SCHEME) + "://" + lower(part_of(url, CURLUPART_HOST)) + ":" + part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

/// Lines of a request; what held a secret is zeroised by libcurl's free.
class Lines {
public:
    void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
    [[nodiscard]] curl_slist* list() const { return list_; }
    Lines() = default;
    ~Lines() { curl_slist_free_all(list_); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

private:
    curl_slist* list_ = nullptr;
};

bool takes(std::string_view line, std::string_view name, std::string& value) {
    if (line.size() <= name.size() || line[name.size()] != ':' || lower(std::string(line.substr(0, name.size()))) != name) return false;
    line.remove_prefix(name.size() + 1);
    const std::size_t first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r\n");
    value = first == std::string_view::npos ? "" : std::string(line.substr(first, last + 1 - first));
    if (value.size() > 1024 ||
        std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F; }))
        value.clear();
    return true;
}

/// Failures that another attempt may not have.
Outcome::Kind kind_of(CURLcode code, std::string_view detail) {
    const bool is_alert = detail.find("alert") != std::string_view::npos;  // the server refuses us, e.g. without a certificate
    switch (code) {
        case CURLE_OK: return Outcome::Kind::done;
        case CURLE_COULDNT_RESOLVE_HOST: case CURLE_COULDNT_CONNECT: case CURLE_OPERATION_TIMEDOUT: case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR: case CURLE_RECV_ERROR: case CURLE_PARTIAL_FILE:
            return is_alert ? Outcome::Kind::refused : Outcome::Kind::cut;
        case CURLE_SSL_CONNECT_ERROR:
            return detail.find("SYSCALL") != std::string_view::npos || detail.find("reset") != std::string_view::npos ? Outcome::Kind::cut
                                                                                                                      : Outcome::Kind::refused;
        default: return Outcome::Kind::refused;
    }
}

}  // namespace

bool is_same_origin(const std::string& a, const std::string& b) { return is_plain_https(a) && is_plain_https(b) && origin_of(a) == origin_of(b); }

bool is_plain_https(const std::string& text) {
    const Url url = parse_url(text);
    return url != nullptr && part_of(url, CURLUPART_SCHEME) == "https" && part_of(url, CURLUPART_USER).empty() &&
           part_of(url, CURLUPART_PASSWORD).empty() && !part_of(url, CURLUPART_HOST).empty();
}

std::string resolve(const std::string& base, const std::string& href) {
    const Url url = parse_url(base);
    if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, href.c_str(), 0) != CURLUE_OK) return "";
    curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
    return part_of(url, CURLUPART_URL);
}

struct Client::State {
    State(const Web& web_, const Secrets& secrets_, const std::atomic<bool>& stop_) : web(web_), secrets(secrets_), stop(stop_) {
        start_curl();
        curl = curl_easy_init();
        EXPECTS(curl != nullptr);
    }
    ~State() { curl_easy_cleanup(curl); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    template <class Value>
    void set(CURLoption option, Value value) {
        static_assert(!std::is_enum_v<Value> && sizeof(Value) == sizeof(long), "libcurl reads a long or a pointer");
        EXPECTS(curl_easy_setopt(curl, option, value) == CURLE_OK);
    }

    void set_transport() {
        set(CURLOPT_PROTOCOLS_STR, "https");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_PROXY, "");  // not what the environment says
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_USERAGENT, "meterveil");
        set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(web.connect_timeout.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(web.stall_timeout.count()));
        if (web.rate == 0) return;
        set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(web.rate));
        set(CURLOPT_BUFFERSIZE,
            static_cast<long>(std::clamp<std::uint64_t>(web.rate / 256, 1024, 16384)));  // libcurl looks at the rate once in many buffers
    }

    void set_tls() {
        set(CURLOPT_SSLVERSION, tls_1_2);
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        if (!web.ca.empty()) {
            set(CURLOPT_CAINFO, web.ca.c_str());
            set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // none beside it
        }
        if (!web.pin.empty()) set(CURLOPT_PINNEDPUBLICKEY, web.pin.c_str());
        if (web.client_certificate.empty()) return;
        const std::string_view key = secrets.at(web.client_key).text();
        curl_blob blob{const_cast<char*>(key.data()), key.size(), CURL_BLOB_NOCOPY};  // libcurl reads only
        set(CURLOPT_SSLCERT, web.client_certificate.c_str());
        set(CURLOPT_SSLKEY_BLOB, &blob);
    }

    void set_credentials(const Credentials& credentials, Lines& lines) {
        switch (credentials.kind) {
            case Credentials::Kind::none: return;
            case Credentials::Kind::bearer:
                set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
                set(CURLOPT_XOAUTH2_BEARER, credentials.secret->c_str());
                return;
            case Credentials::Kind::basic:
                set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
                set(CURLOPT_USERNAME, credentials.user.c_str());
                set(CURLOPT_PASSWORD, credentials.secret->c_str());
                return;
            case Credentials::Kind::s3:
                set(CURLOPT_AWS_SIGV4, ("aws:amz:" + credentials.region + ":s3").c_str());
                set(CURLOPT_USERNAME, credentials.user.c_str());
                set(CURLOPT_PASSWORD, credentials.secret->c_str());
                // SHA-256 of no body: every request is a GET.
                lines.add("x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
                if (credentials.session_token == nullptr) return;
                std::string line = fmt::format("x-amz-security-token: {}", credentials.session_token->text());
                lines.add(line);
                wipe(line);
        }
    }

    void set_callbacks() {
        set(CURLOPT_ERRORBUFFER, detail.data());
        set(CURLOPT_HEADERFUNCTION, &State::on_header);
        set(CURLOPT_HEADERDATA, this);
        set(CURLOPT_WRITEFUNCTION, &State::on_body);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &State::on_progress);
        set(CURLOPT_XFERINFODATA, this);
    }

    // Called by C code that no exception may pass: out of memory ends the program.
    static std::size_t on_header(char* text, std::size_t, std::size_t bytes, void* self) noexcept {
        static_cast<State*>(self)->note_header({text, bytes});
        return bytes;
    }
    static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
        return static_cast<State*>(self)->take({reinterpret_cast<const std::byte*>(bytes), count}) ? count : 0;
    }
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
        return static_cast<State*>(self)->stop.load() ? 1 : 0;
    }

    void note_header(std::string_view line) {
        if (line.starts_with("HTTP/")) {
            reply = {};
            const std::size_t at = line.find(' ');
            if (at != std::string_view::npos) std::from_chars(line.data() + at + 1, line.data() + line.size(), reply.status);
            return;
        }
        std::string value;
        if (takes(line, "etag", reply.etag) || takes(line, "last-modified", reply.last_modified) || takes(line, "content-range", reply.content_range))
            return;
        if (takes(line, "transfer-encoding", value)) reply.is_chunked = lower(value).ends_with("chunked");
        if (!takes(line, "content-length", value)) return;
        std::uint64_t length = 0;
        const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (failure == std::errc() && end == value.data() + value.size()) reply.length = length;
    }

    [[nodiscard]] bool has_body() const { return reply.status == 200 || reply.status == 206; }

    bool begin() {
        if (has_begun) return true;
        has_begun = true;
        return keep(sink->begin(reply));
    }
    bool keep(const Result<>& outcome) {
        if (!outcome.ok()) error = outcome.error();
        return outcome.ok();
    }
    bool take(std::span<const std::byte> bytes) {
        if (has_body()) return begin() && keep(sink->take(bytes));
        skipped += bytes.size();  // of a message to a person
        return skipped <= std::size_t{1} << 20;
    }

    Outcome outcome_of(CURLcode code) {
        Outcome outcome;
        if (code == CURLE_OK && has_body()) begin();
        outcome.reply = reply;
        if (error) {
            outcome.kind = Outcome::Kind::declined;
            outcome.error = *error;
            return outcome;
        }
        if (stop.load()) {
            outcome.kind = Outcome::Kind::stopped;
            return outcome;
        }
        note_info(outcome.reply);
        outcome.kind = kind_of(code, detail.data());
        if (code == CURLE_OK) return outcome;
        // A message to a person that is too long to read says enough by its status.
        if (code == CURLE_WRITE_ERROR && !has_body() && reply.status != 0) outcome.kind = Outcome::Kind::done;
        outcome.what = detail[0] != '\0' ? detail.data() : curl_easy_strerror(code);
        return outcome;
    }

    void note_info(Reply& into) {
        curl_off_t seconds = 0;
        if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK) into.retry_after = std::chrono::seconds(seconds);
        char* url = nullptr;
        if (curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &url) == CURLE_OK && url != nullptr) into.redirect = url;
    }

    const Web& web;
    const Secrets& secrets;
    const std::atomic<bool>& stop;
    CURL* curl = nullptr;
    std::array<char, CURL_ERROR_SIZE> detail{};
    // Of the exchange under way:
    Sink* sink = nullptr;
    Reply reply;
    std::optional<Error> error;
    bool has_begun = false;
    std::size_t skipped = 0;
};

Client::Client(const Web& web, const Secrets& secrets, const std::atomic<bool>& stop) : state_(std::make_unique<State>(web, secrets, stop)) {}
Client::~Client() = default;

Outcome Client::exchange(const Request& request, Sink& sink) {
    State& state = *state_;
    curl_easy_reset(state.curl);  // keeps the connection
    state.sink = &sink;
    state.reply = {};
    state.error.reset();
    state.has_begun = false;
    state.skipped = 0;
    state.detail[0] = '\0';
    state.set_transport();
    state.set_tls();
    state.set_callbacks();
    Lines lines;
    for (const std::string& line : request.headers) lines.add(line);
    for (const std::string& line : sink.headers()) lines.add(line);
    state.set_credentials(request.credentials, lines);
    state.set(CURLOPT_URL, request.url.c_str());
    if (request.form != nullptr) state.set(CURLOPT_POSTFIELDS, request.form->c_str());
    state.set(CURLOPT_HTTPHEADER, lines.list());
    return state.outcome_of(curl_easy_perform(state.curl));
}

}  // namespace meterveil::collect
