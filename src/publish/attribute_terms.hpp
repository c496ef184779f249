#pragma once
// What a manifest says of attributes.csv. Pure.

#include <nlohmann/json.hpp>

#include "meterveil/model/attributes.hpp"
#include "meterveil/core/result.hpp"

namespace meterveil::publish {

/// The columns of attributes.csv in their order, and what every class holds.
struct AttributeTerms {
    std::vector<model::Attribute> attributes;
    model::AttributeClaims claims;
};

nlohmann::ordered_json attribute_terms_json(const model::ReleasedAttributes& table);

/// @errors input: an entry is missing, or has another type
Result<AttributeTerms> parse_attribute_terms(const nlohmann::json& object);

/// The criteria for people: "k_anonymity (10)".
std::vector<std::string> criteria_texts(const model::AttributeClaims& claims);

}  // namespace meterveil::publish
