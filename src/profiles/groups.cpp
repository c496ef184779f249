#include "profiles/groups.hpp"

#include <algorithm>
#include <iterator>

#include "meterveil/core/contract.hpp"
#include "meterveil/exec/parallel.hpp"
#include "profiles/judging.hpp"
#include "profiles/mdav.hpp"
#include "profiles/split.hpp"

namespace meterveil::profiles {
namespace {

void sort_by_lowest_row(std::vector<Group>& groups) {
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.rows[0] < b.rows[0]; });
}

/// Merges groups that fail until all pass, or one is left.
class Merging {
public:
    Merging(const Shapes& shapes, const Judging& judging, std::vector<Group> groups) : shapes_(shapes), judging_(judging), groups_(std::move(groups)) {
        sort_by_lowest_row(groups_);
        means_.num_values = shapes.num_values;
    }

    std::vector<Group> run() {
        for (std::size_t g = 0; g < groups_.size(); ++g)
            while (!groups_[g].rows.empty() && !groups_[g].finding.passes) {
                const std::size_t other = nearest_to(g);
                if (other == groups_.size()) break;
                merge(g, other);
            }
        std::erase_if(groups_, [](const Group& group) { return group.rows.empty(); });
        sort_by_lowest_row(groups_);
        return std::move(groups_);
    }

private:
    [[nodiscard]] std::vector<std::int16_t> mean_of(const Group& group) const {
        Centre centre(shapes_.num_values);
        for (const std::uint32_t row : group.rows) centre.add(shapes_.row(row));
        return centre.mean();
    }
    /// @return the number of groups if there is no other
    std::size_t nearest_to(std::size_t group) {
        if (means_.values.empty())
            for (const Group& each : groups_) {
                const auto mean = mean_of(each);
                means_.values.insert(means_.values.end(), mean.begin(), mean.end());
            }
        std::size_t nearest = groups_.size();
        std::uint32_t least = UINT32_MAX;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (g == group || groups_[g].rows.empty()) continue;
            const std::uint32_t distance = squared_distance(means_.row(g), means_.row(group));
            const bool is_nearer = nearest == groups_.size() || distance < least || (distance == least && groups_[g].rows[0] < groups_[nearest].rows[0]);
            if (!is_nearer) continue;
            nearest = g;
            least = distance;
        }
        return nearest;
    }
    void merge(std::size_t into, std::size_t from) {
        Group whole{{}, true, {}};
        std::merge(groups_[into].rows.begin(), groups_[into].rows.end(), groups_[from].rows.begin(), groups_[from].rows.end(), std::back_inserter(whole.rows));
        whole.finding = judging_.judge(whole.rows);
        groups_[into] = std::move(whole);
        groups_[from] = {};
        const auto mean = mean_of(groups_[into]);
        std::copy(mean.begin(), mean.end(), means_.values.begin() + static_cast<std::ptrdiff_t>(into * shapes_.num_values));
    }

    const Shapes& shapes_;
    const Judging& judging_;
    std::vector<Group> groups_;  ///< merged into another one: without rows
    Shapes means_;               ///< [group], once one fails
};

/// The groups of a leaf: all pass, or one is left that does not.
std::vector<Group> groups_of(const Shapes& shapes, const std::vector<std::uint32_t>& leaf, const Judging& judging, std::uint32_t k, std::size_t lanes) {
    const Grouping grouping = mdav(shapes.of(leaf), k, lanes);
    std::vector<Group> groups(grouping.num_groups);
    for (std::size_t i = 0; i < leaf.size(); ++i) groups[grouping.group_of[i]].rows.push_back(leaf[i]);
    for (Group& group : groups) group.finding = judging.judge(group.rows);
    return Merging(shapes, judging, std::move(groups)).run();
}

/// Sum over the values of squared distances from the mean.
double variation(const Shapes& shapes, std::span<const std::uint32_t> rows) {
    Moments moments(shapes.num_values);
    for (const std::uint32_t row : rows) moments.add(shapes.row(row));
    double sum = 0;
    for (std::size_t v = 0; v < shapes.num_values; ++v) {
        const model::uint128 spread = static_cast<model::uint128>(moments.count) * moments.squares[v] - static_cast<model::uint128>(moments.sums[v]) * moments.sums[v];
        sum += static_cast<double>(spread) / static_cast<double>(moments.count);
    }
    return sum;
}

}  // namespace

Microaggregation microaggregate(const Shapes& shapes, const Members& members, const Requirement& requirement, std::size_t max_leaf_rows) {
    EXPECTS(members.subjects.size() == shapes.size() && max_leaf_rows >= 2 * std::size_t{requirement.k});
    if (shapes.size() == 0) return {{}, {false, "no_contributor"}};
    const Judging judging(members, requirement);
    const auto leaves = split(shapes, max_leaf_rows);
    const auto threads = static_cast<std::size_t>(exec::num_threads());
    const std::size_t lanes = leaves.size() >= threads ? 1 : threads;
    std::vector<std::vector<Group>> of_leaf(leaves.size());
    exec::for_each_index(leaves.size(), [&](std::size_t leaf) { of_leaf[leaf] = groups_of(shapes, leaves[leaf], judging, requirement.k, lanes); });
    std::vector<Group> groups;
    for (auto& of_one : of_leaf) std::move(of_one.begin(), of_one.end(), std::back_inserter(groups));
    groups = Merging(shapes, judging, std::move(groups)).run();
    if (!groups[0].finding.passes) return {{}, groups[0].finding};
    return {std::move(groups), {}};
}

double lost_variance(const Shapes& shapes, std::span<const Group> groups) {
    std::vector<std::uint32_t> all;
    double within = 0;
    for (const Group& group : groups) {
        within += variation(shapes, group.rows);
        all.insert(all.end(), group.rows.begin(), group.rows.end());
    }
    const double whole = all.empty() ? 0 : variation(shapes, all);
    return whole > 0 ? within / whole : 0;
}

}  // namespace meterveil::profiles
