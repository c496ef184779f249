// Hierarchies as strangers write them: what is taken is nested, has one length, and makes a hierarchy.
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "attributes/hierarchy.hpp"
#include "property.hpp"

namespace {

using namespace meterveil;
using namespace meterveil::attributes;

void check_hierarchy(const Paths& paths) {
    std::vector<std::string> values;
    for (const auto& [value, path] : paths)
        if (fuzz::choice(value, 4) != 0 || values.empty()) values.push_back(value);
    const auto made = make_hierarchy(values, paths);
    HOLDS(made.ok());
    const Hierarchy& hierarchy = made.value();
    HOLDS(hierarchy.domain == paths.size() && hierarchy.labels.back().size() == 1 && hierarchy.num_values.back()[0] == hierarchy.domain);
    for (std::uint32_t level = 0; level < hierarchy.num_levels(); ++level)
        for (std::size_t v = 0; v < values.size(); ++v) {
            const std::uint32_t label = hierarchy.label_of[level][v];
            HOLDS(label < hierarchy.labels[level].size());
            HOLDS(level == 0 || hierarchy.num_values[level][label] >= hierarchy.num_values[level - 1][hierarchy.label_of[level - 1][v]]);
            for (std::size_t w = 0; level + 1 < hierarchy.num_levels() && w < v; ++w)
                HOLDS(hierarchy.label_of[level][w] != label || hierarchy.label_of[level + 1][w] == hierarchy.label_of[level + 1][v]);
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    const PathLimits limits{4096, 64, 8};
    const auto paths = parse_paths(text, limits);
    if (!paths.ok()) {
        HOLDS(paths.error().code == Code::input && !paths.error().what.empty() && paths.error().where.starts_with("line "));
        return 0;
    }
    HOLDS(text.size() <= limits.max_bytes && !paths.value().empty() && paths.value().size() <= limits.max_rows);
    for (const auto& [value, path] : paths.value()) HOLDS(path.size() == paths.value().begin()->second.size() && !path.empty() && path.size() <= limits.max_levels);
    check_hierarchy(paths.value());
    std::vector<std::string> values;
    for (const auto& [value, path] : paths.value()) values.push_back(value);
    for (const HierarchyRule& rule : {HierarchyRule{"", {5, 10}, {}, false}, HierarchyRule{"", {}, {3, 1}, false}, HierarchyRule{"", {}, {}, true}})
        if (const auto built = build_paths(rule, values); built.ok()) check_hierarchy(built.value());
    return 0;
}
