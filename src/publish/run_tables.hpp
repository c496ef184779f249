#pragma once
// The bulk files of a release. Collective; every rank writes its own rows.

#include <optional>

#include "meterveil/io/posix.hpp"
#include "meterveil/publish/run.hpp"

namespace meterveil::publish {

/// aggregates.h5: group per level and resolution, and /units with the tree. docs/formats/release.md
Result<> write_aggregates(par::Comm& comm, const model::Release& release, const model::Calendar& calendar, const io::Path& folder);
/// forecast.h5: group per horizon and level.
Result<> write_forecast(par::Comm& comm, const model::Release& release, const model::Forecast& forecast, const io::Path& folder);
/// tables/LEVEL-RESOLUTION.csv, where it has at most `max_table_rows` rows; tables/nodes.csv.
Result<> write_tables(par::Comm& comm, const model::Release& release, const model::Calendar& calendar, const io::Path& folder);
/// attributes.csv: a line for each customer.
Result<> write_attributes(par::Comm& comm, const model::ReleasedAttributes& table, const io::Path& folder);
/// Its first line.
std::string attributes_header(const std::vector<model::Attribute>& attributes);
/// Collective. Writes the ranks' texts one after another into one new file.
Result<> write_in_order(par::Comm& comm, const io::Path& path, const std::string& text);

}  // namespace meterveil::publish
