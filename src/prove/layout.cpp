#include "prove/layout.hpp"

#include <algorithm>

namespace meterveil::prove {
namespace {

Error malformed(const Forest& forest, const char* what) {
    return {Code::input, "the units of '" + forest.name + "' cannot be proven: " + what, "", "the release or its custody records are damaged"};
}

bool has_shape(const Forest& forest) {
    const std::size_t num_units = forest.parent.size();
    return num_units < no_unit && (forest.unit_names.empty() || forest.unit_names.size() == num_units) &&
           forest.first_class.size() == num_units + 1 && forest.first_class.front() == 0 && forest.first_class.back() == forest.classes.size() &&
           std::is_sorted(forest.first_class.begin(), forest.first_class.end());
}

/// [unit] number of classes in it and below.
std::vector<std::uint64_t> sizes_of(const Forest& forest) {
    std::vector<std::uint64_t> sizes(forest.parent.size());
    for (UnitId u = static_cast<UnitId>(sizes.size()); u-- > 0;) {
        sizes[u] += own_classes(forest, u).size();
        if (forest.parent[u] != no_unit) sizes[forest.parent[u]] += sizes[u];
    }
    return sizes;
}

}  // namespace

Result<Layout> lay_out(const Forest& forest, std::uint32_t num_classes) {
    if (!has_shape(forest)) return malformed(forest, "their lists do not fit together");
    const auto num_units = static_cast<UnitId>(forest.parent.size());
    for (UnitId u = 0; u < num_units; ++u)
        if (forest.parent[u] != no_unit && forest.parent[u] >= u) return malformed(forest, "a unit stands before the one that contains it");

    const auto sizes = sizes_of(forest);
    Layout layout{std::vector<ClassId>(forest.classes.size()), std::vector<std::uint64_t>(num_units), std::vector<std::uint64_t>(num_units),
                  std::vector<UnitId>(num_classes, no_unit)};
    std::vector<std::uint64_t> next(num_units);  // where the next child of a unit begins
    std::uint64_t next_root = 0;
    for (UnitId u = 0; u < num_units; ++u) {
        std::uint64_t& cursor = forest.parent[u] == no_unit ? next_root : next[forest.parent[u]];
        layout.begin[u] = cursor;
        layout.end[u] = cursor += sizes[u];
        next[u] = layout.begin[u] + own_classes(forest, u).size();
        std::uint64_t at = layout.begin[u];
        for (const ClassId cls : own_classes(forest, u)) {
            if (cls >= num_classes) return malformed(forest, "a class is not in the facts");
            if (layout.unit_of_class[cls] != no_unit) return malformed(forest, "a class stands in two units");
            layout.unit_of_class[cls] = u;
            layout.order[at++] = cls;
        }
    }
    return layout;
}

std::string named(const Forest& forest, UnitId unit) {
    const std::string name = forest.unit_names.empty() ? "unit " + std::to_string(unit) : "'" + forest.unit_names[unit] + "'";
    return forest.name.empty() ? name : name + " of '" + forest.name + "'";
}

}  // namespace meterveil::prove
