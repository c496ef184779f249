#pragma once
// Names that a stranger chose for files. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "meterveil/core/result.hpp"

namespace meterveil::collect {

/// @return what is wrong with a path below a folder, or "". Wanted: UTF-8, relative, at most 1024 bytes; parts of 1 to 255
/// bytes, none of them "." or ".."; no control character, no backslash.
/// Example: fault_in_path("2013/jan.csv") == "", fault_in_path("../key") == "leads out of the folder".
std::string fault_in_path(std::string_view path);

/// @errors input: one of the paths is no good, is there twice, or is both a file and a folder
Result<> check_paths(std::vector<std::string> paths);

/// The name of what a URL names: the last part of its path, unescaped. May be no good: fault_in_path says so.
/// Example: name_in_url("https://host/a/b%20c.csv?x=1") == "b c.csv".
std::string name_in_url(std::string_view url);

/// Text of a stranger for a message: what a terminal would obey is replaced by '?'; 200 bytes at most.
std::string printable(std::string_view text);

/// A URL as messages show it: without query and fragment, which may hold tokens.
std::string without_query(std::string_view url);

/// For a path in a URL: all but letters, digits, "-._~" and '/' as %XX. @source RFC 3986; AWS Signature Version 4, UriEncode
std::string escape_path(std::string_view path);
/// For a value in a query: '/' escaped too.
std::string escape_value(std::string_view value);

}  // namespace meterveil::collect
