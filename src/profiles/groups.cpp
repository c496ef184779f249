#include "profiles/groups.hpp"

#include <iterator>

#include "meterveil/core/contract.hpp"
#include "meterveil/exec/parallel.hpp"
#include "profiles/mdav.hpp"
#include "profiles/split.hpp"

namespace meterveil::profiles {
namespace {

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

std::vector<Group> groups_of_leaf(const Shapes& shapes, const std::vector<std::uint32_t>& leaf, const Judging& judging, std::uint32_t k, std::size_t lanes) {
    const Grouping grouping = mdav(shapes.of(leaf), k, lanes);
    std::vector<Group> groups(grouping.num_groups);
    for (std::size_t i = 0; i < leaf.size(); ++i) groups[grouping.group_of[i]].rows.push_back(leaf[i]);
    for (Group& group : groups) group.finding = judging.judge(group.rows);
    return merge_failing(shapes, judging, std::move(groups));
}

Microaggregation microaggregate(const Shapes& shapes, const Members& members, const Requirement& requirement, std::size_t max_leaf_rows) {
    EXPECTS(members.subjects.size() == shapes.size() && max_leaf_rows >= 2 * std::size_t{requirement.k});
    if (shapes.size() == 0) return {{}, {false, "no_contributor"}};
    const Judging judging(members, requirement);
    const auto leaves = split(shapes, max_leaf_rows);
    const auto threads = static_cast<std::size_t>(exec::num_threads());
    const std::size_t lanes = leaves.size() >= threads ? 1 : threads;
    std::vector<std::vector<Group>> of_leaf(leaves.size());
    exec::for_each_index(leaves.size(), [&](std::size_t leaf) { of_leaf[leaf] = groups_of_leaf(shapes, leaves[leaf], judging, requirement.k, lanes); });
    std::vector<Group> groups;
    for (auto& of_one : of_leaf) std::move(of_one.begin(), of_one.end(), std::back_inserter(groups));
    groups = merge_failing(shapes, judging, std::move(groups));
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
