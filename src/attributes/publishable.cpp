#include "attributes/publishable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace meterveil::attributes {
namespace {

/// Codes of some labels in the order of their text; those that no row uses are left out.
class TextOrder {
public:
    explicit TextOrder(const std::vector<std::string>& labels) : labels_(labels), code_of_(labels.size(), 0) {}
    void use(std::uint32_t label) { code_of_[label] = 1; }
    /// @return sorted, each text once
    std::vector<std::string> sort() {
        std::map<std::string, std::uint32_t> codes;
        for (std::size_t i = 0; i < labels_.size(); ++i)
            if (code_of_[i] != 0) codes.emplace(labels_[i], 0);
        std::vector<std::string> sorted;
        for (auto& [text, code] : codes) {
            code = static_cast<std::uint32_t>(sorted.size());
            sorted.push_back(text);
        }
        for (std::size_t i = 0; i < labels_.size(); ++i)
            if (code_of_[i] != 0) code_of_[i] = codes.at(labels_[i]);
        return sorted;
    }
    [[nodiscard]] std::uint32_t code_of(std::uint32_t label) const { return code_of_[label]; }

private:
    const std::vector<std::string>& labels_;
    std::vector<std::uint32_t> code_of_;
};

/// Calls row(codes, customers) for every published entry; codes are those of the solution and of the sensitive values.
template <class Row>
void for_each_entry(const Table& table, const Solution& solution, Row&& row) {
    std::vector<std::uint32_t> codes(table.num_quasi + table.num_sensitive);
    for (std::size_t t = 0; t < table.size(); ++t) {
        if (solution.is_published[t] == 0) continue;
        for (std::size_t c = 0; c < table.num_quasi; ++c) codes[c] = solution.label_of[c * table.size() + t];
        for (std::uint64_t e = table.first_entry[t]; e < table.first_entry[t + 1]; ++e) {
            for (std::size_t s = 0; s < table.num_sensitive; ++s) codes[table.num_quasi + s] = table.sensitive[e * table.num_sensitive + s];
            row(codes, table.entry_customers[e]);
        }
    }
}

/// @param smallest 0: none yet
void take_smaller(std::uint64_t& smallest, std::uint64_t size) { smallest = smallest == 0 ? size : std::min(smallest, size); }

}  // namespace

model::ReleasedAttributes publishable(const Problem& problem, const Solution& solution, std::vector<model::Attribute> attributes,
                                      const std::vector<std::vector<std::string>>& sensitive_values) {
    const Table& table = problem.table;
    std::vector<TextOrder> orders;
    for (std::size_t a = 0; a < attributes.size(); ++a) orders.emplace_back(a < table.num_quasi ? solution.labels[a] : sensitive_values[a - table.num_quasi]);
    for_each_entry(table, solution, [&](const auto& codes, std::uint64_t) {
        for (std::size_t a = 0; a < codes.size(); ++a) orders[a].use(codes[a]);
    });
    model::ReleasedAttributes released;
    std::vector<std::uint32_t> bases;
    for (TextOrder& order : orders) {
        released.labels.push_back(order.sort());
        bases.push_back(static_cast<std::uint32_t>(released.labels.back().size()));
    }
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> customers;
    for_each_entry(table, solution, [&](const auto& codes, std::uint64_t count) {
        for (std::size_t a = 0; a < codes.size(); ++a) rows.push_back(orders[a].code_of(codes[a]));
        customers.push_back(count);
    });
    Tuples tuples = distinct(rows, customers, bases);
    released.attributes = std::move(attributes);
    released.codes = std::move(tuples.codes);
    released.customers = std::move(tuples.counts);
    return released;
}

void measure(const Problem& problem, const Solution& solution, model::AttributeEvidence& evidence) {
    const Table& table = problem.table;
    Keys keys(table.size());
    for (std::size_t c = 0; c < table.num_quasi; ++c)
        keys.add(std::span(solution.label_of).subspan(c * table.size(), table.size()), 1, static_cast<std::uint32_t>(solution.labels[c].size()));
    const Grouping grouping = group(keys);
    std::vector<std::uint64_t> customers(grouping.num_classes, 0), population(grouping.num_classes, 0);
    for (std::size_t t = 0; t < table.size(); ++t) {
        if (solution.is_published[t] == 0) continue;
        customers[grouping.class_of[t]] += table.customers[t];
        population[grouping.class_of[t]] += table.population[t];
    }
    evidence.loss = solution.lost_share;
    evidence.customers = table.num_customers;
    evidence.suppressed = solution.suppressed;
    std::uint64_t published = 0;
    for (std::size_t c = 0; c < customers.size(); ++c) {
        if (customers[c] == 0) continue;
        ++evidence.classes;
        published += customers[c];
        take_smaller(evidence.smallest_class, customers[c]);
        if (population[c] == 0) continue;
        take_smaller(evidence.smallest_population, population[c]);
        evidence.marketer_population_risk += static_cast<double>(customers[c]) / static_cast<double>(population[c]);
    }
    if (published == 0) return;
    evidence.marketer_risk = static_cast<double>(evidence.classes) / static_cast<double>(published);
    evidence.marketer_population_risk /= static_cast<double>(published);
    for (std::size_t c = 0; c < table.num_quasi; ++c)
        evidence.levels.push_back(solution.levels.empty() ? "local" : fmt::format("{} of {}", solution.levels[c], problem.hierarchies[c].num_levels() - 1));
}

}  // namespace meterveil::attributes
