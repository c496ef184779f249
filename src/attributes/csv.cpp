#include "attributes/csv.hpp"

#include <algorithm>

namespace meterveil::attributes {

bool split(std::string_view line, char delimiter, std::vector<std::string>& fields) {
    fields.assign(1, {});
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[i++];
        else if (c == '"' && (quoted || fields.back().empty())) quoted = !quoted;
        else if (c == delimiter && !quoted) fields.emplace_back();
        else fields.back() += c;
    }
    return !quoted;
}

bool is_plain(std::string_view field) {
    return std::none_of(field.begin(), field.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

char delimiter_of(std::string_view text) { return text.substr(0, text.find('\n')).find(';') == std::string_view::npos ? ',' : ';'; }

}  // namespace meterveil::attributes
