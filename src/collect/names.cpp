#include "collect/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace meterveil::collect {
namespace {

/// Bytes of the UTF-8 character at the head of a text; 0: there is none. @source RFC 3629, section 4
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto is_tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    const unsigned first = at(0), second = at(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool fits = (first != 0xE0 || second >= 0xA0) && (first != 0xED || second <= 0x9F);
        return fits && is_tail(1) && is_tail(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool fits = (first != 0xF0 || second >= 0x90) && (first != 0xF4 || second <= 0x8F);
        return fits && is_tail(1) && is_tail(2) && is_tail(3) ? 4 : 0;
    }
    return 0;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    return first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

std::string fault_in_characters(std::string_view path) {
    while (!path.empty()) {
        const std::size_t length = utf8_length(path);
        if (length == 0) return "is not UTF-8";
        if (is_control(path.substr(0, length))) return "has a control character";
        if (path[0] == '\\') return "has a backslash";
        path.remove_prefix(length);
    }
    return "";
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string escape(std::string_view text, bool keeps_slash) {
    std::string escaped;
    for (const char c : text) {
        if (is_unreserved(c) || (keeps_slash && c == '/')) escaped += c;
        else escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return escaped;
}

}  // namespace

std::string fault_in_path(std::string_view path) {
    if (path.empty()) return "is empty";
    if (path.size() > 1024) return "is longer than 1024 bytes";
    if (path[0] == '/') return "is absolute";
    if (auto fault = fault_in_characters(path); !fault.empty()) return fault;
    for (std::size_t first = 0; first <= path.size();) {
        const std::size_t last = std::min(path.find('/', first), path.size());
        const std::string_view part = path.substr(first, last - first);
        if (part.empty()) return "has an empty part";
        if (part == "." || part == "..") return "leads out of the folder";
        if (part.size() > 255) return "has a part longer than 255 bytes";
        first = last + 1;
    }
    return "";
}

Result<> check_paths(std::vector<std::string> paths) {
    const auto bad = [](const std::string& path, const std::string& fault) {
        return Error{Code::input, fmt::format("the name of a file {}", fault), printable(path),
                     "nothing is fetched under such a name: ask the source for another"};
    };
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths)
        if (const auto fault = fault_in_path(path); !fault.empty()) return bad(path, fault);
    if (const auto twice = std::adjacent_find(paths.begin(), paths.end()); twice != paths.end()) return bad(*twice, "is there twice");
    for (const std::string& path : paths)
        for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
            if (std::binary_search(paths.begin(), paths.end(), path.substr(0, at))) return bad(path, "lies below another file");
    return {};
}

std::string name_in_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t host = url.find("://");
    const std::size_t path = host == std::string_view::npos ? 0 : url.find('/', host + 3);
    if (path == std::string_view::npos) return "";
    url.remove_prefix(url.rfind('/') + 1);
    std::string name;
    for (std::size_t i = 0; i < url.size(); ++i) {
        unsigned code = 0;
        const char* const digits = url.data() + i + 1;
        const bool is_escape = url[i] == '%' && i + 2 < url.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
        name += is_escape ? static_cast<char>(code) : url[i];
        if (is_escape) i += 2;
    }
    return name;
}

std::string printable(std::string_view text) {
    std::string shown(text.substr(0, 200));
    for (char& c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
    return shown;
}

std::string without_query(std::string_view url) { return printable(url.substr(0, url.find_first_of("?#"))); }

std::string escape_path(std::string_view path) { return escape(path, true); }
std::string escape_value(std::string_view value) { return escape(value, false); }

}  // namespace meterveil::collect
