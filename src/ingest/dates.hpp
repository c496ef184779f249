#pragma once
// Days and times as exports of many countries write them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/timeline.hpp"

namespace meterveil::ingest {

/// What comes first in a date such as 03/04/2013.
enum class DateOrder : std::uint8_t { day_first, month_first };

/// Pure. Days since 1970-01-01 of "2013-01-31", "2013/1/31", "2013.01.31", "20130131", "31/01/2013", "31.1.2013", "31-01-2013",
/// "31-Jan-2013", "31-JAN-13"; and where `order` says so "01/31/2013". With dots the day is always first.
std::optional<std::int64_t> parse_day(std::string_view text, DateOrder order);

/// Pure. What parse_stamp takes, or a day as above and then a time "h:mm[:ss]", ' ' or 'T' between; "24:00" is the end of the day.
/// A day alone is its midnight.
std::optional<Stamp> parse_day_and_time(std::string_view text, DateOrder order);

/// Seconds after midnight of "0:30", "00:30", "00:30:00" or "24:00".
std::optional<std::int32_t> parse_time_of_day(std::string_view text);

/// The order that these dates (or dates and times) are written in; nothing: they could be either.
std::optional<DateOrder> order_of(const std::vector<std::string_view>& dates);

}  // namespace meterveil::ingest
