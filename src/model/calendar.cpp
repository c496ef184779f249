#include <date/tz.h>

#include <algorithm>
#include <limits>

#include "meterveil/core/nearest.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::model {

/// Stretches of constant offset, ascending: stretch i holds from starts[i] on.
struct Calendar::State {
    std::string zone;
    std::vector<std::int64_t> starts;   ///< seconds since 1970, the first is the smallest possible
    std::vector<std::int32_t> offsets;  ///< local minus UTC
    [[nodiscard]] std::size_t stretch_at(std::int64_t utc) const {
        return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), utc) - starts.begin()) - 1;
    }
};

namespace {

constexpr int first_year = 1970, last_year = 2100;

std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
    return names;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

Result<Calendar> Calendar::make(const std::string& zone) {
    auto state = std::make_shared<State>();
    state->zone = zone;
    try {
        const auto* tz = date::locate_zone(zone);
        const date::sys_seconds last = date::sys_days(date::year(last_year) / 1 / 1);
        auto info = tz->get_info(date::sys_seconds(date::sys_days(date::year(first_year) / 1 / 1)));
        while (true) {
            const bool is_first = state->starts.empty();
            state->starts.push_back(is_first ? std::numeric_limits<std::int64_t>::min()
                                             : info.begin.time_since_epoch().count());
            state->offsets.push_back(static_cast<std::int32_t>(info.offset.count()));
            if (info.end >= last) break;
            info = tz->get_info(info.end);
        }
    } catch (const std::exception&) {
        std::vector<std::string> names;
        try {
            names = zone_names();
        } catch (const std::exception& e) {
            return Error{Code::usage, std::string("no time-zone database: ") + e.what(), "", "install the package tzdata"};
        }
        return Error{Code::usage, "unknown time zone '" + zone + "'" + did_you_mean(zone, names), "time_zone",
                     "use an IANA name, e.g. Europe/London"};
    }
    Calendar calendar;
    calendar.state_ = std::move(state);
    return calendar;
}

const std::string& Calendar::zone() const { return state_->zone; }

LocalTime Calendar::to_local(Instant instant) const {
    const std::int64_t utc = instant.time_since_epoch().count();
    const std::int32_t offset = state_->offsets[state_->stretch_at(utc)];
    const std::int64_t local = utc + offset;
    const std::int64_t day = floor_div(local, 86400);
    return {Date(std::chrono::days(day)), static_cast<std::int32_t>(local - day * 86400), offset};
}

WallClock Calendar::from_local(std::int64_t local_seconds) const {
    // The stretch before and the one after any change near this wall time are the only candidates.
    const std::size_t low = state_->stretch_at(local_seconds - 86400 * 2);
    std::vector<std::int64_t> found;
    std::int64_t jump = 0;
    for (std::size_t i = low; i < state_->starts.size() && found.size() < 2; ++i) {
        if (i > low && state_->starts[i] > local_seconds + 86400 * 2) break;
        const std::int64_t utc = local_seconds - state_->offsets[i];
        const std::int64_t end = i + 1 < state_->starts.size() ? state_->starts[i + 1] : std::numeric_limits<std::int64_t>::max();
        if (utc >= state_->starts[i] && utc < end) found.push_back(utc);
        if (i > low && state_->starts[i] + state_->offsets[i - 1] <= local_seconds) jump = state_->starts[i];
    }
    const auto at = [](std::int64_t s) { return Instant(std::chrono::seconds(s)); };
    if (found.empty()) return {WallClock::Kind::nonexistent, at(jump), at(jump)};
    return {found.size() == 2 ? WallClock::Kind::ambiguous : WallClock::Kind::unique, at(found.front()), at(found.back())};
}

Instant Calendar::start_of(Date date) const {
    return from_local(std::int64_t{date.time_since_epoch().count()} * 86400).first;
}

}  // namespace meterveil::model
