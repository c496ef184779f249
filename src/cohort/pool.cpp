#include "cohort/pool.hpp"

#include <algorithm>
#include <numeric>

#include "cohort/sets.hpp"
#include "cohort/units.hpp"

namespace meterveil::cohort {
namespace {

using model::Hierarchy;
using model::no_id;
using model::NodeId;

/// Atoms that lie under the same nodes: to absorb one of them loses its energy once for each of those nodes.
struct Group {
    NodeId above = 0;                ///< the lowest node that has them all
    std::vector<std::size_t> atoms;  ///< cheapest last
};

class Pooling {
public:
    Pooling(const Hierarchy& hierarchy, const Batches& batches) : hierarchy_(hierarchy), batches_(batches), straddled_by_(hierarchy.nodes.size(), no_id) {}

    std::vector<Set> atoms() {
        settle(0);
        std::vector<Set> alive;
        for (Set& atom : atoms_)
            if (!atom.batches.empty()) alive.push_back(std::move(atom));
        return alive;
    }

private:
    /// What a node hands to its parent; its atoms are the last of atoms_.
    struct Settled {
        std::vector<Set> pool;  ///< batches that found no home yet
        std::int64_t energy_wh = 0;
    };

    Settled settle(NodeId node) {
        const std::size_t first_atom = atoms_.size();
        Settled settled = hierarchy_.is_leaf(node) ? settle_leaf(node) : settle_children(node);
        if (!hierarchy_.is_leaf(node) && !settled.pool.empty()) find_home(node, first_atom, settled);
        return settled;
    }

    Settled settle_leaf(NodeId leaf) {
        Settled settled;
        for (Set& batch : batches_.of_leaf(leaf)) {
            settled.energy_wh += batch.energy_wh;
            const bool is_own = batch.batches[0] == leaf;
            if (is_own && batches_.passes(batch)) atoms_.push_back(std::move(batch));
            else settled.pool.push_back(std::move(batch));
        }
        return settled;
    }

    Settled settle_children(NodeId node) {
        Settled settled;
        for (std::uint32_t c = 0; c < hierarchy_.nodes[node].num_children; ++c) {
            Settled child = settle(hierarchy_.nodes[node].first_child + c);
            settled.energy_wh += child.energy_wh;
            std::move(child.pool.begin(), child.pool.end(), std::back_inserter(settled.pool));
        }
        return settled;
    }

    /// The pool becomes atoms here, alone or with absorbed ones, or stays the pool. Newcomers never cost others their row.
    void find_home(NodeId node, std::size_t first_atom, Settled& settled) {
        if (close_cohorts(settled.pool)) return settled.pool.clear();
        close_unchanged(settled.pool);
        const auto newcomers = std::stable_partition(settled.pool.begin(), settled.pool.end(), [&](const Set& batch) { return batch.batches[0] < hierarchy_.nodes.size(); });
        std::vector<Set> waiting(std::make_move_iterator(newcomers), std::make_move_iterator(settled.pool.end()));
        settled.pool.erase(newcomers, settled.pool.end());
        if (!settled.pool.empty() && (close_cohorts(settled.pool) || absorb(node, first_atom, settled))) settled.pool.clear();
        if (!waiting.empty() && close_cohorts(waiting)) waiting.clear();
        std::move(waiting.begin(), waiting.end(), std::back_inserter(settled.pool));
    }

    /// A pool that passes as a whole, cut into sets that pass. @return false: it does not
    bool close_cohorts(const std::vector<Set>& pool) {
        if (!batches_.passes(whole_of(pool))) return false;
        std::vector<Set> cohorts(1);
        for (const auto& group : batches_.tied(pool))
            for (const Set& batch : group) {
                if (!cohorts.back().batches.empty() && batches_.passes(cohorts.back())) cohorts.emplace_back();
                cohorts.back().merge(batch);
            }
        while (!batches_.passes(cohorts.back())) {
            const Set rest = std::move(cohorts.back());
            cohorts.pop_back();
            cohorts.back().merge(rest);
        }
        std::move(cohorts.begin(), cohorts.end(), std::back_inserter(atoms_));
        return true;
    }

    /// Those that nothing stands against but that they are too few need not wait for the others.
    void close_unchanged(std::vector<Set>& pool) {
        std::vector<Set> unchanged, changed;
        for (auto& group : batches_.tied(std::move(pool))) {
            auto& to = batches_.has_quiet_past(whole_of(group)) ? unchanged : changed;
            std::move(group.begin(), group.end(), std::back_inserter(to));
        }
        if (!unchanged.empty() && close_cohorts(unchanged)) unchanged.clear();
        pool = std::move(unchanged);
        std::move(changed.begin(), changed.end(), std::back_inserter(pool));
    }

    static Set whole_of(const std::vector<Set>& pool) {
        Set whole;
        for (const Set& batch : pool) whole.merge(batch);
        return whole;
    }

    bool absorb(NodeId node, std::size_t first_atom, const Settled& settled) {
        const bool is_root = node == 0;
        Set grown = whole_of(settled.pool);
        std::vector<Group> groups = groups_of(first_atom);
        std::vector<std::size_t> absorbed;
        std::int64_t loss = 0;
        for (const Set& batch : settled.pool) straddle(above(batch), node);
        while (!batches_.passes(grown)) {
            Group* cheapest = cheapest_of(groups, node);
            if (cheapest == nullptr) return false;  // handed up, or withheld at the root
            const std::size_t atom = cheapest->atoms.back();
            loss += loss_of(*cheapest, node);
            if (!is_root && loss > settled.energy_wh) return false;
            cheapest->atoms.pop_back();
            straddle(cheapest->above, node);
            grown.merge(atoms_[atom]);
            absorbed.push_back(atom);
        }
        give_back(settled.pool, absorbed, grown);
        for (const std::size_t atom : absorbed) atoms_[atom] = {};
        atoms_.push_back(std::move(grown));
        return true;
    }

    /// Atoms that were absorbed before the one that was needed stand for themselves again.
    void give_back(const std::vector<Set>& pool, std::vector<std::size_t>& absorbed, Set& grown) const {
        constexpr std::size_t most_tried = 64;  // each costs a union of them all
        for (std::size_t tried = 0, i = 0; tried < most_tried && i < absorbed.size() && absorbed.size() > 1; ++tried) {
            Set without = whole_of(pool);
            for (std::size_t j = 0; j < absorbed.size(); ++j)
                if (j != i) without.merge(atoms_[absorbed[j]]);
            if (!batches_.passes(without)) {
                ++i;
                continue;
            }
            grown = std::move(without);
            absorbed.erase(absorbed.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    std::vector<Group> groups_of(std::size_t first_atom) const {
        std::vector<std::size_t> order;
        for (std::size_t a = first_atom; a < atoms_.size(); ++a)
            if (!atoms_[a].batches.empty()) order.push_back(a);
        const auto key = [&](std::size_t a) { return std::pair(above(atoms_[a]), -atoms_[a].energy_wh); };
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
        std::vector<Group> groups;
        for (const std::size_t a : order) {
            if (groups.empty() || groups.back().above != above(atoms_[a])) groups.push_back({above(atoms_[a]), {}});
            groups.back().atoms.push_back(a);
        }
        return groups;
    }

    /// The lowest node that a set does not make up alone: the parent of a single leaf, the node above all batches of a cohort.
    NodeId above(const Set& set) const {
        const NodeId top = top_of(hierarchy_, set);
        return hierarchy_.is_leaf(top) ? hierarchy_.nodes[top].parent : top;
    }

    void straddle(NodeId from, NodeId node) {
        for (; from != node; from = hierarchy_.nodes[from].parent) straddled_by_[from] = node;
    }

    /// Energy of the units that absorbing the cheapest of a group loses: its own row, and each node that it alone made whole so far.
    std::int64_t loss_of(const Group& group, NodeId node) const {
        std::int64_t lost_units = 1;
        for (NodeId n = group.above; n != node; n = hierarchy_.nodes[n].parent) lost_units += straddled_by_[n] == node ? 0 : 1;
        return atoms_[group.atoms.back()].energy_wh * lost_units;
    }

    Group* cheapest_of(std::vector<Group>& groups, NodeId node) const {
        Group* best = nullptr;
        for (Group& group : groups)
            if (!group.atoms.empty() && (best == nullptr || loss_of(group, node) < loss_of(*best, node))) best = &group;
        return best;
    }

    const Hierarchy& hierarchy_;
    const Batches& batches_;
    std::vector<Set> atoms_;             ///< absorbed ones are empty
    std::vector<NodeId> straddled_by_;   ///< [node] the node whose pool straddles it
};

}  // namespace

std::vector<Set> pool(const Hierarchy& hierarchy, const Batches& batches) { return Pooling(hierarchy, batches).atoms(); }

model::Partition build_partition(model::Channel channel, const Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history) {
    const Batches batches(hierarchy, standing, rules, history);
    return lay_out(channel, hierarchy, batches, pool(hierarchy, batches));
}

}  // namespace meterveil::cohort
