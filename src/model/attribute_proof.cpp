#include "meterveil/model/attribute_proof.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace meterveil::model {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::uint64_t total_of(const Counts& counts) {
    std::uint64_t total = 0;
    for (const auto& [value, count] : counts) total += count;
    return total;
}

std::uint64_t count_of(const Counts& counts, const std::string& value) {
    const auto found = counts.find(value);
    return found == counts.end() ? 0 : found->second;
}

/// Share of a value in the class less that in the whole table, times n N: a whole number.
double excess(const Counts& in, const Counts& whole, const std::string& value, std::uint64_t n, std::uint64_t total) {
    const auto a = static_cast<std::int64_t>(count_of(in, value) * total), b = static_cast<std::int64_t>(count_of(whole, value) * n);
    return static_cast<double>(a - b);
}

/// Values in their order; as numbers if no order is given.
std::vector<std::string> in_order(const Counts& whole, const Distance& distance) {
    std::vector<std::string> values;
    for (const auto& [value, count] : whole) values.push_back(value);
    if (distance.order.empty()) {
        std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return std::strtod(a.c_str(), nullptr) < std::strtod(b.c_str(), nullptr); });
        return values;
    }
    const auto place = [&](const std::string& value) { return std::find(distance.order.begin(), distance.order.end(), value) - distance.order.begin(); };
    std::stable_sort(values.begin(), values.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
    return values;
}

/// Work of moving the excesses up a tree: at every node what is too much under some children goes to where there is too little.
/// @param paths [value] labels upwards  @param height of the node: its children are the labels at height - 1
double moved_at(const std::map<std::string, std::vector<std::string>>& paths, const std::map<std::string, double>& excess_of, std::size_t height) {
    std::map<std::string, std::map<std::string, double>> children;  // node -> child -> excess
    for (const auto& [value, amount] : excess_of) {
        const auto& path = paths.at(value);
        children[path[height - 1]][height == 1 ? value : path[height - 2]] += amount;
    }
    double moved = 0;
    for (const auto& [node, amounts] : children) {
        double more = 0, less = 0;
        for (const auto& [child, amount] : amounts) (amount > 0 ? more : less) += std::abs(amount);
        moved += std::min(more, less);
    }
    return moved;
}

/// Earth mover's distance of the class from the whole table.
double distance_of(const Counts& in, const Counts& whole, const Distance& distance) {
    const std::uint64_t n = total_of(in), total = total_of(whole);
    const double scale = static_cast<double>(n * total);
    std::map<std::string, double> excess_of;
    for (const auto& [value, count] : whole) excess_of[value] = excess(in, whole, value, n, total);
    double work = 0, steps = 1;
    if (distance.kind == Distance::Kind::equal) {
        for (const auto& [value, amount] : excess_of) work += std::abs(amount);
        steps = 2;
    } else if (distance.kind == Distance::Kind::ordered) {
        double carried = 0;
        for (const std::string& value : in_order(whole, distance)) work += std::abs(carried += excess_of[value]);
        steps = std::max<double>(1, static_cast<double>(whole.size()) - 1);
    } else {
        const std::size_t height = distance.paths.begin()->second.size();
        for (std::size_t h = 1; h <= height; ++h) work += static_cast<double>(h) * moved_at(distance.paths, excess_of, h);
        steps = static_cast<double>(height);
    }
    return work / steps / scale;
}

double entropy_of(const Counts& in) {
    const auto n = static_cast<double>(total_of(in));
    double entropy = 0;
    for (const auto& [value, count] : in) entropy -= static_cast<double>(count) / n * std::log(static_cast<double>(count) / n);
    return entropy;
}

/// The most frequent value is less than c times what is left without the l - 1 most frequent.
bool is_recursive_diverse(const Counts& in, double c, std::size_t l) {
    std::vector<std::uint64_t> counts;
    for (const auto& [value, count] : in) counts.push_back(count);
    std::sort(counts.begin(), counts.end(), std::greater<>());
    double rest = 0;
    for (std::size_t i = l - 1; i < counts.size(); ++i) rest += static_cast<double>(counts[i]);
    return static_cast<double>(counts[0]) < c * rest;
}

bool gains_at_most(const Counts& in, const Counts& whole, double beta) {
    const auto n = static_cast<double>(total_of(in)), total = static_cast<double>(total_of(whole));
    return std::all_of(in.begin(), in.end(), [&](const auto& entry) {
        const double before = static_cast<double>(whole.at(entry.first)) / total, after = static_cast<double>(entry.second) / n;
        return (after - before) / before <= beta + 1e-9;
    });
}

/// Of the arithmetic here against that of the search.
constexpr double rounding = 1e-9;

bool is_diverse(const CriterionClaim& claim, const Counts& in, const Counts& whole, const Distance& distance) {
    const double first = claim.parameters.at(0);
    if (claim.name == "distinct_l_diversity") return static_cast<double>(in.size()) >= first;
    if (claim.name == "entropy_l_diversity") return entropy_of(in) >= std::log(first) - rounding;
    if (claim.name == "recursive_l_diversity") return is_recursive_diverse(in, first, static_cast<std::size_t>(claim.parameters.at(1)));
    if (claim.name == "t_closeness") return distance_of(in, whole, distance) <= first + rounding;
    return claim.name == "beta_likeness" && gains_at_most(in, whole, first);
}

/// All paths have one length and one root, and a label stands under one other only.
bool is_tree(const std::map<std::string, std::vector<std::string>>& paths) {
    std::map<std::pair<std::size_t, std::string>, std::string> above;
    for (const auto& [value, path] : paths) {
        const auto& first = paths.begin()->second;
        if (path.empty() || path.size() != first.size() || path.back() != first.back()) return false;
        for (std::size_t h = 1; h < path.size(); ++h)
            if (above.try_emplace({h, path[h - 1]}, path[h]).first->second != path[h]) return false;
    }
    return true;
}

bool is_measurable(const Counts& whole, const Distance& distance) {
    if (distance.kind == Distance::Kind::hierarchical && !is_tree(distance.paths)) return false;
    return std::all_of(whole.begin(), whole.end(), [&](const auto& entry) {
        if (distance.kind == Distance::Kind::hierarchical) return distance.paths.contains(entry.first);
        return distance.order.empty() || std::find(distance.order.begin(), distance.order.end(), entry.first) != distance.order.end();
    });
}

}  // namespace

void AttributeProof::add(std::span<const std::string> row, std::uint64_t customers) {
    std::vector<std::string> quasi;
    for (std::size_t a = 0; a < attributes_.size(); ++a)
        if (attributes_[a].kind == AttributeKind::quasi) quasi.push_back(row[a]);
    Class& in = classes_[quasi];
    in.customers += customers;
    num_rows_ += customers;
    std::size_t s = 0;
    for (std::size_t a = 0; a < attributes_.size(); ++a) {
        if (attributes_[a].kind != AttributeKind::sensitive) continue;
        if (in.sensitive.size() <= s) in.sensitive.emplace_back();
        in.sensitive[s++][row[a]] += customers;
    }
}

std::uint64_t AttributeProof::smallest_class() const {
    std::uint64_t smallest = 0;
    for (const auto& [quasi, in] : classes_) smallest = smallest == 0 ? in.customers : std::min(smallest, in.customers);
    return smallest;
}

std::vector<std::string> AttributeProof::sensitive_names() const {
    std::vector<std::string> names;
    for (const Attribute& attribute : attributes_)
        if (attribute.kind == AttributeKind::sensitive) names.push_back(attribute.name);
    return names;
}

bool AttributeProof::can_be_proven(const CriterionClaim& claim) { return claim.name != "k_map" && claim.name != "delta_presence"; }

bool AttributeProof::holds(const CriterionClaim& claim, const Class& in, const AttributeClaims& claims, const std::vector<Counts>& whole) const {
    if (claim.name == "k_anonymity") return static_cast<double>(in.customers) >= claim.parameters.at(0);
    const auto names = sensitive_names();
    for (std::size_t s = 0; s < names.size(); ++s) {
        const auto distance = claims.distances.find(names[s]);
        if (!is_diverse(claim, in.sensitive[s], whole[s], distance == claims.distances.end() ? Distance{} : distance->second)) return false;
    }
    return true;
}

std::optional<std::string> AttributeProof::first_failure(const AttributeClaims& claims) const {
    static const std::set<std::string> known = {"k_anonymity", "k_map", "distinct_l_diversity", "entropy_l_diversity", "recursive_l_diversity", "t_closeness",
                                                "delta_presence", "beta_likeness"};
    const auto names = sensitive_names();
    std::vector<Counts> whole(names.size());
    for (const auto& [quasi, in] : classes_)
        for (std::size_t s = 0; s < names.size(); ++s)
            for (const auto& [value, count] : in.sensitive[s]) whole[s][value] += count;
    for (std::size_t s = 0; s < names.size(); ++s)
        if (const auto distance = claims.distances.find(names[s]); distance != claims.distances.end() && !is_measurable(whole[s], distance->second))
            return "a value of '" + names[s] + "' has no place in its distance";
    for (const CriterionClaim& claim : claims.criteria) {
        if (!known.contains(claim.name)) return "'" + claim.name + "' is no criterion that this version knows";
        if (claim.parameters.size() < (claim.name == "recursive_l_diversity" ? 2U : 1U)) return "'" + claim.name + "' lacks a parameter";
        if (claim.name == "recursive_l_diversity" && !(claim.parameters[1] >= 1 && claim.parameters[1] <= 1e9)) return "'" + claim.name + "' has a parameter that it cannot have";
        if (!can_be_proven(claim)) continue;
        for (const auto& [quasi, in] : classes_)
            if (!holds(claim, in, claims, whole)) return "a class of customers does not hold '" + claim.name + "'";
    }
    return std::nullopt;
}

}  // namespace meterveil::model
