#include "ingest/compact_time.hpp"

#include <algorithm>
#include <chrono>

namespace meterveil::ingest {
namespace {

/// @param text digits only
int number_at(std::string_view text, std::size_t begin, std::size_t width) {
    int value = 0;
    for (std::size_t i = begin; i < begin + width && i < text.size(); ++i) value = value * 10 + (text[i] - '0');
    return value;
}

}  // namespace

std::optional<std::int64_t> parse_compact(std::string_view digits) {
    if (digits.size() != 8 && digits.size() != 12 && digits.size() != 14) return std::nullopt;
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(number_at(digits, 0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number_at(digits, 4, 2))),
                                           std::chrono::day(static_cast<unsigned>(number_at(digits, 6, 2)))};
    const int hour = number_at(digits, 8, 2), minute = number_at(digits, 10, 2), second = number_at(digits, 12, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count() * 86400LL + hour * 3600 + minute * 60 + second;
}

std::uint32_t version_of(std::string_view digits) {
    const auto seconds = parse_compact(digits);
    return seconds && *seconds > 0 && *seconds <= UINT32_MAX ? static_cast<std::uint32_t>(*seconds) : 0;
}

}  // namespace meterveil::ingest
