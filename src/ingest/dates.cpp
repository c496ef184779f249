#include "ingest/dates.hpp"

#include <algorithm>
#include <chrono>
#include <string>

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

/// How months begin, in the languages of dates.hpp; a longer beginning stands before its own.
struct MonthName {
    std::string_view begins;
    int month;
};
constexpr MonthName month_names[] = {
    {"jan", 1}, {"gen", 1}, {"ene", 1}, {"feb", 2}, {"fev", 2}, {"f\xc3\xa9v", 2}, {"mrt", 3}, {"maa", 3}, {"m\xc3\xa4r", 3}, {"mag", 5}, {"mai", 5},
    {"may", 5}, {"mei", 5}, {"mar", 3}, {"apr", 4}, {"avr", 4}, {"abr", 4}, {"juin", 6}, {"juil", 7}, {"jun", 6}, {"giu", 6}, {"jul", 7}, {"lug", 7},
    {"aug", 8}, {"aou", 8}, {"ao\xc3\xbb", 8}, {"ago", 8}, {"sep", 9}, {"set", 9}, {"okt", 10}, {"oct", 10}, {"ott", 10}, {"out", 10}, {"nov", 11},
    {"dec", 12}, {"dez", 12}, {"d\xc3\xa9" "c", 12}, {"dic", 12}};

/// 1 .. 12 for the name of a month at the front, which is taken with its point; else 0.
int take_month_name(std::string_view& text) {
    const std::string word = lower(text.substr(0, 4));
    for (const MonthName& name : month_names) {
        if (!word.starts_with(name.begins)) continue;
        text.remove_prefix(name.begins.size());
        while (!text.empty() && (static_cast<unsigned char>(text[0]) >= 0x80 || (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'))) text.remove_prefix(1);
        if (text.starts_with(". ")) text.remove_prefix(1);
        return name.month;
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
    if (parts.mark != '-' && parts.mark != '/' && parts.mark != '.' && parts.mark != ' ') return std::nullopt;
    text.remove_prefix(1);
    if (parts.mark == '.' && text.starts_with(' ')) {  // "31. Januar 2013"
        parts.mark = ' ';
        text.remove_prefix(1);
    }
    parts.second = take_month_name(text);
    parts.has_month_name = parts.second != 0;
    if (!parts.has_month_name) {
        if (parts.mark == ' ') return std::nullopt;
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
    if (p.third_digits != 4 && (p.third_digits != 2 || p.mark == '-')) return std::nullopt;  // "13-01-31" begins with the year
    const int year = p.third_digits == 2 ? 2000 + p.third : p.third;
    const bool is_day_first = order == DateOrder::day_first || p.mark == '.';
    return is_day_first ? days_of(year, p.second, p.first) : days_of(year, p.first, p.second);
}

/// Takes "Jan 31, 2013" from the front.
std::optional<std::int64_t> take_american_day(std::string_view& text) {
    const int month = take_month_name(text);
    int day = 0, year = 0;
    if (month == 0 || !text.starts_with(' ')) return std::nullopt;
    text.remove_prefix(1);
    if (take_number(text, 2, day) == 0) return std::nullopt;
    if (text.starts_with(',')) text.remove_prefix(1);
    if (!text.starts_with(' ')) return std::nullopt;
    text.remove_prefix(1);
    return take_number(text, 4, year) == 4 ? days_of(year, month, day) : std::nullopt;
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
    if (!text.empty() && !is_digit(text[0])) return take_american_day(text);
    const auto parts = take_parts(text);
    return parts ? days_of(*parts, order) : std::nullopt;
}

/// Takes "h:mm[:ss[.000]]" and a half of the day, "AM" or "PM", from the front.
std::optional<std::int32_t> take_time_of_day(std::string_view& text) {
    int hour = 0, minute = 0, second = 0;
    if (take_number(text, 2, hour) == 0 || !text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
    if (take_number(text, 2, minute) != 2) return std::nullopt;
    if (text.starts_with(':')) {
        text.remove_prefix(1);
        if (take_number(text, 2, second) != 2) return std::nullopt;
        if (text.starts_with(".0")) text.remove_prefix(std::min(text.size(), text.find_first_not_of('0', 1)));
    }
    const std::string half = lower(text.substr(0, 5));
    const std::size_t at = half.starts_with(' ') ? 1 : 0;
    for (const char* const mark : {"am", "a.m.", "pm", "p.m."}) {
        const std::string_view rest = std::string_view(half).substr(std::min(at, half.size()));
        if (!rest.starts_with(mark)) continue;
        if (hour < 1 || hour > 12) return std::nullopt;
        hour = hour % 12 + (mark[0] == 'p' ? 12 : 0);
        text.remove_prefix(at + std::string_view(mark).size());
        break;
    }
    const std::int32_t seconds = hour * 3600 + minute * 60 + second;
    if (minute > 59 || second > 59 || seconds > 86400) return std::nullopt;
    return seconds;
}

}  // namespace

std::optional<std::int64_t> parse_day(std::string_view text, DateOrder order) {
    const auto day = take_day(text, order);
    return text.empty() ? day : std::nullopt;
}

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
    const auto seconds = take_time_of_day(text);
    return text.empty() ? seconds : std::nullopt;
}

std::optional<std::int32_t> parse_zone(std::string_view text) {
    struct Zone {
        std::string_view name;
        std::int32_t hours;
    };
    static constexpr Zone zones[] = {{"z", 0}, {"utc", 0}, {"gmt", 0}, {"wet", 0}, {"bst", 1}, {"west", 1}, {"cet", 1}, {"mez", 1}, {"cest", 2}, {"mesz", 2}, {"eet", 2}, {"eest", 3},
                                     {"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}, {"jst", 9}, {"aest", 10}, {"aedt", 11},
                                     {"nzst", 12}, {"nzdt", 13}};
    const std::string word = lower(text);
    for (const Zone& zone : zones)
        if (word == zone.name) return zone.hours * 3600;
    if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    text.remove_prefix(1);
    if (take_number(text, 2, hours) != 2) return std::nullopt;
    if (text.starts_with(':')) text.remove_prefix(1);
    if (!text.empty() && take_number(text, 2, minutes) != 2) return std::nullopt;
    if (!text.empty() || hours > 14 || minutes > 59) return std::nullopt;
    return sign * (hours * 3600 + minutes * 60);
}

std::optional<Stamp> parse_day_and_time(std::string_view text, DateOrder order) {
    if (const auto stamp = parse_stamp(text)) return stamp;
    const auto day = take_day(text, order);
    if (!day) return std::nullopt;
    Stamp stamp{*day * 86400, std::nullopt};
    if (text.empty()) return stamp;
    if (text[0] != ' ' && text[0] != 'T') return std::nullopt;
    text.remove_prefix(1);
    const auto time = take_time_of_day(text);
    if (!time) return std::nullopt;
    stamp.wall_s += *time;
    if (text.empty()) return stamp;
    stamp.offset_s = parse_zone(text[0] == ' ' ? text.substr(1) : text);
    return stamp.offset_s ? std::optional(stamp) : std::nullopt;
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

bool has_two_orders(std::string_view date) {
    const auto parts = take_parts(date);
    return parts && parts->first_digits <= 2 && !parts->has_month_name && parts->mark != '.' && parts->first <= 12 && parts->second <= 12 && parts->first != parts->second;
}

std::optional<DateOrder> order_of_steps(const std::vector<std::string_view>& dates) {
    bool is_even[2] = {true, true};
    bool has_steps = false;
    for (const DateOrder order : {DateOrder::day_first, DateOrder::month_first}) {
        std::optional<std::int64_t> previous;
        for (const std::string_view text : dates) {
            std::string_view rest = text;
            const auto day = take_day(rest, order);
            if (!day) continue;
            const std::int64_t step = previous ? *day - *previous : 0;
            has_steps = has_steps || step != 0;
            if (step > 1 || step < -1) is_even[static_cast<int>(order)] = false;
            previous = day;
        }
    }
    if (!has_steps || is_even[0] == is_even[1]) return std::nullopt;
    return is_even[0] ? DateOrder::day_first : DateOrder::month_first;
}

}  // namespace meterveil::ingest
