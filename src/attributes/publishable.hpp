#pragma once
// From a solution to the rows that may be published, and what is known of their risk. Pure.

#include <string>
#include <vector>

#include "attributes/table.hpp"
#include "meterveil/attributes/run.hpp"

namespace meterveil::attributes {

/// Distinct published rows sorted by their text; labels that no row has are not among them.
/// @param sensitive_values [sensitive attribute][code]
model::ReleasedAttributes publishable(const Problem& problem, const Solution& solution, std::vector<model::Attribute> attributes,
                                      const std::vector<std::vector<std::string>>& sensitive_values);

/// Fills what a solution says of loss, suppression, classes and risk.
/// Prosecutor: who knows that somebody is in the table finds him with 1 / class. Journalist: 1 / class of the population. Marketer: the
/// mean of it over all rows. @source Dankar, El Emam, A Method for Evaluating Marketer Re-identification Risk (2010)
void measure(const Problem& problem, const Solution& solution, model::AttributeEvidence& evidence);

}  // namespace meterveil::attributes
