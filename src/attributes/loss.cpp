#include "attributes/loss.hpp"

#include <cmath>

#include "meterveil/exec/parallel.hpp"

namespace meterveil::attributes {
namespace {

constexpr double unit = 1 << 20;

}  // namespace

CellCosts::CellCosts(const Problem& problem) : problem_(problem) {
    const Table& table = problem.table;
    cells_.resize(table.num_quasi);
    columns_.resize(table.num_quasi);
    customers_.resize(table.num_quasi);
    exec::for_each_index(table.num_quasi, [&](std::size_t c) {
        const Hierarchy& hierarchy = problem.hierarchies[c];
        auto& having = customers_[c];
        having.assign(hierarchy.label_of[0].size(), 0);
        for (std::size_t t = 0; t < table.size(); ++t) having[table.column(c)[t]] += table.customers[t];
        for (std::uint32_t level = 0; level < hierarchy.num_levels(); ++level) {
            const auto& label_of = hierarchy.label_of[level];
            std::vector<std::uint64_t> of_label_customers(hierarchy.labels[level].size(), 0);
            for (std::size_t v = 0; v < having.size(); ++v) of_label_customers[label_of[v]] += having[v];
            auto& cells = cells_[c].emplace_back();
            std::uint64_t sum = 0;
            for (std::size_t v = 0; v < having.size(); ++v) {
                cells.push_back(of_label(c, hierarchy.num_values[level][label_of[v]], of_label_customers[label_of[v]], having[v]));
                sum += cells.back() * having[v];
            }
            columns_[c].push_back(sum);
        }
    });
    for (const auto& column : columns_) worst_ += column.back();
    if (problem.loss == Loss::discernibility) worst_ = table.num_customers * table.num_customers;
}

std::uint64_t CellCosts::of_label(std::size_t attribute, std::uint64_t values, std::uint64_t customers, std::uint64_t having) const {
    const std::uint64_t domain = problem_.hierarchies[attribute].domain;
    if (problem_.loss == Loss::granularity) return domain < 2 ? 0 : static_cast<std::uint64_t>(std::llround(static_cast<double>(values - 1) / static_cast<double>(domain - 1) * unit));
    if (problem_.loss == Loss::entropy) return having == 0 ? 0 : static_cast<std::uint64_t>(std::llround(std::log2(static_cast<double>(customers) / static_cast<double>(having)) * unit));
    return 0;
}

double CellCosts::share(std::span<const std::uint32_t> levels, std::span<const std::uint8_t> is_published) const {
    std::uint64_t lost = 0, worst = 0;
    for (std::size_t t = 0; t < is_published.size(); ++t)
        for (std::size_t c = 0; is_published[t] != 0 && c < levels.size(); ++c) {
            const std::uint32_t value = problem_.table.column(c)[t];
            lost += problem_.table.customers[t] * cells_[c][levels[c]][value];
            worst += problem_.table.customers[t] * cells_[c].back()[value];
        }
    return worst == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(worst);
}

std::uint64_t CellCosts::more_if_suppressed(std::size_t tuple, std::span<const std::uint32_t> levels) const {
    std::uint64_t more = 0;
    for (std::size_t c = 0; c < levels.size(); ++c) {
        const std::uint32_t value = problem_.table.column(c)[tuple];
        more += cells_[c].back()[value] - cells_[c][levels[c]][value];
    }
    return more;
}

}  // namespace meterveil::attributes
