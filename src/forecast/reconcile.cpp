#include "forecast/reconcile.hpp"

#include <algorithm>
#include <cmath>

#include "meterveil/model/ids.hpp"

namespace meterveil::forecast {
namespace {

constexpr int max_rounds = 20;

std::vector<bool> leaves_of(const Tree& tree) {
    std::vector<bool> is_leaf(tree.size(), true);
    for (const std::uint32_t p : tree.parent)
        if (p != model::no_id) is_leaf[p] = false;
    return is_leaf;
}

}  // namespace

std::vector<double> weighted_least_squares(const Tree& tree, std::span<const double> forecasts, const std::vector<bool>& fixed) {
    const std::size_t n = tree.size();
    const std::vector<bool> is_leaf = leaves_of(tree);
    std::vector<double> mean(n), variance(n), child_sum(n, 0), child_variance(n, 0), x(n);
    for (std::size_t i = n; i-- > 0;) {  // up: what a unit and all below it say together
        if (is_leaf[i]) {
            mean[i] = fixed[i] ? 0 : forecasts[i];
            variance[i] = fixed[i] ? 0 : tree.variance[i];
        } else {
            const double from_children = child_variance[i] > 0 ? 1 / child_variance[i] : 0, own = 1 / tree.variance[i];
            const bool certain = child_variance[i] <= 0;
            mean[i] = certain ? child_sum[i] : (from_children * child_sum[i] + own * forecasts[i]) / (from_children + own);
            variance[i] = certain ? 0 : 1 / (from_children + own);
        }
        if (tree.parent[i] == model::no_id) continue;
        child_sum[tree.parent[i]] += mean[i];
        child_variance[tree.parent[i]] += variance[i];
    }
    for (std::size_t i = 0; i < n; ++i) {  // down: a parent's surprise is shared by variance
        const std::uint32_t p = tree.parent[i];
        const bool shares = p != model::no_id && child_variance[p] > 0;
        x[i] = mean[i] + (shares ? variance[i] / child_variance[p] * (x[p] - child_sum[p]) : 0);
    }
    return x;
}

std::vector<std::int64_t> reconcile(const Tree& tree, std::span<const double> forecasts) {
    const std::vector<bool> is_leaf = leaves_of(tree);
    std::vector<bool> fixed(tree.size(), false);
    std::vector<double> x;
    for (int round = 0; round < max_rounds; ++round) {
        x = weighted_least_squares(tree, forecasts, fixed);
        bool any = false;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (is_leaf[i] && x[i] < 0 && !fixed[i]) any = fixed[i] = true;
        if (!any) break;
    }
    std::vector<std::int64_t> whole(tree.size(), 0);
    for (std::size_t i = tree.size(); i-- > 0;) {
        if (is_leaf[i]) whole[i] = std::llrint(std::max(0.0, x[i]));
        if (tree.parent[i] != model::no_id) whole[tree.parent[i]] += whole[i];
    }
    return whole;
}

}  // namespace meterveil::forecast
