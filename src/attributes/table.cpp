#include "attributes/table.hpp"

#include <algorithm>
#include <numeric>

namespace meterveil::attributes {
namespace {

/// @return below 0, 0 or above 0: how the quasi-identifiers of two tuples compare
int compare(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b, std::size_t num_quasi) {
    for (std::size_t c = 0; c < num_quasi; ++c)
        if (a[c] != b[c]) return a[c] < b[c] ? -1 : 1;
    return 0;
}

}  // namespace

Table make_table(const Tuples& customers, const Tuples& population, std::size_t num_quasi) {
    Table table;
    table.num_quasi = num_quasi;
    table.num_sensitive = customers.width - num_quasi;
    table.first_entry = {0};
    table.num_customers = std::accumulate(customers.counts.begin(), customers.counts.end(), std::uint64_t{0});
    std::vector<std::uint32_t> rows;  // [tuple x attribute]
    for (std::size_t i = 0, j = 0; i < customers.size() || j < population.size();) {
        const int order = i == customers.size() ? 1 : j == population.size() ? -1 : compare(customers.row(i), population.row(j), num_quasi);
        const auto quasi = (order <= 0 ? customers.row(i) : population.row(j)).first(num_quasi);
        rows.insert(rows.end(), quasi.begin(), quasi.end());
        table.customers.push_back(0);
        table.population.push_back(order >= 0 ? population.counts[j] : 0);
        for (; order <= 0 && i < customers.size() && compare(customers.row(i), quasi, num_quasi) == 0; ++i) {
            const auto values = customers.row(i).subspan(num_quasi);
            table.sensitive.insert(table.sensitive.end(), values.begin(), values.end());
            table.entry_customers.push_back(customers.counts[i]);
            table.customers.back() += customers.counts[i];
        }
        table.first_entry.push_back(table.entry_customers.size());
        if (order >= 0) ++j;
    }
    table.quasi.resize(rows.size());
    for (std::size_t t = 0; t < table.size(); ++t)
        for (std::size_t c = 0; c < num_quasi; ++c) table.quasi[c * table.size() + t] = rows[t * num_quasi + c];
    return table;
}

Result<Reference> make_reference(std::span<const std::string> values, model::Distance::Kind kind, const Paths& paths) {
    Reference reference;
    reference.counts.assign(values.size(), 0);
    reference.distance = kind;
    if (kind != model::Distance::Kind::hierarchical) return reference;
    TRY(const Hierarchy tree, make_hierarchy(values, paths));
    for (std::size_t height = 0; height + 1 < tree.num_levels(); ++height) {
        std::vector<std::uint32_t> parent(tree.labels[height].size());
        for (std::size_t v = 0; v < values.size(); ++v) parent[tree.label_of[height][v]] = tree.label_of[height + 1][v];
        reference.parent.push_back(std::move(parent));
    }
    return reference;
}

}  // namespace meterveil::attributes
