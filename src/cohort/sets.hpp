#pragma once
// Batches that are summed together, and whether they may be. Pure.

#include <map>
#include <vector>

#include "cohort/pool.hpp"

namespace meterveil::cohort {

/// Batches that are summed together, and their facts.
struct Set {
    std::vector<model::BatchId> batches;           ///< ascending
    model::SetFacts facts, joined, left;           ///< no slots: nobody
    std::map<std::uint32_t, std::uint32_t> bonds;  ///< bond -> leaves of it in the set

    std::int64_t energy_wh = 0;                    ///< of the members
    void merge(const Set& other);
};

/// The batches of every leaf: its standing members together with newcomers that pass by themselves, and newcomers that wait.
/// Also leaves that everybody left, if they are bound to others.
class Batches {
public:
    Batches(const model::Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history);

    /// None, one or two sets.
    [[nodiscard]] std::vector<Set> of_leaf(model::NodeId leaf) const;
    [[nodiscard]] bool passes(const Set& set) const;
    /// True if those who joined and those who left each pass or are nobody.
    [[nodiscard]] bool has_quiet_past(const Set& set) const;
    /// True if the newcomers of a leaf are not in its own batch.
    [[nodiscard]] bool newcomers_wait(model::NodeId leaf) const;
    /// True if somebody takes part in the leaf and does not wait, or if the leaf counts as if.
    [[nodiscard]] bool has_data(model::NodeId leaf) const;
    /// Who stands in the leaf or was let in, and who joined and waits. No slots: nobody.
    [[nodiscard]] model::SetFacts counted(model::NodeId leaf) const { return own_batch(leaf).facts; }
    [[nodiscard]] const model::SetFacts& newcomers(model::NodeId leaf) const;
    /// Why the leaf's own batch is not an atom by itself: a rule, or "joined", "left", "bond", "place"; empty if it passes.
    [[nodiscard]] std::string reason(model::NodeId leaf) const;

private:
    [[nodiscard]] bool is_whole(const Set& set) const;
    [[nodiscard]] bool stands_in(model::NodeId leaf) const;
    [[nodiscard]] Set own_batch(model::NodeId leaf) const;

    const model::Hierarchy& hierarchy_;
    const LeafFacts& standing_;
    const model::RuleSet& rules_;
    const History& history_;
    model::NodeId first_;
    std::map<std::uint32_t, std::uint32_t> bond_sizes_;
};

/// Bottom-up: sets that pass, each batch in one of them or in none. See build_partition.
std::vector<Set> pool(const model::Hierarchy& hierarchy, const Batches& batches);

}  // namespace meterveil::cohort
