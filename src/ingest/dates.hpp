#pragma once
// Days and times as exports of many countries write them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/timeline.hpp"

namespace meterveil::ingest {

/// Pure. Days since 1970-01-01 of "2013-01-31", "2013/1/31", "2013.01.31", "20130131", "31/01/2013", "31.1.2013", "31-01-2013",
/// "31/1/13", "31-Jan-2013", "31-JAN-13", "31 januari 2013", "Jan 31, 2013"; and where `order` says so "01/31/2013". With dots the day is
/// always first. Names of months are those of English, Dutch, German, French, Italian, Spanish and Portuguese.
std::optional<std::int64_t> parse_day(std::string_view text, DateOrder order);

/// Pure. What parse_stamp takes, or a day as above and then a time as below, ' ' or 'T' between; "24:00" is the end of the day. Behind it may
/// stand "Z", "+01:00" or the name of a zone ("CET", "CEST", "EDT"). A day alone is its midnight.
std::optional<Stamp> parse_day_and_time(std::string_view text, DateOrder order);

/// Seconds after midnight of "0:30", "00:30", "00:30:00", "24:00", "12:30 AM", "1:30pm".
std::optional<std::int32_t> parse_time_of_day(std::string_view text);

/// The order that these dates (or dates and times) are written in; nothing: they could be either.
std::optional<DateOrder> order_of(const std::vector<std::string_view>& dates);

/// The order in which these dates, in their own order, go on by a day at most from one to the next; nothing: both do, or none.
/// Example: 01/02/2013, 02/02/2013, 03/02/2013 are days of February, not the first of three months and the second of one.
std::optional<DateOrder> order_of_steps(const std::vector<std::string_view>& dates);

/// True for a date that reads both ways: 03/04/2013.
bool has_two_orders(std::string_view date);

/// Offset of "Z", "+01:00", "+0100" or a zone's name, local minus UTC.
std::optional<std::int32_t> parse_zone(std::string_view text);

}  // namespace meterveil::ingest
