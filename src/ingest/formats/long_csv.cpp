// One reading a line, columns by name: as the job maps them, or guessed. docs/formats/long-csv.md

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "ingest/delimited.hpp"
#include "ingest/fields.hpp"
#include "ingest/numbers.hpp"
#include "ingest/portal_words.hpp"
#include "meterveil/core/nearest.hpp"

namespace meterveil::ingest {
namespace {

using Names = std::vector<std::string>;

Names header_of(std::string_view head, char& delimiter) {
    const std::string_view line = first_line(head);
    delimiter = delimiter_of(line);
    Names names;
    split(line, delimiter, names);
    return names;
}

std::optional<std::size_t> guess(const Names& names, std::initializer_list<const char*> words) {
    for (const char* word : words)
        for (std::size_t i = 0; i < names.size(); ++i)
            if (lower(names[i]) == word) return i;
    return std::nullopt;
}

/// The unit that ends a name: "energy_kwh", "Usage (kWh)".
std::optional<UnitWord> unit_in(const std::string& name) {
    const Words words = words_of(name);
    return words.empty() ? std::nullopt : parse_unit(words.back());
}

std::optional<std::size_t> guess_meter(const Names& names) {
    return guess(names, {"meter_id", "meter", "meterid", "mpan", "nmi", "ean", "esi", "metering_point", "metering_point_id", "meter_number", "meterno", "ean_code", "pod", "cups", "lclid",
                         "customer_id", "household_id", "household", "id"});
}
std::optional<std::size_t> guess_time(const Names& names) {
    return guess(names, {"timestamp", "time", "datetime", "date_time", "start", "interval_start", "start_time", "utc", "tstp", "reading_datetime", "reading_time", "read_at", "datetime_utc",
                         "timestamp_utc", "time_utc", "utc_timestamp"});
}
std::optional<std::size_t> guess_energy(const Names& names) {
    if (const auto known = guess(names, {"kwh", "energy_kwh", "energy", "value", "consumption", "consumption_kwh", "wh", "energy_wh", "reading"})) return known;
    std::optional<std::size_t> only;  // "general_supply_kwh", "Usage (kWh)": the one that has a unit
    for (std::size_t i = 0; i < names.size(); ++i)
        if (const auto unit = unit_in(names[i]); unit && unit->is_energy && !unit->is_power) {
            if (only) return std::nullopt;
            only = i;
        }
    return only;
}

Result<std::size_t> column(const Names& names, const std::string& wanted, std::optional<std::size_t> guessed, const char* role) {
    if (wanted.empty() && guessed) return *guessed;
    if (wanted.empty())
        return Error{Code::usage, fmt::format("no column looks like the {}", role), "", fmt::format("say which: columns = {{ {} = \"...\" }}", role)};
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end())
        return Error{Code::usage, fmt::format("no column '{}'{}", wanted, did_you_mean(wanted, names)), "",
                     fmt::format("columns.{} names a column of the first line; of a table below other lines, or without a header, with format = \"portal-csv\"", role)};
    return static_cast<std::size_t>(found - names.begin());
}

Sniffed sniff(std::string_view head) {
    char delimiter = ',';
    const Names names = header_of(head, delimiter);
    if (guess_meter(names) && guess_time(names) && guess_energy(names)) return {0.8, "the header names a meter, a time and an energy"};
    if (names.size() >= 3) return {0.5, "a header of three columns or more"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    Layout layout;
    layout.names = header_of(head, layout.delimiter);
    const Columns& wanted = options.source.columns;
    TRY(layout.meter, column(layout.names, wanted.meter, guess_meter(layout.names), "meter"));
    TRY(layout.time, column(layout.names, wanted.time, guess_time(layout.names), "time"));
    TRY(layout.energy, column(layout.names, wanted.energy, guess_energy(layout.names), "energy"));
    layout.channel = guess(layout.names, {"channel", "direction"});
    if (!wanted.channel.empty()) {
        TRY(layout.channel, column(layout.names, wanted.channel, std::nullopt, "channel"));
    }
    layout.quality = quality_column(layout.names);
    if (!wanted.quality.empty()) {
        TRY(layout.quality, column(layout.names, wanted.quality, std::nullopt, "quality"));
    }
    const auto unit = unit_in(layout.names[layout.energy]);
    const bool is_said = unit && unit->is_energy;
    layout.unit = is_said ? unit->unit : options.source.unit;
    layout.is_power = is_said ? unit->is_power : options.source.is_power;
    return make_delimited(std::move(layout), options);
}

}  // namespace

extern const Format long_csv_format;
const Format long_csv_format = {"long-csv", "CSV with one reading a line, columns by name", Blocks::lines, false, sniff, open};

}  // namespace meterveil::ingest
