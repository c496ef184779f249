#pragma once
// Time stamps of a file become intervals of the job's axis. Local clocks end here.

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <variant>

#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

/// A time stamp as it is written.
struct Stamp {
    std::int64_t wall_s = 0;                ///< seconds since 1970-01-01 00:00 of its clock
    std::optional<std::int32_t> offset_s;   ///< stated by the stamp itself: "Z", "+01:00", epoch seconds
};

/// Pure. "2013-01-31 23:30[:00[.000]]" with ' ' or 'T', an optional "Z" or "+hh:mm"; or epoch seconds (10 digits)
/// or milliseconds (13 digits). A fraction must be zero. Nothing for anything else.
std::optional<Stamp> parse_stamp(std::string_view text);

/// Interval of a stamp, or why it has none.
using Placed = std::variant<std::uint32_t, model::Reason>;

/// The clock of one source, for rows in file order.
class Timeline {
public:
    Timeline(const Source& source, const model::Calendar& calendar, const model::Axis& axis);

    /// @param who number of the meter within the file: of a doubled hour its first row is the earlier instant,
    ///   its second the later; only that case depends on earlier rows
    Placed place(const Stamp& stamp, std::uint64_t who);
    /// The same as the instant at which the interval starts; nothing: no such wall-clock time.
    std::optional<std::int64_t> start_s(const Stamp& stamp, std::uint64_t who);
    /// Instant of a stamp whose clock leaves no doubt; the earlier one of a doubled hour.
    [[nodiscard]] std::optional<std::int64_t> instant_s(const Stamp& stamp) const;
    /// True if `place` never depends on earlier rows: then ranges of a file can be read apart.
    [[nodiscard]] bool is_stateless() const { return clock_.kind != Clock::Kind::local; }
    /// True if this stamp's interval is the same for every meter and row.
    [[nodiscard]] bool is_unique(const Stamp& stamp) const;

private:
    [[nodiscard]] Placed on_axis(std::int64_t instant_s) const;

    Clock clock_;
    model::Calendar calendar_;
    model::Axis axis_;
    std::int64_t label_shift_s_;
    std::unordered_set<std::uint64_t> seen_;  ///< (who, doubled wall time) met once
};

}  // namespace meterveil::ingest
