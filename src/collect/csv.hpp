#pragma once
// Fields of CSV. Pure. @source RFC 4180

#include <optional>
#include <string>
#include <string_view>

namespace meterveil::collect {

/// Appends a field, after a comma unless it is the first. What is absent is nothing at all, what is empty is "".
/// Example: the fields `a,b`, none, an empty one and `say "x"` give `"a,b",,"","say ""x"""`.
inline void append_csv(std::string& line, std::optional<std::string_view> value, bool is_first) {
    if (!is_first) line += ',';
    if (!value) return;
    const bool is_plain =
        !value->empty() && value->find_first_of(",\"\r\n") == std::string_view::npos && value->front() != ' ' && value->back() != ' ';
    if (is_plain) {
        line += *value;
        return;
    }
    line += '"';
    for (const char c : *value) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

}  // namespace meterveil::collect
