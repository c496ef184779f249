#pragma once
// Exchanges with one server until they succeed: retries, redirects within the origin, tokens.

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "collect/http.hpp"

namespace meterveil::collect {

/// @errors interrupted: the process is asked to end
Result<> going_on(const std::atomic<bool>& stop);

class Session {
public:
    /// `web`, `secrets` and `stop` must outlive it.
    Session(const Web& web, const Secrets& secrets, const std::atomic<bool>& stop);

    /// For S3: every request is signed so.
    void sign_with(Credentials credentials) { own_ = std::move(credentials); }

    /// GET. A body goes to the sink; 304 (with a condition among `headers`) is an answer too.
    /// @errors input: refused by the server or by us, or failed `retries` times in a row without a byte more; interrupted;
    ///   those of the sink
    Result<Reply> get(const std::string& url, Sink& sink, const std::vector<std::string>& headers = {});
    /// GET of something small. @errors input also if it has more than `limit` bytes
    Result<std::string> get_text(const std::string& url, std::size_t limit);

private:
    /// Failures in a row.
    struct Patience {
        std::uint32_t failures = 0;
        std::uint64_t most_bytes = 0;
    };
    Result<Reply> exchange(Request request, Sink& sink, Patience& patience, bool may_redirect);
    Result<> wait(Patience& patience, const Sink& sink, const Outcome& outcome, const std::string& url);
    Result<Credentials> credentials();
    Result<> renew_token();

    const Web& web_;
    const Secrets& secrets_;
    const std::atomic<bool>& stop_;
    Client client_;
    std::optional<Client> token_client_;
    std::optional<Credentials> own_;
    std::optional<Secret> token_;
    std::chrono::steady_clock::time_point token_until_{};
    std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace meterveil::collect
