#pragma once
// One HTTPS exchange at a time, by libcurl. Knows nothing of files, retries or what is fetched.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collect/secret.hpp"
#include "meterveil/collect/run.hpp"

namespace meterveil::collect {

/// What a server said before the body.
struct Reply {
    long status = 0;
    std::string etag, last_modified, content_range;
    std::optional<std::uint64_t> length;     ///< of the body of this reply
    bool is_chunked = false;
    std::string redirect;                    ///< absolute
    std::chrono::seconds retry_after{0};

    /// A reply without length may end anywhere.
    [[nodiscard]] bool has_end() const { return length.has_value() || is_chunked; }
};

/// Takes the body of a reply of status 200 or 206.
class Sink {
public:
    virtual ~Sink() = default;
    /// Headers of the next request, e.g. where to go on.
    virtual std::vector<std::string> headers() { return {}; }
    /// Before the first byte, also of an empty body.
    virtual Result<> begin(const Reply& reply) = 0;
    virtual Result<> take(std::span<const std::byte> bytes) = 0;
    /// The server has no such part of it: the next request is for all of it.
    virtual Result<> start_anew() { return {}; }
    /// Grows with what need not be fetched again.
    [[nodiscard]] virtual std::uint64_t bytes_in_hand() const { return 0; }
};

/// What a request proves itself with. Secrets are copied by libcurl into memory that it zeroises (http.cpp).
struct Credentials {
    enum class Kind { none, bearer, basic, s3 } kind = Kind::none;
    std::string user;                        ///< basic: client id; s3: access key id
    const Secret* secret = nullptr;
    const Secret* session_token = nullptr;   ///< s3
    std::string region;                      ///< s3
};

struct Request {
    std::string url;
    std::vector<std::string> headers;
    Credentials credentials;
    const Secret* form = nullptr;            ///< body of a POST, application/x-www-form-urlencoded
};

/// How an exchange ended.
struct Outcome {
    enum class Kind {
        done,      ///< a whole reply of any status
        cut,       ///< no connection, or it ended early: may go better later
        refused,   ///< it will end so again: certificate, protocol
        declined,  ///< the sink's error is in `error`
        stopped,   ///< the process is asked to end
    } kind = Kind::done;
    Reply reply;
    std::string what;
    Error error;
};

/// A connection that is kept between requests.
class Client {
public:
    /// @param secrets holds the client's key; must outlive the client
    Client(const Web& web, const Secrets& secrets, const std::atomic<bool>& stop);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Outcome exchange(const Request& request, Sink& sink);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True if both are https, on the same host and port. Pure.
bool is_same_origin(const std::string& a, const std::string& b);
/// Is this https with a host, and without user and password in it? Pure.
bool is_plain_https(const std::string& url);
/// What a link on a page means. Pure. @return empty if it means nothing
std::string resolve(const std::string& base, const std::string& href);

}  // namespace meterveil::collect
