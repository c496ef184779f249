#include "cohort/pool.hpp"

#include <algorithm>
#include <set>

#include "cohort/units.hpp"

namespace meterveil::cohort {
namespace {

using model::Hierarchy;
using model::NodeId;
using model::RuleSet;
using model::SetFacts;

/// What a node hands to its parent.
struct Settled {
    std::vector<Set> atoms;  ///< wholly under the node
    Set pool;                ///< leaves that found no home yet
};

class Pooling {
public:
    Pooling(const Hierarchy& hierarchy, const LeafFacts& facts, const RuleSet& rules)
        : hierarchy_(hierarchy), facts_(facts), rules_(rules), first_leaf_(first_leaf(hierarchy)) {}

    Settled settle(NodeId node) {
        if (hierarchy_.is_leaf(node)) return settle_leaf(node);
        Settled settled;
        const auto& here = hierarchy_.nodes[node];
        for (std::uint32_t c = 0; c < here.num_children; ++c) {
            Settled child = settle(here.first_child + c);
            for (Set& atom : child.atoms) settled.atoms.push_back(std::move(atom));
            merge(settled.pool, child.pool);
        }
        if (!settled.pool.leaves.empty()) find_home(node, settled);
        return settled;
    }

private:
    Settled settle_leaf(NodeId leaf) const {
        const SetFacts& facts = facts_[leaf - first_leaf_];
        if (facts.slots == 0) return {};
        Set set{{leaf}, facts};
        if (model::judge(rules_, facts).passes) return {{std::move(set)}, {}};
        return {{}, std::move(set)};
    }

    static void merge(Set& into, const Set& from) {
        if (from.leaves.empty()) return;
        if (into.leaves.empty()) {
            into = from;
            return;
        }
        into.leaves.insert(into.leaves.end(), from.leaves.begin(), from.leaves.end());
        std::sort(into.leaves.begin(), into.leaves.end());
        into.facts.merge(from.facts);
    }

    /// The pool becomes an atom here, alone or with absorbed atoms, or stays the pool.
    void find_home(NodeId node, Settled& settled) const {
        Set grown = settled.pool;
        std::set<std::size_t> absorbed;
        std::int64_t loss = 0;
        std::set<NodeId> straddled = straddled_by(settled.pool, node);
        while (!model::judge(rules_, grown.facts).passes) {
            if (absorbed.size() == settled.atoms.size()) return;  // handed up, or withheld at the root
            const std::size_t next = cheapest(settled.atoms, absorbed, straddled, node);
            loss += loss_of(settled.atoms[next], straddled, node);
            merge(grown, settled.atoms[next]);
            straddled.merge(straddled_by(settled.atoms[next], node));
            absorbed.insert(next);
        }
        const bool is_root = node == 0;
        if (!is_root && loss > loss_of_handing_up(settled)) return;
        std::vector<Set> atoms;
        for (std::size_t i = 0; i < settled.atoms.size(); ++i)
            if (!absorbed.contains(i)) atoms.push_back(std::move(settled.atoms[i]));
        atoms.push_back(std::move(grown));
        settled = {std::move(atoms), {}};
    }

    /// Nodes strictly below `node` that hold leaves of a set.
    std::set<NodeId> straddled_by(const Set& set, NodeId node) const {
        std::set<NodeId> nodes;
        for (NodeId leaf : set.leaves)
            for (; leaf != node; leaf = hierarchy_.nodes[leaf].parent) nodes.insert(leaf);
        return nodes;
    }

    /// Energy of the units that absorbing an atom loses: the atom, once for each node that it alone made whole so far.
    std::int64_t loss_of(const Set& atom, const std::set<NodeId>& straddled, NodeId node) const {
        std::int64_t lost_units = 0;
        for (const NodeId n : straddled_by(atom, node)) lost_units += straddled.contains(n) ? 0 : 1;
        return atom.facts.grand_total() * std::max<std::int64_t>(1, lost_units);
    }

    std::size_t cheapest(const std::vector<Set>& atoms, const std::set<std::size_t>& absorbed, const std::set<NodeId>& straddled, NodeId node) const {
        std::size_t best = atoms.size();
        std::int64_t least = 0;
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            if (absorbed.contains(i)) continue;
            const std::int64_t loss = loss_of(atoms[i], straddled, node);
            if (best == atoms.size() || loss < least) {
                best = i;
                least = loss;
            }
        }
        return best;
    }

    static std::int64_t loss_of_handing_up(const Settled& settled) {
        std::int64_t energy = settled.pool.facts.grand_total();
        for (const Set& atom : settled.atoms) energy += atom.facts.grand_total();
        return energy;
    }

    const Hierarchy& hierarchy_;
    const LeafFacts& facts_;
    const RuleSet& rules_;
    NodeId first_leaf_;
};

}  // namespace

NodeId first_leaf(const Hierarchy& hierarchy) {
    NodeId id = 0;
    while (!hierarchy.is_leaf(id)) ++id;
    return id;
}

model::Partition build_partition(model::Channel channel, const Hierarchy& hierarchy, const LeafFacts& facts, const RuleSet& rules) {
    Settled settled = Pooling(hierarchy, facts, rules).settle(0);
    return lay_out(channel, hierarchy, facts, rules, settled.atoms);
}

}  // namespace meterveil::cohort
