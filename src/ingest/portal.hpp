#pragma once
// Tables of customer portals, apps and loggers: what their head says, and the decoder. docs/formats/portal-csv.md

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/dates.hpp"
#include "ingest/format.hpp"
#include "ingest/numbers.hpp"

namespace meterveil::ingest {

/// A column of readings.
struct PortalValue {
    std::size_t field = 0;
    model::Channel channel = model::Channel::import;
    bool says_channel = false;          ///< its name does
    EnergyUnit unit = EnergyUnit::kwh;  ///< where no column of units says another
    bool is_power = false, is_register = false;
    bool is_negated = false;                  ///< an export that is written as negative values
    std::optional<std::size_t> unit_field;    ///< its own column of units
    std::optional<std::size_t> length_field;  ///< its own column of lengths: "15min"
};

/// Columns of the time: an instant, a date or a range of instants; and a time of day, an hour or a range of times beside it.
struct PortalTime {
    std::optional<std::size_t> date, time, end_date, end_time;
};

struct PortalLayout {
    char delimiter = ',';
    std::string header;           ///< its line; empty: the table has none, and columns are "1", "2", ...
    std::set<std::string> notes;  ///< lines around the table, digits as '0': they may come again
    std::vector<std::string> names;
    PortalTime time;
    std::optional<DateOrder> order;     ///< none: no date of the head has two meanings
    bool is_order_told = true;          ///< false: they have, and nothing decides
    bool is_utc = false;                ///< by the name of the column
    bool says_end = false;              ///< the column is called the end, or its hours go from 1 to 24
    bool is_unit_in_direction = false;  ///< "Active Import Interval (kW)"
    std::optional<std::size_t> meter, device, register_name, direction, factor, quality, kind, summer;
    std::vector<PortalValue> values;
    NumberStyle style;
    std::string meter_above;         ///< id of the meter that stands above the table
    std::set<std::string> personal;  ///< kinds of personal data around the readings
    std::int64_t step_s = 0;         ///< of most rows; 0: not known
    bool is_descending = false;
    bool is_net = false;           ///< negative values are export
    bool blanks_are_zero = false;  ///< of the columns of tariffs each row fills one
    bool has_sums = false;         ///< rows of several registers add up to one reading
};

/// A layout and how sure it is.
struct PortalGuess {
    PortalLayout layout;
    Sniffed sniffed;
};

/// What the head of a file says. @param source what the job says of it
/// @errors usage: a key is needed, or names a column that is not there; input: not such a table
Result<PortalGuess> portal_layout_of(std::string_view head, const Source& source);

/// When a row's interval is, as written.
struct RowTimes {
    Stamp start;
    std::optional<Stamp> end;
};
/// Nothing if a cell of the time cannot be read, or has two meanings.
std::optional<RowTimes> read_times(const std::vector<std::string>& fields, const PortalLayout& layout);

/// A line with its digits as '0', so that lines that differ in a date are the same.
std::string masked(std::string_view line);

std::unique_ptr<Decoder> make_portal(PortalLayout layout, const DecodeOptions& options);

}  // namespace meterveil::ingest
