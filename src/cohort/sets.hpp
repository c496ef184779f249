#pragma once
// Batches that are summed together, and whether they may be. Pure.

#include <map>
#include <unordered_map>
#include <vector>

#include "cohort/pool.hpp"

namespace meterveil::cohort {

/// @param into no slots: nobody
void merge_facts(model::SetFacts& into, const model::SetFacts& from);

/// True if those that joined a leaf are too few to be let in.
bool must_wait(const model::RuleSet& rules, const model::SetFacts& joined);

/// What a set has of an atom that stands nowhere. No slots: nobody.
struct Strays {
    model::SetFacts here, left;
};

/// Batches that are summed together, and their facts.
struct Set {
    std::vector<model::BatchId> batches;           ///< ascending
    model::SetFacts facts, joined, left;           ///< no slots: nobody
    std::map<std::uint32_t, Strays> strays;        ///< atom of then -> its parts in the set
    std::map<std::uint32_t, std::uint32_t> bonds;  ///< bond -> leaves of it in the set
    std::vector<std::uint32_t> arriving, departing;  ///< flows that end here, and begin here; not those that do both. Ascending

    std::int64_t energy_wh = 0;                    ///< of the members
    void merge(const Set& other);
};

/// The batches of every leaf: its standing members together with newcomers that are let in, and newcomers that wait.
/// Also leaves that everybody left, if they are bound to others.
class Batches {
public:
    Batches(const model::Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history);

    /// None, one or two sets.
    [[nodiscard]] std::vector<Set> of_leaf(model::NodeId leaf) const;
    [[nodiscard]] bool passes(const Set& set) const;
    /// True if nothing stands against the set but that its members are too few: nobody joined or left, or they pass, and no bond is broken.
    [[nodiscard]] bool has_quiet_past(const Set& set) const;
    /// The sets of a pool so that those that flows or bonds tie together follow each other: groups, in the order of their first sets.
    [[nodiscard]] std::vector<std::vector<Set>> tied(std::vector<Set> pool) const;
    /// True if somebody takes part in the leaf and does not wait, or if the leaf counts as if.
    [[nodiscard]] bool has_data(model::NodeId leaf) const;
    /// Who stands in the leaf or was let in, and who joined or moved and waits. No slots: nobody.
    [[nodiscard]] model::SetFacts counted(model::NodeId leaf) const { return own_batch(leaf).facts; }
    [[nodiscard]] model::SetFacts newcomers(model::NodeId leaf) const { return new_batch(leaf).facts; }
    /// True if somebody of the leaf waits.
    [[nodiscard]] bool has_newcomers(model::NodeId leaf) const;
    /// Why the leaf's own batch is not an atom by itself: a rule, or "joined", "left", "bond", "place"; empty if it passes.
    [[nodiscard]] std::string reason(model::NodeId leaf) const;

private:
    [[nodiscard]] bool is_whole(const Set& set) const;
    [[nodiscard]] bool has_quiet_moves(const Set& set) const;
    [[nodiscard]] bool joined_waits(model::NodeId leaf) const;
    [[nodiscard]] bool stands_in(model::NodeId leaf) const;
    [[nodiscard]] Set own_batch(model::NodeId leaf) const;
    [[nodiscard]] Set new_batch(model::NodeId leaf) const;
    /// Adds flows and energy to a batch. @param set of one
    void complete(Set& set) const;

    const model::Hierarchy& hierarchy_;
    const LeafFacts& standing_;
    const model::RuleSet& rules_;
    const History& history_;
    model::NodeId first_;
    std::map<std::uint32_t, std::uint32_t> bond_sizes_;
    std::unordered_map<model::BatchId, std::vector<std::uint32_t>> arriving_, departing_, strays_;
};

/// Bottom-up: sets that pass, each batch in one of them or in none. See build_partition.
std::vector<Set> pool(const model::Hierarchy& hierarchy, const Batches& batches);

}  // namespace meterveil::cohort
