#include "ingest/fields.hpp"

#include <algorithm>

namespace meterveil::ingest {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::string_view first_line(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    return trimmed(text.substr(0, text.find('\n')));
}

char delimiter_of(std::string_view header) {
    char best = ',';
    for (const char candidate : {';', '\t', '|'})
        if (std::count(header.begin(), header.end(), candidate) > std::count(header.begin(), header.end(), best)) best = candidate;
    return best;
}

bool split(std::string_view line, char delimiter, std::vector<std::string>& fields) {
    fields.assign(1, {});
    bool quoted = false, was_quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += c;
            ++i;
        } else if (c == '"' && (quoted || trimmed(fields.back()).empty())) {
            if (!quoted) fields.back().clear();
            quoted = !quoted;
            was_quoted = true;
        } else if (c == delimiter && !quoted) {
            if (!was_quoted) fields.back() = std::string(trimmed(fields.back()));
            fields.emplace_back();
            was_quoted = false;
        } else if (quoted || !was_quoted || (c != ' ' && c != '\t')) {
            fields.back() += c;
        }
    }
    if (!was_quoted) fields.back() = std::string(trimmed(fields.back()));
    return !quoted;
}

}  // namespace meterveil::ingest
