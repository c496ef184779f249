// The partition of a class that stands across the geography, such as feeder and tariff.

#include <algorithm>
#include <numeric>
#include <optional>

#include "cohort/units.hpp"

namespace meterveil::cohort {
namespace {

using model::BatchId;
using model::Hierarchy;
using model::NodeId;
using model::Partition;

/// The leaves of a hierarchy in another order of its levels, and their batches there.
class Order {
public:
    Order(const Hierarchy& crossed, std::uint32_t depth, const LeafFacts& standing, const model::RuleSet& rules, const History& history)
        : before_(crossed), turned_(model::turn(crossed, depth)), standing_(turned(standing)), history_{turned(history.joined), turned(history.left), turned(history.bond)},
          batches_(turned_.hierarchy, standing_, rules, history_) {}

    [[nodiscard]] const Hierarchy& hierarchy() const { return turned_.hierarchy; }
    [[nodiscard]] const Batches& batches() const { return batches_; }
    [[nodiscard]] const std::vector<NodeId>& leaves() const { return turned_.leaf; }

    /// Sets of this order in the ids of the hierarchy before.
    [[nodiscard]] std::vector<Set> back(std::vector<Set> sets) const {
        std::vector<NodeId> before(turned_.leaf.size());
        const NodeId first = model::first_leaf(before_), first_here = model::first_leaf(hierarchy());
        for (std::size_t i = 0; i < before.size(); ++i) before[turned_.leaf[i] - first_here] = first + static_cast<NodeId>(i);
        return renamed(std::move(sets), hierarchy(), before_, [&](NodeId leaf) { return before[leaf - first_here]; });
    }
    /// Sets of the hierarchy before in the ids of this order.
    [[nodiscard]] std::vector<Set> here(std::vector<Set> sets) const {
        const NodeId first = model::first_leaf(before_);
        return renamed(std::move(sets), before_, hierarchy(), [&](NodeId leaf) { return turned_.leaf[leaf - first]; });
    }

private:
    template <class Leaf>
    static std::vector<Set> renamed(std::vector<Set> sets, const Hierarchy& from, const Hierarchy& to, Leaf&& leaf) {
        for (Set& set : sets) {
            for (BatchId& batch : set.batches) batch = model::batch_of(to, leaf(model::leaf_of(from, batch)), batch >= from.nodes.size());
            std::sort(set.batches.begin(), set.batches.end());
        }
        return sets;
    }

    /// @param of_leaf [node id - id of the first leaf]; empty stays empty
    template <class T>
    [[nodiscard]] std::vector<T> turned(const std::vector<T>& of_leaf) const {
        std::vector<T> moved(of_leaf.size());
        const NodeId first = model::first_leaf(turned_.hierarchy);
        for (std::size_t i = 0; i < of_leaf.size(); ++i) moved[turned_.leaf[i] - first] = of_leaf[i];
        return moved;
    }

    const Hierarchy& before_;
    model::Turned turned_;
    LeafFacts standing_;
    History history_;
    Batches batches_;
};

/// Energy of the nodes without a row of their own, over all levels.
std::int64_t loss_of(const Partition& partition) {
    std::int64_t loss = 0;
    for (const auto& level : partition.levels)
        for (const auto status : {model::NodeStatus::merged, model::NodeStatus::withheld}) loss += level.energy_wh[static_cast<std::size_t>(status)];
    return loss;
}

}  // namespace

std::vector<Partition> build_partitions(model::Channel channel, const Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& history) {
    std::vector<Partition> best;
    if (!hierarchy.is_crossed()) {
        best.push_back(build_partition(channel, hierarchy, standing, rules, history));
        return best;
    }
    const Batches batches(hierarchy, standing, rules, history);
    const Order by_class(hierarchy, 0, standing, rules, history);
    std::optional<std::int64_t> least;
    for (std::uint32_t depth = hierarchy.leaf_level(); depth-- > 0;) {
        const Order order(hierarchy, depth, standing, rules, history);
        const std::vector<Set> atoms = order.back(pool(order.hierarchy(), order.batches()));
        std::vector<Partition> tried;
        tried.push_back(lay_out(channel, hierarchy, batches, atoms));
        tried.push_back(lay_out(channel, by_class.hierarchy(), by_class.batches(), by_class.here(atoms)));
        const std::int64_t loss = loss_of(tried[0]) + loss_of(tried[1]);
        if (least && loss >= *least) continue;
        least = loss;
        best = std::move(tried);
    }
    best[1].turned_leaf = by_class.leaves();
    best[1].first_leaf = model::first_leaf(hierarchy);
    return best;
}

}  // namespace meterveil::cohort
