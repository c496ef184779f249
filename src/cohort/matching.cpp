#include "cohort/matching.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "cohort/pool.hpp"

namespace meterveil::cohort {
namespace {

/// Takes out pairs with equal keys, those of one key in order of their members.
template <class Key>
void pair_by(std::vector<const MeterNow*>& now, std::vector<const MeterThen*>& then, Key&& key, std::vector<Match>& matches) {
    const auto order = [&](const auto* a, const auto* b) { return std::pair(key(*a), a->member) < std::pair(key(*b), b->member); };
    std::sort(now.begin(), now.end(), order);
    std::sort(then.begin(), then.end(), order);
    std::vector<const MeterNow*> rest_now;
    std::vector<const MeterThen*> rest_then;
    std::size_t i = 0, j = 0;
    while (i < now.size() && j < then.size()) {
        if (key(*now[i]) < key(*then[j])) rest_now.push_back(now[i++]);
        else if (key(*then[j]) < key(*now[i])) rest_then.push_back(then[j++]);
        else matches.push_back({now[i++], then[j++]});
    }
    rest_now.insert(rest_now.end(), now.begin() + static_cast<std::ptrdiff_t>(i), now.end());
    rest_then.insert(rest_then.end(), then.begin() + static_cast<std::ptrdiff_t>(j), then.end());
    now = std::move(rest_now);
    then = std::move(rest_then);
}

/// The node that holds a meter, so many steps above its leaf.
struct NodeAbove {
    const Grid& grid;
    std::size_t steps;
    model::NodeId operator()(const MeterNow& meter) const { return grid.now[steps][meter.leaf - grid.first_leaf]; }
    model::NodeId operator()(const MeterThen& meter) const { return grid.then[steps][meter.place]; }
};

}  // namespace

Grid grid_of(const model::Hierarchy& hierarchy, const std::vector<std::string>& leaves_then) {
    Grid grid{first_leaf(hierarchy), {}, {}};
    std::unordered_map<std::string, model::NodeId> node_of_path = {{"", 0}};
    for (model::NodeId node = 1; node < hierarchy.nodes.size(); ++node) node_of_path[model::path_of(hierarchy, node)] = node;
    std::vector<model::NodeId> now(hierarchy.nodes.size() - grid.first_leaf);
    std::iota(now.begin(), now.end(), grid.first_leaf);
    std::vector<std::string> then = leaves_then;
    const auto is_below_the_whole = [](const std::string& path) { return !path.empty(); };
    while (std::any_of(now.begin(), now.end(), [](model::NodeId node) { return node != 0; }) || std::any_of(then.begin(), then.end(), is_below_the_whole)) {
        grid.now.push_back(now);
        auto& nodes = grid.then.emplace_back();
        for (std::string& path : then) {
            const auto found = node_of_path.find(path);
            nodes.push_back(found == node_of_path.end() ? model::no_id : found->second);
            const std::size_t end = path.rfind('\x1f');
            path.resize(end == std::string::npos ? 0 : end);
        }
        for (model::NodeId& node : now) node = node == 0 ? 0 : hierarchy.nodes[node].parent;
    }
    return grid;
}

std::vector<Match> match_meters(std::vector<const MeterNow*> now, std::vector<const MeterThen*> then, const Grid& grid) {
    std::vector<Match> matches;
    pair_by(now, then, [](const auto& meter) { return meter.member; }, matches);
    for (std::size_t steps = 0; steps < grid.now.size(); ++steps) pair_by(now, then, NodeAbove{grid, steps}, matches);  // another meter at the same place, or near
    pair_by(now, then, [](const auto&) { return 0; }, matches);
    for (const MeterNow* meter : now) matches.push_back({meter, nullptr});
    for (const MeterThen* meter : then) matches.push_back({nullptr, meter});
    return matches;
}

}  // namespace meterveil::cohort
