#pragma once
// Attributes the plain way: rows of texts, every node of the lattice, distances by a flow of least cost. Shares no code with the room.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/model/attributes.hpp"

namespace meterveil::testing {

using Values = std::map<std::string, std::uint64_t>;  // value -> customers

/// Least cost of moving masses from where there are `supply` to where there are `demand` (equal totals), by cheapest paths one after another.
inline double least_cost(std::vector<std::int64_t> supply, std::vector<std::int64_t> demand, const std::function<double(std::size_t, std::size_t)>& cost) {
    const std::size_t m = supply.size();
    std::vector<std::vector<std::int64_t>> flow(m, std::vector<std::int64_t>(m, 0));
    double total = 0;
    for (;;) {  // Bellman-Ford over left nodes 0..m-1 and right nodes m..2m-1
        std::vector<double> distance(2 * m, std::numeric_limits<double>::infinity());
        std::vector<std::size_t> from(2 * m, SIZE_MAX);
        for (std::size_t i = 0; i < m; ++i)
            if (supply[i] > 0) distance[i] = 0;
        for (std::size_t round = 0; round < 2 * m; ++round)
            for (std::size_t i = 0; i < m; ++i)
                for (std::size_t j = 0; j < m; ++j) {
                    if (distance[i] + cost(i, j) < distance[m + j] - 1e-12) distance[m + j] = distance[i] + cost(i, j), from[m + j] = i;
                    if (flow[i][j] > 0 && distance[m + j] - cost(i, j) < distance[i] - 1e-12) distance[i] = distance[m + j] - cost(i, j), from[i] = m + j;
                }
        std::size_t end = SIZE_MAX;
        for (std::size_t j = 0; j < m; ++j)
            if (demand[j] > 0 && std::isfinite(distance[m + j]) && (end == SIZE_MAX || distance[m + j] < distance[end])) end = m + j;
        if (end == SIZE_MAX) return total;
        std::int64_t amount = demand[end - m];
        std::size_t start = end;
        for (; from[start] != SIZE_MAX; start = from[start])
            if (start < m) amount = std::min(amount, flow[start][from[start] - m]);
        amount = std::min(amount, supply[start]);
        for (std::size_t at = end; from[at] != SIZE_MAX; at = from[at]) {
            if (at >= m) flow[from[at]][at - m] += amount;
            else flow[at][from[at] - m] -= amount;
        }
        supply[start] -= amount;
        demand[end - m] -= amount;
        total += static_cast<double>(amount) * distance[end];
    }
}

/// Earth mover's distance with the ground distance that the model's words say.
inline double distance_of(const Values& in, const Values& whole, const model::Distance& distance) {
    std::vector<std::string> values;
    for (const auto& [value, count] : whole) values.push_back(value);
    if (distance.kind == model::Distance::Kind::ordered)
        std::sort(values.begin(), values.end(), [&](const auto& a, const auto& b) {
            if (distance.order.empty()) return std::stod(a) < std::stod(b);
            return std::find(distance.order.begin(), distance.order.end(), a) < std::find(distance.order.begin(), distance.order.end(), b);
        });
    std::int64_t n = 0, total = 0;
    for (const auto& [value, count] : in) n += static_cast<std::int64_t>(count);
    for (const auto& [value, count] : whole) total += static_cast<std::int64_t>(count);
    std::vector<std::int64_t> supply, demand;
    for (const auto& value : values) {
        supply.push_back((in.contains(value) ? static_cast<std::int64_t>(in.at(value)) : 0) * total);
        demand.push_back(static_cast<std::int64_t>(whole.at(value)) * n);
    }
    const auto cost = [&](std::size_t i, std::size_t j) -> double {
        if (i == j) return 0;
        if (distance.kind == model::Distance::Kind::equal) return 1;
        if (distance.kind == model::Distance::Kind::ordered) return std::abs(static_cast<double>(i) - static_cast<double>(j)) / (static_cast<double>(values.size()) - 1);
        const auto &a = distance.paths.at(values[i]), &b = distance.paths.at(values[j]);
        std::size_t height = 0;
        while (a[height] != b[height]) ++height;
        return (static_cast<double>(height) + 1) / static_cast<double>(a.size());
    };
    return least_cost(supply, demand, cost) / static_cast<double>(n * total);
}

/// Rows of quasi-identifiers, then sensitive values; what a row becomes.
struct Twin {
    std::vector<std::vector<std::string>> rows;        ///< [customer][attribute]
    std::vector<std::vector<std::string>> population;  ///< [person][quasi-identifier]
    std::size_t num_quasi = 0;
    std::vector<std::map<std::string, std::vector<std::string>>> paths;  ///< [quasi-identifier] value -> labels upwards, the last "*"
    model::AttributeClaims claims;
    std::vector<std::string> names;                    ///< [attribute]

    struct Class {
        std::uint64_t customers = 0, population = 0;
        std::vector<Values> sensitive;
        std::vector<std::size_t> rows;
    };
    using Classes = std::map<std::vector<std::string>, Class>;

    [[nodiscard]] std::vector<std::string> generalised(const std::vector<std::string>& row, const std::vector<std::uint32_t>& levels) const {
        std::vector<std::string> labels;
        for (std::size_t c = 0; c < num_quasi; ++c) labels.push_back(levels[c] == 0 ? row[c] : paths[c].at(row[c])[levels[c] - 1]);
        return labels;
    }
    [[nodiscard]] Classes classes_at(const std::vector<std::uint32_t>& levels) const {
        Classes classes;
        for (std::size_t r = 0; r < rows.size(); ++r) {
            Class& in = classes[generalised(rows[r], levels)];
            ++in.customers;
            in.rows.push_back(r);
            in.sensitive.resize(names.size() - num_quasi);
            for (std::size_t s = num_quasi; s < names.size(); ++s) ++in.sensitive[s - num_quasi][rows[r][s]];
        }
        for (const auto& person : population) ++classes[generalised(person, levels)].population;
        return classes;
    }
    [[nodiscard]] bool holds(const model::CriterionClaim& claim, const Class& in, const std::vector<Values>& whole) const {
        const double p = claim.parameters[0];
        const auto n = static_cast<double>(in.customers);
        if (claim.name == "k_anonymity") return n >= p;
        if (claim.name == "k_map") return static_cast<double>(in.population) >= p;
        if (claim.name == "delta_presence") return n >= p * static_cast<double>(in.population) && n <= claim.parameters[1] * static_cast<double>(in.population);
        for (std::size_t s = 0; s < in.sensitive.size(); ++s) {
            const Values& values = in.sensitive[s];
            std::vector<double> counts;
            for (const auto& [value, count] : values) counts.push_back(static_cast<double>(count));
            std::sort(counts.rbegin(), counts.rend());
            if (claim.name == "distinct_l_diversity" && static_cast<double>(counts.size()) < p) return false;
            if (claim.name == "entropy_l_diversity") {
                double entropy = 0;
                for (const double count : counts) entropy += count / n * std::log(n / count);
                if (entropy < std::log(p) - 1e-12) return false;
            }
            if (claim.name == "recursive_l_diversity") {
                const std::size_t l = static_cast<std::size_t>(claim.parameters[1]);
                const double rest = l - 1 >= counts.size() ? 0 : std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(l) - 1, counts.end(), 0.0);
                if (!(counts[0] < p * rest)) return false;
            }
            if (claim.name == "t_closeness") {
                const auto found = claims.distances.find(names[num_quasi + s]);
                if (distance_of(values, whole[s], found == claims.distances.end() ? model::Distance{} : found->second) > p + 1e-12) return false;
            }
            if (claim.name == "beta_likeness") {
                double total = 0;
                for (const auto& [value, count] : whole[s]) total += static_cast<double>(count);
                for (const auto& [value, count] : values) {
                    const double q = static_cast<double>(whole[s].at(value)) / total;
                    if (static_cast<double>(count) / n > (1 + p) * q + 1e-12) return false;
                }
            }
        }
        return true;
    }
    /// What is left when classes that fail are taken out until none fails; nothing if more than `max_suppressed` customers are taken.
    [[nodiscard]] std::optional<Classes> published_at(const std::vector<std::uint32_t>& levels, std::uint64_t max_suppressed) const {
        const Classes all = classes_at(levels);
        Classes left;
        for (const auto& [labels, in] : all) {
            bool is_large = in.customers > 0;
            for (const auto& claim : claims.criteria)
                if (claim.name == "k_anonymity" || claim.name == "k_map") is_large = is_large && holds(claim, in, {});
            if (is_large) left.emplace(labels, in);
        }
        for (bool changed = true; changed;) {
            changed = false;
            std::vector<Values> whole(names.size() - num_quasi);
            for (const auto& [labels, in] : left)
                for (std::size_t s = 0; s < whole.size(); ++s)
                    for (const auto& [value, count] : in.sensitive[s]) whole[s][value] += count;
            for (auto it = left.begin(); it != left.end();) {
                const bool all_hold = std::all_of(claims.criteria.begin(), claims.criteria.end(), [&](const auto& claim) { return holds(claim, it->second, whole); });
                changed = changed || !all_hold;
                it = all_hold ? std::next(it) : left.erase(it);
            }
        }
        std::uint64_t suppressed = rows.size();
        for (const auto& [labels, in] : left) suppressed -= in.customers;
        if (suppressed > max_suppressed) return std::nullopt;
        for (const auto& claim : claims.criteria)
            if (claim.name == "delta_presence" && claim.parameters[0] > 0)
                for (const auto& [labels, in] : all)
                    if (in.population > 0 && !left.contains(labels)) return std::nullopt;
        return left;
    }
};

}  // namespace meterveil::testing
