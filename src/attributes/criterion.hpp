#pragma once
// What must hold of every class of customers. One file each in src/attributes/criteria; CMake writes the table.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/attributes.hpp"

namespace meterveil::attributes {

/// How the published values of one sensitive attribute are distributed over all classes, and how far they are apart.
/// Codes rise in the order of an ordered distance.
struct Reference {
    std::vector<std::uint64_t> counts;               ///< [value]
    std::uint64_t total = 0;
    std::vector<std::uint32_t> present;              ///< values with a count, rising
    model::Distance::Kind distance = model::Distance::Kind::equal;
    std::vector<std::vector<std::uint32_t>> parent;  ///< of hierarchical: [height][label or value] its label one up; the last is the root
};

/// The values of one sensitive attribute in one class.
struct Histogram {
    std::span<const std::uint64_t> counts;   ///< [value]; all but `present` are 0
    std::span<const std::uint32_t> present;  ///< values with a count, in any order
    const Reference* reference = nullptr;
};

/// A class of customers: all that share the generalised quasi-identifiers.
struct ClassFacts {
    std::uint64_t customers = 0;   ///< > 0
    std::uint64_t population = 0;  ///< persons of the population table in it
    std::span<const Histogram> sensitive;
};

/// A criterion. Pure. If two classes hold it, so does their union.
class Criterion {
public:
    virtual ~Criterion() = default;
    [[nodiscard]] virtual bool holds(const ClassFacts& facts) const = 0;
    /// True: a class that holds it holds it with any other class added, one that fails included. Then it is sound to conclude from a
    /// generalisation to a coarser one although classes are suppressed.
    [[nodiscard]] virtual bool survives_any_union() const = 0;
    /// True: it speaks of persons without a published class too, so that nobody of the population may be without one.
    [[nodiscard]] virtual bool needs_every_class() const { return false; }
};

/// A kind of criterion. `make` takes the parameters in the job's order.
struct CriterionKind {
    const char* name;
    const char* summary;
    const char* source;     ///< paper
    const char* guarantee;  ///< what a class that holds it promises
    bool needs_population, needs_sensitive;
    const char* statement;  ///< a format with a {} for each parameter: "k = {}"
    Result<std::shared_ptr<const Criterion>> (*make)(std::span<const double> parameters);
};

/// All criteria of this build, by name.
std::span<const CriterionKind> criterion_kinds();

/// A criterion that has to hold, and what it is.
struct Requirement {
    const CriterionKind* kind = nullptr;
    std::shared_ptr<const Criterion> criterion;
};

/// @errors usage: unknown criterion (nearest named), bad parameter
Result<Requirement> require(const model::CriterionClaim& claim);

/// True for a whole number of at least `least`, small enough to be exact.
bool is_count(double number, double least);

/// Earth mover's distance of a class from all, 0 to 1, as work over scale: whole numbers, so that it is exact.
struct Work {
    double work = 0, scale = 1;
};
/// @source Li, Li, Venkatasubramanian, t-Closeness: Privacy Beyond k-Anonymity and l-Diversity (ICDE 2007), sections 4.1 and 4.2
/// Example: a class of 2 with one value, of 4 customers with two values equally: 1/2 apart, equal distance.
Work distance_from(const Histogram& histogram, std::uint64_t customers);

}  // namespace meterveil::attributes
