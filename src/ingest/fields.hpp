#pragma once
// Delimited text: lines and fields.

#include <string>
#include <string_view>
#include <vector>

namespace meterveil::ingest {

std::string_view trimmed(std::string_view text);
std::string lower(std::string_view text);

/// First line of a text, without its end and without a byte order mark.
std::string_view first_line(std::string_view text);

/// The delimiter that cuts a header line into most fields: ',' ';' tab '|'.
char delimiter_of(std::string_view header);

/// Pure. Fields of a line, trimmed; quoted fields unquoted ("" is a quote). False if a quote stays open.
bool split(std::string_view line, char delimiter, std::vector<std::string>& fields);

/// Calls row(line, offset) for every line of `text` that is not blank; ends ("\n", "\r\n") are taken off.
template <class Row>
void for_each_line(std::string_view text, Row&& row) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        std::string_view line = text.substr(begin, end == std::string_view::npos ? end : end - begin);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!trimmed(line).empty()) row(line, begin);
        if (end == std::string_view::npos) return;
        begin = end + 1;
    }
}

}  // namespace meterveil::ingest
