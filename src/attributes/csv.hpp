#pragma once
// Fields of a line of text.

#include <string>
#include <string_view>
#include <vector>

namespace meterveil::attributes {

/// Pure. Fields of a line; quoted ones may hold the delimiter, and "" is a quote. @return false: a quote stays open
bool split(std::string_view line, char delimiter, std::vector<std::string>& fields);

/// True if no character of it is a control character.
bool is_plain(std::string_view field);

/// ';' where the first line has one, else ','.
char delimiter_of(std::string_view text);

}  // namespace meterveil::attributes
