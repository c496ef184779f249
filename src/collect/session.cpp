#include "collect/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "collect/backoff.hpp"
#include "collect/names.hpp"

namespace meterveil::collect {
namespace {

constexpr int max_redirects = 5;
constexpr std::chrono::seconds before_expiry{30};

Error trouble(const std::string& what, const std::string& url, const std::string& hint) { return {Code::input, what, without_query(url), hint}; }

/// Statuses that another attempt may not have. 202: a server of Green Button is still making the answer.
bool may_change(long status) {
    return status == 202 || status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_redirect(long status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

Error refused_by(const Outcome& outcome, const std::string& url) {
    const long status = outcome.reply.status;
    const char* hint = "ask the operator of the server";
    if (status == 401 || status == 403) hint = "check the credentials, and what they may read";
    if (status == 404 || status == 410) hint = "check the URL";
    return trouble(fmt::format("the server answers {}", status), url, hint);
}

/// A small body, kept whole. Wiped: it may hold a token.
class Body final : public Sink {
public:
    explicit Body(std::size_t limit) : limit_(limit) {}
    ~Body() override { wipe(text); }
    Result<> begin(const Reply& reply) override {
        text.clear();
        text.reserve(std::min<std::uint64_t>(reply.length.value_or(0), limit_));
        is_whole_ = reply.has_end();
        return is_whole_ ? Result<>()
                         : Error{Code::input, "the server does not say where its answer ends", "", "it must send Content-Length or chunks"};
    }
    Result<> take(std::span<const std::byte> bytes) override {
        if (bytes.size() > limit_ - text.size())
            return Error{Code::input, fmt::format("the answer has more than {} bytes", limit_), "", "is it the right URL?"};
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    }
    std::string text;

private:
    std::size_t limit_;
    bool is_whole_ = false;
};

/// The form of RFC 6749, section 4.4.2, in memory that is wiped. @return false if it does not fit
bool fill_form(Secret& form, const OAuth2& oauth2, const Secret& client_secret) {
    std::string text = "grant_type=client_credentials";
    if (!oauth2.scope.empty()) text += "&scope=" + escape_value(oauth2.scope);
    if (oauth2.in_body) {
        std::string escaped = escape_value(client_secret.text());
        text.reserve(text.size() + 2 * escaped.size() + 3 * oauth2.client_id.size() + 64);  // not copied as it grows
        text += "&client_id=" + escape_value(oauth2.client_id) + "&client_secret=";
        text += escaped;
        wipe(escaped);
    }
    const bool fits = form.assign(text);
    wipe(text);
    return fits;
}

/// Takes the token out of an answer. @return seconds it holds
Result<std::chrono::seconds> take_token(std::string& answer, Secret& token, const std::string& url) {
    auto document = nlohmann::json::parse(answer, nullptr, false);
    wipe(answer);
    const Error bad =
        trouble("the token endpoint does not answer with a token", url, "it must answer as RFC 6749, section 5.1, says, with token_type Bearer");
    if (!document.is_object() || !document.contains("access_token") || !document["access_token"].is_string()) return bad;
    auto& text = document["access_token"].get_ref<std::string&>();
    const bool fits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; }) && token.assign(text);
    wipe(text);
    const auto type = document.value("token_type", nlohmann::json("Bearer"));
    std::string word = type.is_string() ? type.get<std::string>() : "";
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!fits || word != "bearer") return bad;
    const auto seconds = document.value("expires_in", nlohmann::json(3600));
    return std::chrono::seconds(seconds.is_number() ? std::clamp<std::int64_t>(seconds.get<std::int64_t>(), 0, 86400) : 3600);
}

}  // namespace

Session::Session(const Web& web, const Secrets& secrets, const std::atomic<bool>& stop)
    : web_(web), secrets_(secrets), stop_(stop), client_(web, secrets, stop) {
    if (web.oauth2) token_client_.emplace(web, secrets, stop);
}

Result<> going_on(const std::atomic<bool>& stop) {
    if (!stop.load()) return {};
    return Error{Code::interrupted, "stopped on request", "", "run it again: what is whole is kept, the rest is resumed"};
}

Result<> Session::wait(Patience& patience, const Sink& sink, const Outcome& outcome, const std::string& url) {
    if (sink.bytes_in_hand() > patience.most_bytes) patience.failures = 0;
    patience.most_bytes = std::max(patience.most_bytes, sink.bytes_in_hand());
    const bool is_answer = outcome.kind == Outcome::Kind::done;
    const std::string what =
        is_answer ? fmt::format("the server answers {}", outcome.reply.status) : fmt::format("no whole answer: {}", printable(outcome.what));
    if (++patience.failures > web_.retries)
        return trouble(fmt::format("{}, {} times in a row", what, patience.failures), url,
                       "run it again later: what is whole is kept, the rest is resumed");
    const auto asked = is_answer ? outcome.reply.retry_after : std::chrono::seconds(0);
    if (asked > longest_retry_after)
        return trouble(fmt::format("{}, and asks to come back in {} s", what, asked.count()), url, "run it again then");
    const double draw = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto until = std::chrono::steady_clock::now() + backoff(patience.failures, web_.backoff, draw, asked);
    while (std::chrono::steady_clock::now() < until) {
        TRY_DO(going_on(stop_));
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(), std::chrono::milliseconds(50)));
    }
    return going_on(stop_);
}

Result<Reply> Session::exchange(Request request, Sink& sink, Patience& patience, bool may_redirect) {
    const std::string first = request.url;
    for (int redirects = 0;;) {
        TRY_DO(going_on(stop_));
        Outcome outcome = (request.form != nullptr ? *token_client_ : client_).exchange(request, sink);
        const Reply& reply = outcome.reply;
        switch (outcome.kind) {
            case Outcome::Kind::stopped: TRY_DO(going_on(stop_)); break;
            case Outcome::Kind::refused:
                return trouble(fmt::format("no connection that can be trusted: {}", printable(outcome.what)), request.url,
                               "check certificate, key, pin and ca of both sides");
            case Outcome::Kind::declined:
                if (outcome.error.where.empty()) outcome.error.where = without_query(request.url);
                return outcome.error;
            case Outcome::Kind::cut: TRY_DO(wait(patience, sink, outcome, request.url)); continue;
            case Outcome::Kind::done: break;
        }
        if (reply.status == 200 || reply.status == 206 || reply.status == 304 || reply.status == 401 || reply.status == 416) return reply;
        if (may_change(reply.status)) {
            TRY_DO(wait(patience, sink, outcome, request.url));
            request.url = first;
            redirects = 0;
            continue;
        }
        if (!is_redirect(reply.status) || !may_redirect) return refused_by(outcome, request.url);
        if (!is_same_origin(first, reply.redirect))
            return trouble(fmt::format("the server sends us elsewhere: {}", without_query(reply.redirect)), request.url,
                           "only the same host by https is followed: if it is right, name that URL");
        if (++redirects > max_redirects)
            return trouble(fmt::format("more than {} redirects", max_redirects), first, "name the URL that they lead to");
        request.url = reply.redirect;
    }
}

Result<> Session::renew_token() {
    const OAuth2& oauth2 = *web_.oauth2;
    const Secret& client_secret = secrets_.at(oauth2.client_secret);
    Secret form, escaped;
    bool fits = fill_form(form, oauth2, client_secret);
    Request request{oauth2.token_url, {"Accept: application/json"}, {}, &form};
    if (!oauth2.in_body) {  // RFC 6749, section 2.3.1: both are form-encoded before they are joined
        std::string text = escape_value(client_secret.text());
        fits = fits && escaped.assign(text);
        wipe(text);
        request.credentials = {Credentials::Kind::basic, escape_value(oauth2.client_id), &escaped, nullptr, ""};
    }
    if (!fits) return Error{Code::usage, "the client secret is too long", oauth2.client_secret.file, "is it the right file?"};
    Body body(std::size_t{1} << 20);
    Patience patience;
    TRY(const Reply reply, exchange(std::move(request), body, patience, false));
    if (reply.status != 200)
        return trouble(fmt::format("the token endpoint answers {}", reply.status), oauth2.token_url, "check client_id and client_secret");
    token_.emplace();
    TRY(const auto holds, take_token(body.text, *token_, oauth2.token_url));
    token_until_ = std::chrono::steady_clock::now() + holds - std::min<std::chrono::seconds>(before_expiry, holds / 2);
    return {};
}

Result<Credentials> Session::credentials() {
    if (own_) return *own_;
    if (web_.bearer.is_there()) return Credentials{Credentials::Kind::bearer, "", &secrets_.at(web_.bearer), nullptr, ""};
    if (!web_.oauth2) return Credentials{};
    if (!token_ || std::chrono::steady_clock::now() >= token_until_) TRY_DO(renew_token());
    return Credentials{Credentials::Kind::bearer, "", &*token_, nullptr, ""};
}

Result<Reply> Session::get(const std::string& url, Sink& sink, const std::vector<std::string>& headers) {
    Patience patience;
    std::optional<std::uint64_t> renewed_at;  // bytes in hand when the token was renewed: once is enough unless it went on since
    for (bool has_restarted = false;;) {
        TRY(const Credentials proof, credentials());
        TRY(const Reply reply, exchange({url, headers, proof, nullptr}, sink, patience, true));
        if (reply.status == 401 && web_.oauth2 && renewed_at != sink.bytes_in_hand()) {
            renewed_at = sink.bytes_in_hand();
            token_.reset();
            continue;
        }
        if (reply.status == 416 && !std::exchange(has_restarted, true)) {  // what is in hand is no beginning of what is there
            TRY_DO(sink.start_anew());
            continue;
        }
        if (reply.status == 401 || reply.status == 416) return refused_by({Outcome::Kind::done, reply, "", {}}, url);
        return reply;
    }
}

Result<std::string> Session::get_text(const std::string& url, std::size_t limit) {
    Body body(limit);
    TRY(const Reply reply, get(url, body));
    if (reply.status != 200)
        return trouble(fmt::format("the server answers {}", reply.status), url, "it was asked for all of it, without a condition");
    return body.text;
}

}  // namespace meterveil::collect
