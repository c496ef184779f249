#pragma once
// What a disclosure rule looks at, and what it answers. The rules themselves live in protect.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "meterveil/model/ids.hpp"

namespace meterveil::model {

/// Over how much time a rule adds energy up before it looks.
enum class Scope : std::uint8_t { period, month, interval };
const char* name_of(Scope scope);

/// One cell as a rule sees it: distinct subjects' absolute contributions.
struct CellFacts {
    std::uint64_t contributors = 0;      ///< subjects with a non-zero contribution
    std::int64_t total = 0;              ///< quanta, >= 0
    const std::int64_t* top = nullptr;   ///< the largest contributions, descending, zero-padded
    std::uint32_t num_top = 0;           ///< RuleSet::num_top
    std::int64_t least = 0;              ///< the smallest non-zero contribution of a subject that lies wholly in the set, whatever is merged with it; 0: none
};

/// A disclosure check; its verdict. No number that could size a small group.
struct Finding {
    bool passes = true;
    std::string rule;    ///< name of the rule that failed first; empty if none
};

/// A disclosure rule. Pure. Monotone: a union of passing sets of disjoint subjects passes.
class Rule {
public:
    virtual ~Rule() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual bool passes(const CellFacts& cell) const = 0;
    /// How many of the largest contributions `passes` looks at.
    [[nodiscard]] virtual std::uint32_t num_top() const = 0;
    /// The rule as the manifest states it, e.g. "min_contributors = 10".
    [[nodiscard]] virtual std::string statement() const = 0;
};

/// Rules for one class of subjects, e.g. residential. A release that tells no classes apart has one, without a name.
struct ClassRules {
    std::string subject_class;
    std::vector<std::shared_ptr<const Rule>> rules;
};

/// The rules of a release, and the energy that they look at. Each class of subjects that a set holds passes its own.
struct RuleSet {
    std::vector<ClassRules> classes{1};
    Scope scope = Scope::period;
    double max_failing_share = 0.0;  ///< for Scope::interval: share of cells that may fail
    std::uint32_t min_contributors = 0;  ///< the k of the release: bands start here
    [[nodiscard]] std::uint32_t num_top() const;
    /// Slots of facts, if the scope has so many bins: bin after bin for each class.
    [[nodiscard]] std::uint32_t num_slots(std::uint32_t bins) const { return bins * static_cast<std::uint32_t>(classes.size()); }
};

/// Statistics of one set of meters, enough for every rule, mergeable exactly. Slots are the cells
/// of the scope (1, months, or intervals), once for each class of subjects, class after class. A subject whose meters all lie in this set's leaf is
/// folded into count/total/top; a subject with meters on other leaves too ("spanning") is kept by
/// name, so that merging sets adds its parts before it is counted.
struct SetFacts {
    std::uint32_t slots = 0, num_top = 0;
    std::vector<std::uint32_t> contributors;   ///< [slot], folded subjects with non-zero contribution
    std::vector<std::int64_t> total;           ///< [slot], folded subjects' quanta
    std::vector<std::int64_t> top;             ///< [slot * num_top], descending
    std::vector<std::int64_t> least;           ///< [slot], smallest non-zero of the folded subjects; 0: none
    std::map<Pseudonym, std::vector<std::int64_t>> spanning;  ///< subject -> [slot] quanta

    SetFacts() = default;
    SetFacts(std::uint32_t num_slots, std::uint32_t tops);
    /// Adds a subject that lies wholly in this set. @param quanta [slot], >= 0
    void fold(const std::vector<std::int64_t>& quanta);
    /// Adds a part of a subject that other sets hold parts of too.
    void span(const Pseudonym& subject, const std::vector<std::int64_t>& quanta);
    void merge(const SetFacts& other);
    /// Total over all slots, spanning subjects included, quanta.
    [[nodiscard]] std::int64_t grand_total() const;
    bool operator==(const SetFacts&) const = default;
};

/// Facts of one slot with the spanning subjects counted in.
/// @param top_buffer scratch of at least num_top values; the result points into it
CellFacts cell_of(const SetFacts& set, std::uint32_t slot, std::vector<std::int64_t>& top_buffer);

/// The verdict of all rules over all slots of the classes that the set holds. An empty set (no contributor at all) fails.
Finding judge(const RuleSet& rules, const SetFacts& set);

/// Share of slots that fail, of the class that fails most, 0 .. 1 (banded before it is published).
double failing_share(const RuleSet& rules, const SetFacts& set);

}  // namespace meterveil::model
