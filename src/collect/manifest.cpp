// Manifests: SHA256SUMS and JSON.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "collect/listing.hpp"
#include "collect/names.hpp"

namespace meterveil::collect {
namespace {

Error bad(const std::string& what) {
    return {Code::input, "the manifest cannot be read: " + what, "",
            "it is SHA256SUMS as sha256sum writes it, or JSON with files: path, bytes, sha256"};
}

bool is_digest(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "<digest>  <path>" or "<digest> *<path>".
Result<std::vector<Listed>> parse_sums(std::string_view text) {
    std::vector<Listed> files;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        const bool fits = line.size() > 66 && is_digest(line.substr(0, 64)) && line[64] == ' ' && (line[65] == ' ' || line[65] == '*');
        if (!fits) return bad(fmt::format("line {}", number));
        std::string_view path = line.substr(66);
        if (path.starts_with("./")) path.remove_prefix(2);  // as `find . -exec sha256sum` has it
        files.push_back({std::string(path), std::nullopt, std::string(line.substr(0, 64)), ""});
    }
    return files;
}

Result<std::vector<Listed>> parse_json(const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("files") || !document["files"].is_array()) return bad("no list of files");
    std::vector<Listed> files;
    for (const auto& file : document["files"]) {
        const auto number = files.size() + 1;
        if (!file.is_object()) return bad(fmt::format("file {}", number));
        const auto path = file.value("path", nlohmann::json()), bytes = file.value("bytes", nlohmann::json()),
                   digest = file.value("sha256", nlohmann::json());
        if (!path.is_string() || !bytes.is_number_unsigned() || !digest.is_string() || !is_digest(digest.get_ref<const std::string&>()))
            return bad(fmt::format("file {}", number));
        files.push_back({path.get<std::string>(), bytes.get<std::uint64_t>(), digest.get<std::string>(), ""});
    }
    return files;
}

}  // namespace

Result<std::vector<Listed>> parse_manifest(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    TRY(auto files, first != std::string::npos && text[first] == '{' ? parse_json(text) : parse_sums(text));
    if (files.empty()) return bad("it names no file");
    std::vector<std::string> paths;
    for (const Listed& file : files) paths.push_back(file.path);
    TRY_DO(check_paths(std::move(paths)));
    return files;
}

}  // namespace meterveil::collect
