#pragma once
// Tables with many readings a row: what the header says, and the decoder. docs/formats/wide-csv.md

#include <optional>
#include <string>
#include <vector>

#include "ingest/dates.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {

/// What a row and a column of readings stand for.
enum class Shape : std::uint8_t {
    days,      ///< a row for each meter and day, a column for each time of day
    instants,  ///< a row for each meter, a column for each instant
    meters,    ///< a row for each instant, a column for each meter
};

/// A column of readings.
struct WideColumn {
    std::size_t field = 0;     ///< its place in the line
    Stamp start;               ///< days: wall_s seconds after midnight; instants: on the source's clock
    bool is_second = false;    ///< days: of the second pass of the doubled hour
    std::string meter;         ///< meters
};

struct WideLayout {
    Shape shape = Shape::days;
    char delimiter = ',', decimal_mark = '.';
    std::vector<std::string> names;              ///< the header
    std::vector<WideColumn> columns;             ///< of readings, by place
    std::optional<std::size_t> meter;            ///< none: one meter, which the job names
    std::optional<std::size_t> date, time;       ///< days: the date; meters: the stamp, or its date and time of day
    std::optional<std::size_t> channel, unit_of_row;
    bool is_counted = false;                     ///< days: columns are numbered, not named by the time
    bool says_label = false;                     ///< days: the header itself shows whether its times are starts or ends
    std::int64_t step_s = 0;                     ///< of the readings; 0: not known
    DateOrder order = DateOrder::day_first;
    bool is_order_told = true;                   ///< false: the head has no date that decides
    std::optional<EnergyUnit> unit;              ///< by the header
    bool is_power = false;                       ///< likewise
};

/// A layout and how sure it is.
struct WideGuess {
    WideLayout layout;
    Sniffed sniffed;
};

/// The layout of a text whose first line is the header.
/// @param head the header and some rows; @param wanted columns that the job names
/// @errors usage: a wanted column is not there (nearest named); input: not a wide table
Result<WideGuess> wide_layout_of(std::string_view head, const Columns& wanted);

/// True for "", "-", "NaN", "NA", "N/A", "Null", "None": a cell that says that there is no value.
bool says_missing(std::string_view text);

/// @param use_shortcuts false: every cell by the general way; the reference
std::unique_ptr<Decoder> make_wide(WideLayout layout, const DecodeOptions& options, bool use_shortcuts = true);

}  // namespace meterveil::ingest
