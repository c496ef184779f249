#pragma once
// Where the rows of a release stand in its files. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/model/release.hpp"

namespace meterveil::publish {

/// "/feeder" or "/export/by-tariff/feeder": the group of a level.
std::string group_of(const model::Release& release, const model::ReleasedChannel& channel, std::uint32_t level);

/// Units of one level in their order, and which of them a rank holds: consecutive rows.
struct LevelRows {
    std::vector<std::uint32_t> units;  ///< [row] unit
    std::uint64_t first_owned = 0, num_owned = 0;
};
LevelRows rows_of_level(const model::ReleasedChannel& channel, std::uint32_t level);

/// Levels that have a row, top first.
std::vector<std::uint32_t> levels_with_rows(const model::ReleasedChannel& channel);

/// Values of one unit at a resolution, from those at the finest.
/// @param finest, wanted bounds in intervals; the bins of `wanted` are unions of bins of `finest`
std::vector<std::int64_t> at_resolution(std::span<const std::int64_t> row, const model::Resolution& finest, const model::Resolution& wanted);

/// True if a bin of this resolution is a local day or more: it has a local date.
/// @param resolution name
bool has_local_date(const std::string& resolution);

/// Instants at which the bins start.
std::vector<std::int64_t> bin_starts_s(const model::Release& release, const model::Resolution& resolution);

/// A table of more rows is in HDF5 only: no spreadsheet opens it.
inline constexpr std::uint64_t max_table_rows = 1000000;

/// The text of a table for people: `table_header`, then `table_lines` of every unit. Written by write_tables, expected by verify.
inline constexpr std::string_view table_header = "node,status,start_utc,local_date,energy_wh,contributors\n";
inline constexpr std::string_view nodes_header = "channel,level,node,status,merged_with,rule\n";
/// "feeder-1d.csv", "export-by-tariff-feeder-1d.csv"
std::string table_name(model::Channel channel, const std::string& by_class, const std::string& level, const std::string& resolution);
/// [bin] "2013-01-01T00:00:00Z,2013-01-01"
std::vector<std::string> table_times(const std::vector<std::int64_t>& starts_s, const model::Calendar& calendar);
/// @param times, values [bin]
std::string table_lines(const std::string& name, bool is_cohort, const std::string& contributors, const std::vector<std::string>& times,
                        std::span<const std::int64_t> values);
/// A field of a CSV line, in quotes where it needs them.
std::string quoted(const std::string& text);

}  // namespace meterveil::publish
