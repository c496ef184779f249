#pragma once
// Small random tables of attributes, as a problem for the room and as rows for the twin.

#include <random>

#include "attribute_twin.hpp"
#include "attributes/search.hpp"

namespace meterveil::testing {

/// A problem and the same as texts.
struct Case {
    Twin twin;
    attributes::Problem problem;
    std::vector<std::vector<std::string>> values;  ///< [attribute][code]
};

/// Labels of 1 to 3 levels over some values, nested, the last "*". Values that no row has are in them too.
inline std::map<std::string, std::vector<std::string>> random_paths(std::mt19937& random, std::uint32_t num_values) {
    std::map<std::string, std::vector<std::string>> paths;
    const auto levels = static_cast<std::uint32_t>(random() % 3);
    for (std::uint32_t v = 0; v < num_values; ++v) {
        auto& path = paths[std::to_string(v)];
        std::uint32_t label = v;
        for (std::uint32_t level = 1; level <= levels; ++level) path.push_back("g" + std::to_string(level) + "-" + std::to_string(label /= 2));
        path.emplace_back("*");
    }
    return paths;
}

inline Twin random_twin(std::mt19937& random, std::vector<model::CriterionClaim> criteria, std::size_t num_sensitive, bool has_population) {
    Twin twin;
    twin.num_quasi = 1 + random() % 3;
    std::vector<std::uint32_t> num_values;
    for (std::size_t a = 0; a < twin.num_quasi + num_sensitive; ++a) {
        twin.names.push_back("a" + std::to_string(a));
        num_values.push_back(static_cast<std::uint32_t>(2 + random() % 5));
        if (a < twin.num_quasi) twin.paths.push_back(random_paths(random, num_values.back()));
    }
    twin.claims.criteria = std::move(criteria);
    const std::size_t num_rows = 4 + random() % 50;
    for (std::size_t r = 0; r < num_rows; ++r) {
        auto& row = twin.rows.emplace_back();
        for (std::size_t a = 0; a < twin.names.size(); ++a) row.push_back(std::to_string(std::min(random() % num_values[a], random() % num_values[a])));  // low values are frequent
        const auto quasi = std::vector(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(twin.num_quasi));
        if (has_population) twin.population.push_back(quasi);
    }
    for (std::size_t p = 0; has_population && p < num_rows; ++p) {
        auto& person = twin.population.emplace_back();
        for (std::size_t c = 0; c < twin.num_quasi; ++c) person.push_back(std::to_string(random() % num_values[c]));
    }
    for (std::size_t a = twin.num_quasi; a < twin.names.size(); ++a) {
        model::Distance distance;
        distance.kind = static_cast<model::Distance::Kind>(random() % 3);
        if (distance.kind == model::Distance::Kind::hierarchical) distance.paths = random_paths(random, num_values[a]);
        twin.claims.distances[twin.names[a]] = distance;
    }
    return twin;
}

/// Distinct rows of codes.
inline attributes::Tuples tuples_of(const std::vector<std::vector<std::string>>& rows, const std::vector<std::vector<std::string>>& values, std::size_t width) {
    std::vector<std::uint32_t> codes, bases;
    for (std::size_t a = 0; a < width; ++a) bases.push_back(static_cast<std::uint32_t>(values[a].size()));
    for (const auto& row : rows)
        for (std::size_t a = 0; a < width; ++a) codes.push_back(static_cast<std::uint32_t>(std::find(values[a].begin(), values[a].end(), row[a]) - values[a].begin()));
    return attributes::distinct(codes, {}, bases);
}

/// @param numeric quasi-identifiers are numbers to Mondrian, not hierarchies
inline Case case_of(Twin twin, std::uint64_t max_suppressed, attributes::Loss loss, bool numeric) {
    Case made;
    attributes::Problem& problem = made.problem;
    for (std::size_t a = 0; a < twin.names.size(); ++a) {
        std::vector<std::string> all;
        for (const auto& row : twin.rows) all.push_back(row[a]);
        for (const auto& person : twin.population)
            if (a < twin.num_quasi) all.push_back(person[a]);
        attributes::sort_values(all);
        all.erase(std::unique(all.begin(), all.end()), all.end());
        made.values.push_back(all);
        if (a < twin.num_quasi) {
            problem.hierarchies.push_back(attributes::make_hierarchy(all, twin.paths[a]).value());
            problem.hierarchies.back().is_numeric = numeric;
        } else {
            const auto& distance = twin.claims.distances[twin.names[a]];
            problem.sensitive.push_back(attributes::make_reference(all, distance.kind, distance.paths).value());
        }
    }
    problem.table = attributes::make_table(tuples_of(twin.rows, made.values, twin.names.size()), tuples_of(twin.population, made.values, twin.num_quasi), twin.num_quasi);
    for (const auto& claim : twin.claims.criteria) problem.criteria.push_back(attributes::require(claim).value());
    problem.loss = loss;
    problem.max_suppressed = max_suppressed;
    made.twin = std::move(twin);
    return made;
}

}  // namespace meterveil::testing
