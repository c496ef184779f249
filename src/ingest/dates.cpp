#include "ingest/dates.hpp"

#include <array>
#include <chrono>

#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes at most `width` digits from the front. @return how many
int take_number(std::string_view& text, int width, int& value) {
    int digits = 0;
    for (value = 0; digits < width && !text.empty() && is_digit(text[0]); ++digits) {
        value = value * 10 + (text[0] - '0');
        text.remove_prefix(1);
    }
    return digits;
}

/// 1 .. 12 for an English month's first three letters at the front, which are taken; else 0.
int take_month_name(std::string_view& text) {
    static constexpr std::array<std::string_view, 12> names = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    const std::string word = lower(text.substr(0, 3));
    for (std::size_t i = 0; i < names.size(); ++i)
        if (word == names[i]) {
            text.remove_prefix(3);
            return static_cast<int>(i) + 1;
        }
    return 0;
}

std::optional<std::int64_t> days_of(int year, int month, int day) {
    if (year < 1970 || year > 2100) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

/// Three parts with one mark between them, as they stand.
struct Parts {
    int first = 0, second = 0, third = 0;
    int first_digits = 0, third_digits = 0;
    bool has_month_name = false;
    char mark = 0;
};

/// Takes a date with marks from the front.
std::optional<Parts> take_parts(std::string_view& text) {
    Parts parts;
    parts.first_digits = take_number(text, 4, parts.first);
    if (parts.first_digits == 0 || text.empty()) return std::nullopt;
    parts.mark = text[0];
    if (parts.mark != '-' && parts.mark != '/' && parts.mark != '.') return std::nullopt;
    text.remove_prefix(1);
    parts.second = take_month_name(text);
    parts.has_month_name = parts.second != 0;
    if (!parts.has_month_name) {
        const int digits = take_number(text, 2, parts.second);
        if (digits == 0) return std::nullopt;
    }
    if (text.empty() || text[0] != parts.mark) return std::nullopt;
    text.remove_prefix(1);
    parts.third_digits = take_number(text, 4, parts.third);
    return parts;
}

std::optional<std::int64_t> days_of(const Parts& p, DateOrder order) {
    if (p.first_digits == 4) return p.third_digits == 1 || p.third_digits == 2 ? days_of(p.first, p.second, p.third) : std::nullopt;
    if (p.first_digits > 2) return std::nullopt;
    if (p.has_month_name) {
        if (p.third_digits == 2) return days_of(2000 + p.third, p.second, p.first);
        return p.third_digits == 4 ? days_of(p.third, p.second, p.first) : std::nullopt;
    }
    if (p.third_digits != 4) return std::nullopt;
    const bool is_day_first = order == DateOrder::day_first || p.mark == '.';
    return is_day_first ? days_of(p.third, p.second, p.first) : days_of(p.third, p.first, p.second);
}

/// Takes a date from the front.
std::optional<std::int64_t> take_day(std::string_view& text, DateOrder order) {
    if (text.size() >= 8 && text.find_first_not_of("0123456789") >= 8) {
        int year = 0, month = 0, day = 0;
        take_number(text, 4, year);
        take_number(text, 2, month);
        take_number(text, 2, day);
        return days_of(year, month, day);
    }
    const auto parts = take_parts(text);
    return parts ? days_of(*parts, order) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_day(std::string_view text, DateOrder order) {
    const auto day = take_day(text, order);
    return text.empty() ? day : std::nullopt;
}

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
    int hour = 0, minute = 0, second = 0;
    if (take_number(text, 2, hour) == 0 || !text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
    if (take_number(text, 2, minute) != 2) return std::nullopt;
    if (text.starts_with(':')) {
        text.remove_prefix(1);
        if (take_number(text, 2, second) != 2) return std::nullopt;
        if (text.starts_with(".0") && text.find_first_not_of('0', 1) == std::string_view::npos) text = {};
    }
    const std::int32_t seconds = hour * 3600 + minute * 60 + second;
    if (!text.empty() || minute > 59 || second > 59 || seconds > 86400) return std::nullopt;
    return seconds;
}

std::optional<Stamp> parse_day_and_time(std::string_view text, DateOrder order) {
    if (const auto stamp = parse_stamp(text)) return stamp;
    const auto day = take_day(text, order);
    if (!day) return std::nullopt;
    Stamp stamp{*day * 86400, std::nullopt};
    if (text.empty()) return stamp;
    if (text[0] != ' ' && text[0] != 'T') return std::nullopt;
    const auto time = parse_time_of_day(text.substr(1));
    if (!time) return std::nullopt;
    stamp.wall_s += *time;
    return stamp;
}

std::optional<DateOrder> order_of(const std::vector<std::string_view>& dates) {
    bool is_day_first = false, is_month_first = false;
    for (std::string_view text : dates) {
        const auto parts = take_parts(text);
        if (!parts || parts->first_digits > 2) continue;
        is_day_first = is_day_first || parts->first > 12 || parts->mark == '.' || parts->has_month_name;
        is_month_first = is_month_first || (!parts->has_month_name && parts->second > 12);
    }
    if (is_day_first == is_month_first) return std::nullopt;
    return is_day_first ? DateOrder::day_first : DateOrder::month_first;
}

}  // namespace meterveil::ingest
