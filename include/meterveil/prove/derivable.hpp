#pragma once
// Proves again, from nothing but rows and facts, that no sum which can be derived from one or several releases is over a
// set of subjects that fails a rule. Shares no code with the rooms that build and certify. docs/methods/derivable-sums.md

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/prove/facts.hpp"
#include "meterveil/prove/rules.hpp"

namespace meterveil::prove {

using UnitId = std::uint32_t;
inline constexpr std::uint32_t no_unit = 0xffffffffU;

/// The published units of one release or geography, one channel: a forest. A unit's members are those of its own classes
/// and of the units below it. So the own classes of a unit are what it publishes beyond its children: an atom.
struct Forest {
    std::string name;                        ///< of the release, for explanations
    std::vector<std::string> unit_names;     ///< [unit]; may be empty: then units are numbered
    std::vector<UnitId> parent;              ///< [unit] no_unit for a root; a parent stands before its children
    std::vector<std::uint64_t> first_class;  ///< [unit + 1] offsets into classes
    std::vector<ClassId> classes;            ///< each class at most once in a forest
};

struct Problem {
    Facts facts;
    std::vector<Forest> forests;
    std::vector<std::string> statements;  ///< rules, as the manifest lists them
    std::vector<std::string> groups;      ///< names of the groups of subjects
    double max_failing_share = 0;         ///< for rules on every interval: share of slots that may fail
    /// The forests are of consecutive periods, not of the same intervals: in a difference without any class that was there in both and
    /// passes by itself, what was added and what was taken away do not cancel, and each must pass alone or be empty.
    bool is_consecutive = false;
};

/// Where to stop; what was not decided by then is `unproven`.
struct Limits {
    std::uint64_t pair_work = 20'000'000'000;         ///< classes looked at for differences of pairs that no bound settles
    std::uint64_t combination_work = 20'000'000'000;  ///< field operations for combinations
    std::uint32_t max_explained = 20;
};

enum class Kind : std::uint8_t {
    atom,         ///< what a unit publishes beyond its children: also "parent minus children"
    unit,
    pair,         ///< difference of two units that overlap
    combination,  ///< of rows of several releases
};
const char* name_of(Kind kind);

/// A sum that can be derived and fails. Names published units only: no member, no size.
struct Violation {
    /// One published row (a unit without its children) times a whole number.
    struct Term {
        std::uint32_t forest = 0;
        UnitId unit = 0;
        std::int64_t coefficient = 0;
    };
    Kind kind = Kind::atom;
    std::string rule;         ///< statement of a rule that it fails
    std::vector<Term> terms;  ///< atom and unit: one; pair: two whole units; combination: rows
    std::string explanation;
};

enum class Verdict : std::uint8_t { safe, unproven, unsafe };
const char* name_of(Verdict verdict);

struct Report {
    Verdict verdict = Verdict::unproven;
    std::uint64_t num_violations = 0;   ///< found; the search ends when max_explained are explained
    std::vector<Violation> violations;  ///< the first of them
    // What was looked at.
    std::uint64_t num_classes = 0, num_atoms = 0, num_units = 0;
    std::uint64_t num_pairs = 0;         ///< pairs of overlapping units
    std::uint64_t num_pairs_listed = 0;  ///< of which no bound settled: their difference was listed class by class
    std::uint64_t num_blocks = 0;        ///< connected sets of different rows
    std::uint64_t num_settled = 0;       ///< of which elimination of passing classes and cuts left nothing
    std::uint64_t num_searched = 0;      ///< of which a search decided
    std::uint64_t num_unproven = 0;      ///< of which nothing is known; pairs that were not listed count here too
};

/// Pure, local; the same for the same problem.
/// @errors input: a rule is not understood, or forests and facts do not belong together
Result<Report> prove(const Problem& problem, const Limits& limits = {});

/// The classes of members by their units, and each forest's own classes. Pure.
struct Refinement {
    std::vector<ClassId> class_of;  ///< [member]
    std::uint32_t num_classes = 0;
    std::vector<std::vector<std::uint64_t>> first_class;  ///< [forest][unit + 1]
    std::vector<std::vector<ClassId>> classes;            ///< [forest]
};
/// @param unit_of [forest][member] smallest unit that holds the member, or no_unit
/// @param num_units [forest]
/// Example: members in units {0, 0, 1} of one forest and {0, 1, 1} of another are three classes.
Refinement refine(const std::vector<std::vector<UnitId>>& unit_of, const std::vector<std::uint32_t>& num_units);

}  // namespace meterveil::prove
