#pragma once
// What the door is made of: files, and meetings of ranks.

#include <string>
#include <vector>

#include "attributes/table.hpp"
#include "meterveil/attributes/run.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::attributes {

/// Collective. Rank 0's paths on every rank. @errors input: the file is missing, or is no hierarchy
Result<Paths> read_paths(par::Comm& comm, const std::string& file);

/// Collective. Rows of a population, each rank its part of the lines: the columns of these names.
/// @errors input: a column is missing, a row is too short
Result<model::AttributeRows> read_population(par::Comm& comm, const std::string& file, const std::vector<model::Attribute>& attributes);

/// Collective. The values of an attribute over all ranks, each once, in no order. @errors input: too many of them
Result<std::vector<std::string>> all_values(par::Comm& comm, const std::vector<std::string>& mine);

/// Collective. Customers meet by pseudonym, so that each is counted once, however many rows it has.
/// @return distinct tuples of this rank's customers
/// @errors input: a customer has two values of an attribute
Result<Tuples> meet_by_subject(par::Comm& comm, model::Customers customers, std::span<const std::uint32_t> bases);

/// Collective. Equal tuples meet, wherever they come from, and end on rank 0. @errors input: there are more than `limit`
Result<Tuples> meet_on_first(par::Comm& comm, const Tuples& mine, std::span<const std::uint32_t> bases, std::uint64_t limit);

/// Collective. Rank 0's candidate on every rank.
void broadcast(par::Comm& comm, Candidate& candidate);

}  // namespace meterveil::attributes
