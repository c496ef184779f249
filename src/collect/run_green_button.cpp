// Green Button Connect My Data: the pages of a subscription, each a file.
// Source: NAESB REQ.21 ESPI; paging as in RFC 5005, section 3.

#include <fmt/format.h>

#include <algorithm>

#include "collect/listing.hpp"
#include "collect/names.hpp"
#include "collect/run_fetch.hpp"

namespace meterveil::collect {
namespace {

constexpr int max_pages = 100'000;  ///< of one window

/// The next page that a feed in a file names.
Result<std::string> next_page(const io::Path& path) {
    TRY(const io::File file, io::File::open(path, io::File::Mode::read));
    std::vector<std::byte> block(std::size_t{64} << 10);
    std::uint64_t offset = 0;
    return next_in_feed([&]() -> Result<std::string_view> {
        TRY(const std::size_t count, file.read_at(offset, block));
        offset += count;
        return std::string_view(reinterpret_cast<const char*>(block.data()), count);
    });
}

/// A stretch of publication time, and the URL that asks for it.
struct Window {
    std::string name, url;
};

/// Example: from 2013-01-01 until 2013-02-15 by 30 days gives the windows 2013-01-01 and 2013-01-31.
std::vector<Window> windows_of(const GreenButtonSource& what) {
    if (!what.from && !what.until) return {{"all", what.url}};
    std::vector<Window> windows;
    const auto stamp = [](model::Date date) { return escape_value(model::format_date(date) + "T00:00:00Z"); };
    const char* const joint = what.url.find('?') == std::string::npos ? "?" : "&";
    for (model::Date first = *what.from; first < *what.until;) {
        const model::Date last = what.window.count() == 0 ? *what.until : std::min(first + what.window, *what.until);
        windows.push_back(
            {model::format_date(first), fmt::format("{}{}published-min={}&published-max={}", what.url, joint, stamp(first), stamp(last))});
        first = last;
    }
    return windows;
}

Result<> follow(Visit& visit, Session& session, const Window& window) {
    std::set<std::string> seen;
    std::string url = window.url;
    for (int page = 1; !url.empty(); ++page) {
        if (page > max_pages || !seen.insert(url).second)
            return Error{Code::input, "the pages do not end", without_query(url), "the server names a page twice, or too many: ask its operator"};
        const std::string path = fmt::format("{}-{:05}.xml", window.name, page);
        std::string next;
        const auto look = [&](const io::Path& file) -> Result<> {
            TRY(next, next_page(file));
            return {};
        };
        TRY_DO(fetch_file(visit, session, {url, path, std::nullopt, "", "", look}));
        if (next.empty()) TRY_DO(look(visit.output.place(visit.source.name + "/" + path)));  // it was not fetched again
        if (next.empty()) return {};
        const std::string target = resolve(url, next);
        if (!is_same_origin(window.url, target))
            return Error{Code::input, fmt::format("a page leads elsewhere: {}", without_query(target)), without_query(url),
                         "only pages of the same host by https are followed: ask its operator"};
        url = target;
    }
    return {};
}

}  // namespace

Result<> visit_green_button(Visit& visit, const GreenButtonSource& what) {
    Session session(what.web, visit.secrets, visit.stop);
    for (const Window& window : windows_of(what)) TRY_DO(follow(visit, session, window));
    return {};
}

}  // namespace meterveil::collect
