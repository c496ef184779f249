#pragma once
// Instants are UTC. Local time exists in ingest and in calendar features only, through Calendar.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::model {

using Instant = std::chrono::sys_seconds;
using Date = std::chrono::sys_days;  ///< a local calendar date, zone-less

/// `count` consecutive half-open intervals of `length`; interval i starts at start + i * length.
struct Axis {
    Instant start{};
    std::chrono::seconds length{1800};
    std::uint32_t count = 0;

    [[nodiscard]] Instant at(std::uint32_t index) const { return start + length * std::int64_t{index}; }
    [[nodiscard]] Instant end() const { return at(count); }
    bool operator==(const Axis&) const = default;
};

/// A resolution of the release: bins that are unions of whole intervals of the axis.
/// `name` is the job's word: "30min", "1h", "1d", "month", "year".
struct Resolution {
    std::string name;
    std::vector<std::uint32_t> bounds;  ///< bin b covers intervals [bounds[b], bounds[b + 1]); size bins + 1
    [[nodiscard]] std::uint32_t num_bins() const { return bounds.empty() ? 0 : static_cast<std::uint32_t>(bounds.size() - 1); }
    bool operator==(const Resolution&) const = default;
};

/// Local wall time of an instant.
struct LocalTime {
    Date date{};
    std::int32_t second_of_day = 0;  ///< 0 .. 86399
    std::int32_t offset_s = 0;       ///< local minus UTC
};

/// What a wall-clock time means in a zone.
struct WallClock {
    enum class Kind { unique, ambiguous, nonexistent } kind = Kind::unique;
    Instant first{};   ///< the (earlier) instant; for nonexistent the instant of the jump
    Instant second{};  ///< the later instant when ambiguous, else equal to first
};

/// A time zone of the system's tz database, with its transitions over a span cached. Immutable
/// and thread-safe once made. The only user of the date library.
class Calendar {
public:
    /// @param zone IANA name, e.g. "Europe/London"; "UTC" always works
    /// @errors usage if the zone is unknown (hint: nearest name)
    static Result<Calendar> make(const std::string& zone);

    [[nodiscard]] const std::string& zone() const;
    [[nodiscard]] LocalTime to_local(Instant instant) const;
    /// @param local_seconds seconds since 1970-01-01 00:00 of the wall clock
    [[nodiscard]] WallClock from_local(std::int64_t local_seconds) const;
    /// First instant of a local date (midnight, or the jump where midnight does not exist).
    [[nodiscard]] Instant start_of(Date date) const;

private:
    struct State;
    std::shared_ptr<const State> state_;
};

/// The axis of a job: from local midnight of `from` to local midnight of `until`.
/// @errors usage if the span is empty, not a multiple of the interval, or over 2^24 intervals
Result<Axis> make_axis(const Calendar& calendar, Date from, Date until, std::chrono::seconds interval);

/// Parses "15min", "30min", "1h", "1d", "7d". @errors usage
Result<std::chrono::seconds> parse_duration(std::string_view text);

/// Bins of a resolution; days, months and years are local. Bins are clipped to the axis.
/// @errors usage if the word is unknown or bins would cut an interval
Result<Resolution> make_resolution(const Calendar& calendar, const Axis& axis, const std::string& name);

/// "2013-01-31" <-> Date. @errors usage
Result<Date> parse_date(std::string_view text);
std::string format_date(Date date);
/// "2013-01-31T23:30:00Z"
std::string format_instant(Instant instant);

}  // namespace meterveil::model
