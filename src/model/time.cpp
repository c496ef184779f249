#include "meterveil/model/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace meterveil::model {
namespace {

Error usage(std::string what, std::string hint) { return {Code::usage, std::move(what), "", std::move(hint)}; }

bool to_int(std::string_view text, int& value) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() && !text.empty() && text[0] != '-';
}

enum class Step { day, month, year };

Date next_start(Date date, Step step) {
    const std::chrono::year_month_day ymd(date);
    switch (step) {
        case Step::day: return date + std::chrono::days(1);
        case Step::month: return std::chrono::sys_days((ymd.year() / ymd.month() + std::chrono::months(1)) / 1);
        case Step::year: return std::chrono::sys_days((ymd.year() + std::chrono::years(1)) / 1 / 1);
    }
    return date + std::chrono::days(1);
}

Result<Resolution> local_bins(const Calendar& calendar, const Axis& axis, const std::string& name, Step step) {
    Resolution resolution{name, {0}};
    for (Date date = next_start(calendar.to_local(axis.start).date, step);; date = next_start(date, step)) {
        const Instant start = calendar.start_of(date);
        if (start >= axis.end()) break;
        const auto offset = (start - axis.start).count();
        if (offset % axis.length.count() != 0)
            return usage(fmt::format("resolution '{}' would cut an interval: local midnight is not on the grid", name),
                         "choose an interval that divides the zone's offset");
        resolution.bounds.push_back(static_cast<std::uint32_t>(offset / axis.length.count()));
    }
    resolution.bounds.push_back(axis.count);
    return resolution;
}

Result<Resolution> equal_bins(const Axis& axis, const std::string& name, std::chrono::seconds length) {
    if (length < axis.length || length % axis.length != std::chrono::seconds(0))
        return usage(fmt::format("resolution '{}' is not a multiple of the interval", name), "use a multiple of it");
    const auto step = static_cast<std::uint32_t>(std::min<std::int64_t>(length / axis.length, axis.count));  // one bin at most: 32 bits hold it
    Resolution resolution{name, {}};
    for (std::uint32_t at = 0; at < axis.count; at += step) resolution.bounds.push_back(at);
    resolution.bounds.push_back(axis.count);
    return resolution;
}

}  // namespace

Result<Axis> make_axis(const Calendar& calendar, Date from, Date until, std::chrono::seconds interval) {
    if (until <= from) return usage("'until' is not after 'from'", "both are local dates; the span is half-open");
    if (interval.count() <= 0) return usage("the interval is not positive", "e.g. \"30min\"");
    const Instant start = calendar.start_of(from), end = calendar.start_of(until);
    const auto span = (end - start).count();
    if (span % interval.count() != 0)
        return usage("the span from 'from' to 'until' is not a whole number of intervals", "change the interval");
    if (span / interval.count() > (std::int64_t{1} << 24))
        return usage("more than 16,777,216 intervals in one job", "split the job by period");
    return Axis{start, interval, static_cast<std::uint32_t>(span / interval.count())};
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
    const auto unit_at = text.find_first_not_of("0123456789");
    int count = 0;
    if (unit_at != std::string_view::npos && text.size() < 12 && to_int(text.substr(0, unit_at), count) && count > 0) {
        const auto unit = text.substr(unit_at);
        if (unit == "s") return std::chrono::seconds(count);
        if (unit == "min") return std::chrono::seconds(std::int64_t{60} * count);
        if (unit == "h") return std::chrono::seconds(std::int64_t{3600} * count);
        if (unit == "d") return std::chrono::seconds(std::int64_t{86400} * count);
    }
    return usage(fmt::format("'{}' is not a duration", text), "e.g. \"15min\", \"30min\", \"1h\", \"1d\"");
}

Result<Resolution> make_resolution(const Calendar& calendar, const Axis& axis, const std::string& name) {
    if (name == "1d") return local_bins(calendar, axis, name, Step::day);
    if (name == "month") return local_bins(calendar, axis, name, Step::month);
    if (name == "year") return local_bins(calendar, axis, name, Step::year);
    auto length = parse_duration(name);
    if (!length.ok() || name.back() == 'd')
        return usage(fmt::format("unknown resolution '{}'", name), "use e.g. 15min, 30min, 1h, 1d, month, year");
    return equal_bins(axis, name, length.value());
}

Result<Date> parse_date(std::string_view text) {
    int year = 0, month = 0, day = 0;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-' && to_int(text.substr(0, 4), year) &&
        to_int(text.substr(5, 2), month) && to_int(text.substr(8, 2), day)) {
        const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                               std::chrono::day(static_cast<unsigned>(day))};
        if (date.ok()) return Date(date);
    }
    return usage(fmt::format("'{}' is not a date", text), "write YYYY-MM-DD");
}

std::string format_date(Date date) {
    const std::chrono::year_month_day ymd(date);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                       static_cast<unsigned>(ymd.day()));
}

std::string format_instant(Instant instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const auto second = (instant - day).count();
    return fmt::format("{}T{:02}:{:02}:{:02}Z", format_date(day), second / 3600, second / 60 % 60, second % 60);
}

}  // namespace meterveil::model
