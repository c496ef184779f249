// The partition of a class that stands across the geography, such as feeder and tariff.

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "cohort/units.hpp"

namespace meterveil::cohort {
namespace {

using model::BatchId;
using model::Hierarchy;
using model::NodeId;
using model::Partition;

/// The leaves of a crossed hierarchy in another order of its levels, and their batches there.
class Order {
public:
    Order(const Hierarchy& crossed, std::uint32_t depth, const LeafFacts& standing, const model::RuleSet& rules, const History& history)
        : before_(crossed), turned_(model::turn(crossed, depth)), first_(model::first_leaf(turned_.hierarchy)), first_before_(model::first_leaf(crossed)), standing_(in_order(standing)), history_(in_order(history)),
          batches_(turned_.hierarchy, standing_, rules, history_) {}

    [[nodiscard]] const Hierarchy& hierarchy() const { return turned_.hierarchy; }
    [[nodiscard]] const Batches& batches() const { return batches_; }
    [[nodiscard]] const std::vector<NodeId>& leaves() const { return turned_.leaf; }

    /// Sets of this order by the ids of the crossed hierarchy.
    [[nodiscard]] std::vector<Set> there(std::vector<Set> sets) const {
        std::vector<NodeId> leaf(turned_.leaf.size());
        for (std::size_t i = 0; i < leaf.size(); ++i) leaf[turned_.leaf[i] - first_] = first_before_ + static_cast<NodeId>(i);
        return renamed(std::move(sets), [&](BatchId batch) { return model::batch_of(before_, leaf[model::leaf_of(hierarchy(), batch) - first_], batch >= hierarchy().nodes.size()); });
    }
    /// Sets of the crossed hierarchy by the ids of this order.
    [[nodiscard]] std::vector<Set> here(std::vector<Set> sets) const {
        return renamed(std::move(sets), [&](BatchId batch) { return here(batch); });
    }

private:
    [[nodiscard]] BatchId here(BatchId batch) const {
        return model::batch_of(hierarchy(), turned_.leaf[model::leaf_of(before_, batch) - first_before_], batch >= before_.nodes.size());
    }

    template <class Rename>
    static std::vector<Set> renamed(std::vector<Set> sets, Rename&& rename) {
        for (Set& set : sets) {
            std::transform(set.batches.begin(), set.batches.end(), set.batches.begin(), rename);
            std::sort(set.batches.begin(), set.batches.end());
        }
        return sets;
    }

    /// @param of_leaf [node id - id of the first leaf]; empty stays empty
    template <class T>
    [[nodiscard]] std::vector<T> in_order(const std::vector<T>& of_leaf) const {
        std::vector<T> moved(of_leaf.size());
        for (std::size_t i = 0; i < of_leaf.size(); ++i) moved[turned_.leaf[i] - first_] = of_leaf[i];
        return moved;
    }
    [[nodiscard]] History in_order(const History& history) const {
        History moved{in_order(history.joined), in_order(history.left), in_order(history.bond), in_order(history.moved), history.flows, history.strays, in_order(history.stands_in)};
        for (Flow& flow : moved.flows) flow.from = here(flow.from), flow.to = here(flow.to);
        for (Stray& stray : moved.strays) stray.batch = here(stray.batch);
        return moved;
    }

    const Hierarchy& before_;
    model::Turned turned_;
    NodeId first_, first_before_;  ///< first leaves
    LeafFacts standing_;
    History history_;
    Batches batches_;
};

const model::SetFacts& fact_of(const LeafFacts& facts, std::size_t leaf) {
    static const model::SetFacts nobody;
    return facts.empty() ? nobody : facts[leaf];
}

/// The leaves above those of the class, as places where enough are to pass together, whatever their class.
/// @return [leaf of the geography] its place, or no_id if it has one for itself or none
std::vector<std::uint32_t> shared_places(const Hierarchy& crossed, const LeafFacts& standing, const model::RuleSet& rules) {
    const NodeId first = model::first_leaf(crossed);
    const auto num_classes = static_cast<NodeId>(crossed.classes.size());
    const Hierarchy geography{{crossed.levels.begin(), crossed.levels.end() - 1}, {crossed.nodes.begin(), crossed.nodes.begin() + first}};
    const NodeId first_place = model::first_leaf(geography);
    LeafFacts all(first - first_place);
    for (std::size_t leaf = 0; leaf < standing.size(); ++leaf) {
        if (standing[leaf].slots == 0) continue;
        auto& here = all[leaf / num_classes];
        if (here.slots == 0) here = standing[leaf];
        else here.merge(standing[leaf]);
    }
    std::vector<std::uint32_t> places(all.size(), model::no_id);
    const History none;
    const auto sets = pool(geography, Batches(geography, all, rules, none));
    for (std::uint32_t place = 0; place < sets.size(); ++place)
        for (const BatchId batch : sets[place].batches)
            if (sets[place].batches.size() > 1) places[batch - first_place] = place;
    return places;
}

/// Leaves that must stay together because others did: the one who leads each of them.
class Ties {
public:
    explicit Ties(std::size_t num_leaves) : leader_(num_leaves) { std::iota(leader_.begin(), leader_.end(), 0U); }
    std::uint32_t leader(std::uint32_t leaf) {
        while (leader_[leaf] != leaf) leaf = leader_[leaf] = leader_[leader_[leaf]];
        return leaf;
    }
    void tie(std::uint32_t a, std::uint32_t b) { leader_[std::max(leader(a), leader(b))] = std::min(leader(a), leader(b)); }
    /// Ties all leaves with one key. @param keys [leaf] no_id: none
    void tie_alike(const std::vector<std::uint32_t>& keys) {
        std::map<std::uint32_t, std::uint32_t> first;
        for (std::uint32_t leaf = 0; leaf < keys.size(); ++leaf)
            if (keys[leaf] != model::no_id) tie(first.try_emplace(keys[leaf], leaf).first->second, leaf);
    }
    /// [leaf] number of its tie; no_id: it is alone.
    std::vector<std::uint32_t> bonds() {
        std::vector<std::uint32_t> sizes(leader_.size(), 0), bonds(leader_.size(), model::no_id);
        for (std::uint32_t leaf = 0; leaf < leader_.size(); ++leaf) ++sizes[leader(leaf)];
        for (std::uint32_t leaf = 0; leaf < leader_.size(); ++leaf)
            if (sizes[leader(leaf)] > 1) bonds[leaf] = leader(leaf);
        return bonds;
    }

private:
    std::vector<std::uint32_t> leader_;
};

/// Where few are, the class of one must not follow from who is summed with whom: of every class that some place has, all its leaves stay
/// together and count alike, whoever is there.
History with_places(const Hierarchy& crossed, const LeafFacts& standing, const model::RuleSet& rules, History history) {
    const auto num_classes = static_cast<std::uint32_t>(crossed.classes.size());
    const auto places = shared_places(crossed, standing, rules);
    std::vector<std::uint32_t> shared(standing.size(), model::no_id);
    std::set<std::uint32_t> inhabited;
    for (std::uint32_t leaf = 0; leaf < standing.size(); ++leaf) {
        if (places[leaf / num_classes] == model::no_id) continue;
        shared[leaf] = places[leaf / num_classes] * num_classes + leaf % num_classes;
        if (standing[leaf].slots != 0 || fact_of(history.joined, leaf).slots != 0 || fact_of(history.moved, leaf).slots != 0) inhabited.insert(shared[leaf]);
    }
    history.stands_in.assign(standing.size(), false);
    for (std::uint32_t leaf = 0; leaf < standing.size(); ++leaf) {
        if (!inhabited.contains(shared[leaf])) shared[leaf] = model::no_id;
        history.stands_in[leaf] = shared[leaf] != model::no_id;
    }
    Ties ties(standing.size());
    ties.tie_alike(history.bond);
    ties.tie_alike(shared);
    history.bond = ties.bonds();
    return history;
}

/// Energy of the nodes without a row of their own, over all levels.
std::int64_t loss_of(const Partition& partition) {
    std::int64_t loss = 0;
    for (const auto& level : partition.levels)
        for (const auto status : {model::NodeStatus::merged, model::NodeStatus::withheld}) loss += level.energy_wh[static_cast<std::size_t>(status)];
    return loss;
}

}  // namespace

std::vector<Partition> build_partitions(model::Channel channel, const Hierarchy& hierarchy, const LeafFacts& standing, const model::RuleSet& rules, const History& past) {
    std::vector<Partition> best;
    if (!hierarchy.is_crossed()) {
        best.push_back(build_partition(channel, hierarchy, standing, rules, past));
        return best;
    }
    const History history = with_places(hierarchy, standing, rules, past);
    const Batches batches(hierarchy, standing, rules, history);
    const Order by_class(hierarchy, 0, standing, rules, history);
    std::optional<std::int64_t> least;
    for (std::uint32_t depth = hierarchy.leaf_level(); depth-- > 0;) {
        const Order order(hierarchy, depth, standing, rules, history);
        const std::vector<Set> atoms = order.there(pool(order.hierarchy(), order.batches()));
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
