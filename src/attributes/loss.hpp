#pragma once
// What is lost by generalising, in whole numbers: losses are compared exactly, and added up in any order.

#include <cstdint>
#include <span>
#include <vector>

#include "attributes/hierarchy.hpp"
#include "attributes/table.hpp"

namespace meterveil::attributes {

/// Loss of single cells, which granularity and entropy add up. Discernibility has none: it is of classes.
class CellCosts {
public:
    explicit CellCosts(const Problem& problem);
    /// Of a value at a level, in units of 2^-20 (granularity: of a cell; entropy: of a bit). Does not fall with the level.
    [[nodiscard]] std::uint64_t cell(std::size_t attribute, std::uint32_t level, std::uint32_t value) const { return cells_[attribute][level][value]; }
    /// Of all customers, nobody suppressed.
    [[nodiscard]] std::uint64_t column(std::size_t attribute, std::uint32_t level) const { return columns_[attribute][level]; }
    /// What it adds to suppress a customer: the row then says nothing.
    [[nodiscard]] std::uint64_t more_if_suppressed(std::size_t tuple, std::span<const std::uint32_t> levels) const;
    /// Of a label that stands for `values` of the domain and for `customers`, in the place of a value that `having` have.
    [[nodiscard]] std::uint64_t of_label(std::size_t attribute, std::uint64_t values, std::uint64_t customers, std::uint64_t having) const;
    [[nodiscard]] std::uint64_t customers_with(std::size_t attribute, std::uint32_t value) const { return customers_[attribute][value]; }
    /// Of the published tuples, over what they would lose if nothing was said; 0 to 1.
    [[nodiscard]] double share(std::span<const std::uint32_t> levels, std::span<const std::uint8_t> is_published) const;
    /// Of all customers, if nothing was said.
    [[nodiscard]] std::uint64_t worst() const { return worst_; }

private:
    const Problem& problem_;
    std::vector<std::vector<std::vector<std::uint64_t>>> cells_;  // [attribute][level][value]
    std::vector<std::vector<std::uint64_t>> columns_;             // [attribute][level]
    std::vector<std::vector<std::uint64_t>> customers_;           // [attribute][value]
    std::uint64_t worst_ = 0;
};

}  // namespace meterveil::attributes
