#include "ingest/timeline.hpp"

#include <chrono>

namespace meterveil::ingest {
namespace {

using model::Reason;

/// Reads fixed-width numbers and marks from the front of a text.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}
    bool number(int width, int& value) {
        if (text_.size() < static_cast<std::size_t>(width)) return false;
        value = 0;
        for (int i = 0; i < width; ++i) {
            const char c = text_[static_cast<std::size_t>(i)];
            if (c < '0' || c > '9') return false;
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(static_cast<std::size_t>(width));
        return true;
    }
    bool mark(char c) {
        if (text_.empty() || text_[0] != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at_end() const { return text_.empty(); }

private:
    std::string_view text_;
};

std::optional<Stamp> parse_epoch(std::string_view text) {
    const std::size_t digits = text.size();
    if (digits != 10 && digits != 13) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (digits == 13 && value % 1000 != 0) return std::nullopt;
    return Stamp{digits == 13 ? value / 1000 : value, 0};
}

bool parse_seconds(Cursor& cursor, int& second) {
    if (!cursor.mark(':')) return true;
    if (!cursor.number(2, second)) return false;
    if (!cursor.mark('.')) return true;
    if (!cursor.mark('0')) return false;
    while (cursor.mark('0')) {}
    return true;
}

bool parse_offset(Cursor& cursor, std::optional<std::int32_t>& offset_s) {
    if (cursor.at_end()) return true;
    if (cursor.mark('Z')) {
        offset_s = 0;
        return cursor.at_end();
    }
    const int sign = cursor.mark('-') ? -1 : 1;
    int hours = 0, minutes = 0;
    if (sign == 1 && !cursor.mark('+')) return false;
    if (!cursor.number(2, hours)) return false;
    cursor.mark(':');
    if (!cursor.at_end() && !cursor.number(2, minutes)) return false;
    offset_s = sign * (hours * 3600 + minutes * 60);
    return cursor.at_end() && hours <= 14 && minutes < 60;
}

}  // namespace

std::optional<Stamp> parse_stamp(std::string_view text) {
    if (const auto epoch = parse_epoch(text)) return epoch;
    Cursor cursor(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    Stamp stamp;
    const bool is_read = cursor.number(4, year) && cursor.mark('-') && cursor.number(2, month) && cursor.mark('-') && cursor.number(2, day) &&
                         (cursor.mark(' ') || cursor.mark('T')) && cursor.number(2, hour) && cursor.mark(':') && cursor.number(2, minute) &&
                         parse_seconds(cursor, second) && parse_offset(cursor, stamp.offset_s);
    if (!is_read || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    stamp.wall_s = std::chrono::sys_days(date).time_since_epoch().count() * 86400LL + hour * 3600 + minute * 60 + second;
    return stamp;
}

Timeline::Timeline(const Source& source, const model::Calendar& calendar, const model::Axis& axis)
    : clock_(source.clock), calendar_(calendar), axis_(axis), label_shift_s_(0) {
    if (source.label == Label::end) label_shift_s_ = source.interval_s > 0 ? source.interval_s : axis.length.count();
}

Placed Timeline::on_axis(std::int64_t instant_s) const {
    const std::int64_t from_start = instant_s - axis_.start.time_since_epoch().count(), length = axis_.length.count();
    const std::int64_t rest = ((from_start % length) + length) % length;
    if (rest != 0) return Reason::bad_time;
    const std::int64_t interval = from_start / length;
    if (interval < 0 || interval >= axis_.count) return Reason::outside_period;
    return static_cast<std::uint32_t>(interval);
}

bool Timeline::is_unique(const Stamp& stamp) const {
    if (stamp.offset_s || clock_.kind != Clock::Kind::local) return true;
    return calendar_.from_local(stamp.wall_s).kind != model::WallClock::Kind::ambiguous;
}

std::optional<std::int64_t> Timeline::instant_s(const Stamp& stamp) const {
    if (stamp.offset_s) return stamp.wall_s - *stamp.offset_s;
    if (clock_.kind == Clock::Kind::utc) return stamp.wall_s;
    if (clock_.kind == Clock::Kind::fixed_offset) return stamp.wall_s - clock_.offset_s;
    const model::WallClock wall = calendar_.from_local(stamp.wall_s);
    if (wall.kind == model::WallClock::Kind::nonexistent) return std::nullopt;
    return wall.first.time_since_epoch().count();
}

std::optional<std::int64_t> Timeline::start_s(const Stamp& stamp, std::uint64_t who) {
    auto instant = instant_s(stamp);
    if (!instant) return std::nullopt;
    if (!is_unique(stamp)) {
        const std::uint64_t key = (who << 36) ^ static_cast<std::uint64_t>(stamp.wall_s);  // wall times are below 2^36
        if (!seen_.insert(key).second) instant = calendar_.from_local(stamp.wall_s).second.time_since_epoch().count();
    }
    return *instant - label_shift_s_;
}

Placed Timeline::place(const Stamp& stamp, std::uint64_t who) {
    const auto start = start_s(stamp, who);
    if (!start) return Reason::nonexistent_time;
    return on_axis(*start);
}

}  // namespace meterveil::ingest
