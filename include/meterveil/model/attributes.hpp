#pragma once
// Attributes of households: as codes under pseudonyms before they are generalised, and as rows that may be published.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "meterveil/model/ids.hpp"

namespace meterveil::model {

/// What a column of the customers is to privacy. Identifiers are not read at all.
enum class AttributeKind : std::uint8_t {
    quasi,      ///< may be known to an attacker: generalised
    sensitive,  ///< must not be learnt of anybody: published as it is, in classes that hide whose it is
};

struct Attribute {
    std::string name;
    AttributeKind kind = AttributeKind::quasi;
    bool operator==(const Attribute&) const = default;
};

/// Rows of a table as codes; each rank has its part, with dictionaries of its own.
struct AttributeRows {
    std::vector<Attribute> attributes;             ///< quasi-identifiers first
    std::vector<std::vector<std::string>> values;  ///< [attribute][code] distinct
    std::vector<std::uint32_t> codes;              ///< [row x attribute]
    [[nodiscard]] std::size_t num_rows() const { return attributes.empty() ? 0 : codes.size() / attributes.size(); }
};

/// Fills AttributeRows row by row.
class AttributeEncoder {
public:
    explicit AttributeEncoder(std::vector<Attribute> attributes);
    /// The next value, in the order of the attributes, row after row.
    void add(std::string_view value);
    AttributeRows take();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    AttributeRows rows_;
    std::size_t column_ = 0;
    std::vector<std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>> codes_;
};

/// Customers as a rank parsed them: whose a row is, is a source id.
struct RawCustomers {
    AttributeRows rows;
    std::vector<std::string> subjects;  ///< [row]
    bool are_meters = false;            ///< the table names no customers: every meter is one
};

/// Customers after the cloakroom: whose a row is, is a pseudonym. A customer may have several rows, one for each meter.
struct Customers {
    AttributeRows rows;
    std::vector<Pseudonym> subjects;  ///< [row]
};

/// How far two values of a sensitive attribute are from each other, 0 to 1. @source Li, Li, Venkatasubramanian, t-Closeness (2007)
struct Distance {
    enum class Kind : std::uint8_t { equal, ordered, hierarchical } kind = Kind::equal;
    std::vector<std::string> order;                         ///< of `ordered`: values in their order; empty: as numbers
    std::map<std::string, std::vector<std::string>> paths;  ///< of `hierarchical`: what a value is part of, nearest first; all of one length
    bool operator==(const Distance&) const = default;
};
/// "equal", "ordered", "hierarchical"
const char* name_of(Distance::Kind kind);

/// A criterion by name with its parameters, e.g. {"t_closeness", {0.3}}.
struct CriterionClaim {
    std::string name;
    std::vector<double> parameters;
    bool operator==(const CriterionClaim&) const = default;
};

/// What a table of attributes promises of every class of customers that share all quasi-identifiers.
struct AttributeClaims {
    std::vector<CriterionClaim> criteria;
    std::map<std::string, Distance> distances;  ///< of sensitive attributes; not listed: equal
    bool operator==(const AttributeClaims&) const = default;
};

/// The generalised table as distinct rows, sorted by their text: nothing of the order of the input shows. The same on every rank.
struct ReleasedAttributes {
    std::vector<Attribute> attributes;             ///< as AttributeRows
    std::vector<std::vector<std::string>> labels;  ///< [attribute][code] sorted
    std::vector<std::uint32_t> codes;              ///< [row x attribute]
    std::vector<std::uint64_t> customers;          ///< [row] how many customers have this row
    AttributeClaims claims;
    [[nodiscard]] std::size_t num_rows() const { return customers.size(); }
    [[nodiscard]] const std::string& label(std::size_t row, std::size_t attribute) const { return labels[attribute][codes[row * attributes.size() + attribute]]; }
    bool operator==(const ReleasedAttributes&) const = default;
};

/// What the search for a generalisation did. Exact: for evidence, shares and sizes are to be banded.
struct AttributeEvidence {
    std::string search, loss_name;
    double loss = 0;                             ///< of the published rows; 0: nothing was generalised; 1: everything
    std::vector<std::string> levels;             ///< of each quasi-identifier, e.g. "age: 2 of 4"; of Mondrian "age: local"
    std::vector<std::string> statements;         ///< the criteria in words
    std::uint32_t k = 1;                         ///< of k_anonymity: where ranges start; 1: none
    std::uint64_t customers = 0, suppressed = 0; ///< of all customers
    std::uint64_t classes = 0, smallest_class = 0, smallest_population = 0;  ///< population 0: no such table
    double marketer_risk = 0;                    ///< expected share of customers that an attacker who guesses in every class finds
    double marketer_population_risk = 0;         ///< the same against the population; 0: no such table
};

}  // namespace meterveil::model
