#pragma once
// Household attributes: generalised until every class of customers holds the criteria of the release.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/attributes.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::attributes {

/// How the values of a quasi-identifier are generalised. One of them is set; none: all values at once, to "*".
struct HierarchyRule {
    std::string file;                    ///< a CSV as ARX writes it
    std::vector<double> intervals;       ///< widths, each a multiple of the one before: 34 -> [30, 35) -> [30, 40)
    std::vector<std::uint32_t> prefixes; ///< characters that stay, falling; the others become '*'
    bool dates = false;                  ///< 2013-05-17 -> 2013-05 -> 2013-Q2 -> 2013
    bool operator==(const HierarchyRule&) const = default;
};

enum class Search : std::uint8_t {
    optimal,   ///< one level for all values of an attribute: the least loss of all nodes of the lattice
    mondrian,  ///< levels that differ from class to class; suppresses nobody
};
enum class Loss : std::uint8_t { granularity, discernibility, entropy };
const char* name_of(Search search);
const char* name_of(Loss loss);

/// How far two values of a sensitive attribute are apart, as a job says it.
struct DistanceRule {
    model::Distance::Kind kind = model::Distance::Kind::equal;
    std::vector<std::string> order;  ///< of ordered; empty: as numbers
    std::string file;                ///< of hierarchical: a CSV as ARX writes it
    bool operator==(const DistanceRule&) const = default;
};

struct Options {
    std::vector<model::CriterionClaim> criteria;      ///< every one must hold
    Search search = Search::optimal;
    Loss loss = Loss::granularity;
    double max_suppressed = 0;                        ///< share of customers that may be left out; of `optimal`
    std::map<std::string, HierarchyRule> hierarchies; ///< of quasi-identifiers
    std::map<std::string, DistanceRule> distances;    ///< of sensitive attributes; not listed: equal
    std::string population;                           ///< CSV with the quasi-identifiers of a population, a row each; empty: none
    std::uint64_t max_tuples = 5000000;               ///< distinct tuples that one rank may hold
    std::uint64_t max_nodes = 1000000;                ///< of the lattice
};

/// What may be published, if protect agrees.
struct Candidate {
    model::ReleasedAttributes table;
    model::AttributeEvidence evidence;
};

/// Collective. Customers meet by pseudonym, their distinct tuples on one rank, which searches; the result is on every rank, and the
/// same on any number of them.
/// @errors input: a customer with two values of one attribute; a value that its hierarchy does not know; too many distinct tuples;
///   privacy: no generalisation holds the criteria; usage: a criterion that lacks its population, an order that lacks a value
Result<Candidate> run(par::Comm& comm, model::Customers customers, const Options& options);

/// A criterion of this build.
struct CriterionInfo {
    const char* name;
    const char* summary;
    const char* source;
    const char* guarantee;
    bool needs_population, needs_sensitive;
};
std::vector<CriterionInfo> criterion_infos();

/// The criterion in words, as the manifest states it. @errors usage: unknown criterion (nearest named), bad parameters
Result<std::string> statement_of(const model::CriterionClaim& claim);

}  // namespace meterveil::attributes
