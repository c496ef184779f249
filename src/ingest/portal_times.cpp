// Times of a row of a portal's table, from one column up to four.

#include <array>
#include <charconv>

#include "ingest/fields.hpp"
#include "ingest/portal.hpp"
#include "ingest/portal_words.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::int64_t hour_s = 3600, day_s = 86400;

/// "from - to"
struct Range {
    std::string_view from, to;
};

std::optional<Range> range_of(std::string_view text) {
    for (const std::string_view mark : {" to ", " - ", " \xe2\x80\x93 ", " bis ", " tot ", " until ", "/", "-", "\xe2\x80\x93"}) {
        const std::size_t at = text.find(mark);
        if (at == std::string_view::npos) continue;
        const Range range{trimmed(text.substr(0, at)), trimmed(text.substr(at + mark.size()))};
        const bool is_loose = mark == "/" || mark == "-" || mark == "\xe2\x80\x93";  // these stand in dates as well
        const bool is_iso = mark == "/" && range.from.find('T') != std::string_view::npos;
        if (is_loose && !is_iso && !parse_time_of_day(range.from)) continue;
        return range;
    }
    return std::nullopt;
}

std::optional<Stamp> stamp_of(std::string_view text, std::optional<DateOrder> order) {
    text = without_formula(text);
    if (!order && has_two_orders(text)) return std::nullopt;
    return parse_day_and_time(text, order.value_or(DateOrder::day_first));
}

/// Seconds after midnight of a time of day, or of an hour's number: "1", "23.5", "24".
std::optional<std::int64_t> time_of(std::string_view text) {
    if (const auto time = parse_time_of_day(text)) return *time;
    const auto number = parse_decimal(text);
    if (!number || number->mantissa < 0 || number->exponent < -6 || number->exponent > 0) return std::nullopt;
    std::int64_t divisor = 1;
    for (int i = number->exponent; i < 0; ++i) divisor *= 10;
    if (number->mantissa > 24 * divisor || number->mantissa * hour_s % divisor != 0) return std::nullopt;
    return number->mantissa * hour_s / divisor;
}

/// A cell as a stamp, as far as it is one: a time of day alone belongs to `day`.
std::optional<Stamp> stamp_or_time(std::string_view text, const Stamp& day, std::optional<DateOrder> order) {
    if (const auto time = parse_time_of_day(text)) {
        Stamp stamp = day;
        stamp.wall_s = day.wall_s - (day.wall_s % day_s) + *time;
        return stamp;
    }
    return stamp_of(text, order);
}

class TimesOf {
public:
    TimesOf(const std::vector<std::string>& fields, const PortalLayout& layout) : fields_(fields), layout_(layout) {}

    std::optional<RowTimes> read() const {
        const std::string_view date = cell(layout_.time.date);
        RowTimes times;
        const auto stamp = stamp_of(date, layout_.order);
        if (!stamp) return read_range(date);
        times.start = *stamp;
        if (layout_.time.time && !read_time(cell(layout_.time.time), times)) return std::nullopt;
        if (!read_end(times)) return std::nullopt;
        return as_utc(times);
    }

private:
    [[nodiscard]] std::string_view cell(std::optional<std::size_t> field) const {
        return field && *field < fields_.size() ? std::string_view(fields_[*field]) : std::string_view{};
    }

    [[nodiscard]] std::optional<RowTimes> read_range(std::string_view text) const {
        const auto range = range_of(text);
        const auto from = range ? stamp_of(range->from, layout_.order) : std::nullopt;
        const auto to = from ? stamp_or_time(range->to, *from, layout_.order) : std::nullopt;
        return to ? std::optional(as_utc({*from, to})) : std::nullopt;
    }

    static bool read_time(std::string_view text, RowTimes& times) {
        const Stamp day = times.start;
        if (const auto time = time_of(text)) {
            times.start.wall_s += *time;
            return true;
        }
        const auto range = range_of(text);
        const auto from = range ? parse_time_of_day(range->from) : std::nullopt, to = range ? parse_time_of_day(range->to) : std::nullopt;
        if (!from || !to) return false;
        times.start.wall_s += *from;
        times.end = day;
        times.end->wall_s += *to;
        return true;
    }

    /// Columns of the end. A time alone is that of the day, or of the next one.
    [[nodiscard]] bool read_end(RowTimes& times) const {
        if (layout_.time.end_date) {
            times.end = stamp_of(cell(layout_.time.end_date), layout_.order);
            if (!times.end) return false;
        }
        if (!layout_.time.end_time) return true;
        const auto time = time_of(cell(layout_.time.end_time));
        if (!time) return false;
        if (!times.end) times.end = Stamp{times.start.wall_s - (times.start.wall_s % day_s), times.start.offset_s};
        times.end->wall_s += *time;
        return true;
    }

    [[nodiscard]] RowTimes as_utc(RowTimes times) const {
        if (layout_.is_utc && !times.start.offset_s) times.start.offset_s = 0;
        if (layout_.is_utc && times.end && !times.end->offset_s) times.end->offset_s = 0;
        return times;
    }

    const std::vector<std::string>& fields_;
    const PortalLayout& layout_;
};

}  // namespace

std::optional<RowTimes> read_times(const std::vector<std::string>& fields, const PortalLayout& layout) { return TimesOf(fields, layout).read(); }

}  // namespace meterveil::ingest
