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

/// Without "\n" or "\r\n" at its end.
inline std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// A line of a text and where the next one begins.
struct Line {
    std::string_view text;  ///< without its end
    std::size_t next = 0;
};
inline Line line_at(std::string_view text, std::size_t begin) {
    const std::size_t end = text.find('\n', begin), next = end == std::string_view::npos ? text.size() : end + 1;
    return {without_line_end(text.substr(begin, next - begin)), next};
}

/// Calls row(line, offset) for every line of `text` that is not blank.
template <class Row>
void for_each_line(std::string_view text, Row&& row) {
    for (std::size_t begin = 0; begin < text.size();) {
        const Line line = line_at(text, begin);
        if (!trimmed(line.text).empty()) row(line.text, begin);
        begin = line.next;
    }
}

}  // namespace meterveil::ingest
