#pragma once
// Proves the claims of a table of attributes from its rows alone, in the plainest way: nothing of the search is used here.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/model/attributes.hpp"

namespace meterveil::model {

/// Takes the rows of a published table one after another, then judges the claims.
class AttributeProof {
public:
    explicit AttributeProof(std::vector<Attribute> attributes) : attributes_(std::move(attributes)) {}
    /// @param row values in the order of the attributes  @param customers how many rows like it
    void add(std::span<const std::string> row, std::uint64_t customers = 1);
    [[nodiscard]] std::uint64_t num_rows() const { return num_rows_; }
    [[nodiscard]] std::size_t num_classes() const { return classes_.size(); }
    [[nodiscard]] std::uint64_t smallest_class() const;

    /// What does not hold, in words without a value or a size; nothing: all that can be proven from the rows holds.
    /// k_map and delta_presence speak of a population that is not in the table: see can_be_proven.
    [[nodiscard]] std::optional<std::string> first_failure(const AttributeClaims& claims) const;
    static bool can_be_proven(const CriterionClaim& claim);

private:
    using Counts = std::map<std::string, std::uint64_t>;  // value -> customers
    struct Class {
        std::uint64_t customers = 0;
        std::vector<Counts> sensitive;  // [sensitive attribute]
    };
    [[nodiscard]] std::vector<std::string> sensitive_names() const;
    [[nodiscard]] bool holds(const CriterionClaim& claim, const Class& in, const AttributeClaims& claims, const std::vector<Counts>& whole) const;

    std::vector<Attribute> attributes_;
    std::uint64_t num_rows_ = 0;
    std::map<std::vector<std::string>, Class> classes_;
};

}  // namespace meterveil::model
