#pragma once
// The head of a portal's file as rows, and what each column holds.

#include <string>
#include <string_view>
#include <vector>

#include "ingest/portal.hpp"
#include "ingest/portal_words.hpp"

namespace meterveil::ingest {

/// What the cells of a column are. A cell may be several of these.
struct ColumnFacts {
    std::size_t filled = 0, missing = 0, numbers = 0, instants = 0, days = 0, times = 0, hours = 0, lengths = 0;
    bool is_exact = false;          ///< its instants leave no doubt: epochs, offsets
    bool is_digits = true;          ///< nothing but digits: may be an id
    std::size_t num_different = 0;  ///< cells, up to 13
    [[nodiscard]] bool are_mostly(std::size_t count) const { return filled > 0 && count * 4 >= filled * 3; }
};

struct PortalSample {
    std::string_view header;  ///< empty: none
    char delimiter = ',';
    std::vector<std::string> names;
    std::vector<std::string_view> above;  ///< lines above the table
    std::vector<std::vector<std::string>> rows;
    std::vector<ColumnFacts> facts;  ///< of each column
    std::vector<Words> words;        ///< of each name
};

/// As split; no-break spaces are blanks.
bool split_cells(std::string_view line, char delimiter, std::vector<std::string>& fields);

/// True for a row of totals: its first cell says so.
bool is_total(const std::vector<std::string>& fields);

/// Finds the header, or that there is none, and reads the rows below.
/// @errors input: neither a header nor a row with a time is there
Result<PortalSample> sample_portal(std::string_view head, const Columns& wanted);

/// Names of a line and the delimiter that they are cut by, if it may be a header: words of a time and an energy, or all names that are wanted.
bool is_portal_header(std::string_view line, const Columns& wanted, PortalSample& sample);

}  // namespace meterveil::ingest
