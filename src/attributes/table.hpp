#pragma once
// What a search looks at: distinct tuples of quasi-identifiers, how many customers and persons have each, and their sensitive values.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "attributes/criterion.hpp"
#include "attributes/hierarchy.hpp"
#include "attributes/tuples.hpp"

namespace meterveil::attributes {

/// Distinct quasi-identifiers in rising order. A tuple of the population alone has no customers and no entries.
struct Table {
    std::size_t num_quasi = 0, num_sensitive = 0;
    std::vector<std::uint32_t> quasi;           ///< [attribute x tuple]
    std::vector<std::uint64_t> customers;       ///< [tuple]
    std::vector<std::uint64_t> population;      ///< [tuple]
    std::vector<std::uint64_t> first_entry;     ///< [tuple + 1]
    std::vector<std::uint32_t> sensitive;       ///< [entry x attribute] distinct within the tuple, rising
    std::vector<std::uint64_t> entry_customers; ///< [entry]
    std::uint64_t num_customers = 0;
    [[nodiscard]] std::size_t size() const { return customers.size(); }
    [[nodiscard]] std::span<const std::uint32_t> column(std::size_t attribute) const { return std::span(quasi).subspan(attribute * size(), size()); }
};

/// Pure. @param customers tuples of quasi-identifiers, then sensitive values  @param population tuples of quasi-identifiers
Table make_table(const Tuples& customers, const Tuples& population, std::size_t num_quasi);

/// Pure. Of values that nobody has been counted with yet.
/// @param values [code] rising in the order of an ordered distance  @param paths of hierarchical: what a value is part of
/// @errors input: a value has no path
Result<Reference> make_reference(std::span<const std::string> values, model::Distance::Kind kind, const Paths& paths);

/// A problem: the table, how its values may be generalised, and what must hold.
struct Problem {
    Table table;
    std::vector<Hierarchy> hierarchies;                       ///< [quasi-identifier]
    std::vector<Reference> sensitive;                         ///< [sensitive attribute] distances; counts are taken by the search
    std::vector<Requirement> criteria;
    Loss loss = Loss::granularity;
    std::uint64_t max_suppressed = 0;                         ///< customers
};

/// What becomes of the tuples: the label that stands for each of its quasi-identifiers, if it is published.
struct Solution {
    bool found = false;
    std::vector<std::vector<std::string>> labels;  ///< [quasi-identifier][label]
    std::vector<std::uint32_t> label_of;           ///< [attribute x tuple]
    std::vector<std::uint8_t> is_published;        ///< [tuple]
    std::vector<std::uint32_t> levels;             ///< [quasi-identifier] of the lattice; empty: they differ from class to class
    std::uint64_t loss = 0;                        ///< what the search made least: of all customers
    double lost_share = 0;                         ///< of the published rows alone, 0 to 1: with the others it would tell how many are left out
    std::uint64_t suppressed = 0;                  ///< customers
    std::uint64_t nodes_judged = 0;
};

}  // namespace meterveil::attributes
