// What a server lists: manifests, feeds, pages of a bucket. What is taken names files that stay in the folder.
#include <cstdint>
#include <set>
#include <string>

#include "collect/http.hpp"
#include "collect/listing.hpp"
#include "collect/names.hpp"
#include "property.hpp"

namespace {

using namespace meterveil;

void check_manifest(const std::string& text) {
    const auto files = collect::parse_manifest(text);
    if (!files.ok()) {
        HOLDS(files.error().code == Code::input && !files.error().what.empty());
        return;
    }
    std::set<std::string> paths;
    for (const auto& file : files.value()) {
        HOLDS(collect::fault_in_path(file.path).empty() && file.sha256.size() == 64);
        HOLDS(("/" + file.path + "/").find("/../") == std::string::npos && file.path[0] != '/');
        HOLDS(paths.insert(file.path).second);
    }
    HOLDS(!paths.empty());
}

/// The same in pieces of any size.
Result<std::string> next_of(std::string_view text, std::size_t piece) {
    return collect::next_in_feed([&]() -> Result<std::string_view> {
        const auto head = text.substr(0, piece);
        text.remove_prefix(head.size());
        return head;
    });
}

void check_feed(const std::string& text) {
    const auto whole = next_of(text, text.size() + 1), cut = next_of(text, 1 + fuzz::choice(text, 40));
    HOLDS(whole.ok() == cut.ok());
    if (!whole.ok()) return;
    HOLDS(whole.value() == cut.value());
    const std::string base = "https://host.example/sub/5", target = collect::resolve(base, whole.value());
    if (!whole.value().empty() && collect::is_same_origin(base, target))
        HOLDS(target.starts_with("https://host.example/") || target.starts_with("https://host.example:443/"));
}

void check_bucket(const std::string& text) {
    const auto page = collect::parse_bucket_page(text);
    if (!page.ok()) {
        HOLDS(page.error().code == Code::input);
        return;
    }
    for (const auto& object : page.value().objects) HOLDS(!object.path.empty() && object.bytes.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    check_manifest(text);
    check_feed(text);
    check_bucket(text);
    return 0;
}
