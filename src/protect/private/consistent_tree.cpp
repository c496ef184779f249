#include "protect/private/consistent_tree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "meterveil/core/contract.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::protect {
namespace {

// Estimates are whole numbers of 2^-20: sums of children are exact, and the same in any order.
constexpr int grain_bits = 20;
constexpr std::int64_t grains = std::int64_t{1} << grain_bits;
constexpr double infinite = std::numeric_limits<double>::infinity();

constexpr std::int64_t most_grains = std::int64_t{1} << 62;  // so that any difference fits

std::int64_t sum_of(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    EXPECTS(!__builtin_add_overflow(a, b, &sum) && sum >= -most_grains && sum <= most_grains);
    return sum;
}

/// a and a share of a difference, to the nearest grain.
std::int64_t moved(std::int64_t a, double share, std::int64_t difference) { return sum_of(a, std::llrint(share * static_cast<double>(difference))); }

/// The children of one node, by what they and all below them say.
struct Brood {
    std::vector<double> variances;
    double known = 0;         ///< sum of those that are finite
    std::size_t unknown = 0;  ///< how many are not

    /// Smallest first, so that the sum is the same in any order of the children.
    void add_up() {
        std::sort(variances.begin(), variances.end());
        const auto end = std::find(variances.begin(), variances.end(), infinite);
        unknown = static_cast<std::size_t>(variances.end() - end);
        for (auto v = variances.begin(); v != end; ++v) known += *v;
    }
};

}  // namespace

ConsistentTree::ConsistentTree(std::vector<std::uint32_t> parent, std::span<const double> variance)
    : parent_(std::move(parent)), is_childless_(size(), true), is_measured_(size()),
      own_share_(size(), 0), surprise_share_(size(), 0), fitted_variance_(size()) {
    EXPECTS(variance.size() == size());
    std::vector<Brood> broods(size());
    std::vector<double> from_below(size());
    for (std::size_t i = size(); i-- > 0;) {  // up: what a node and all below it say together
        EXPECTS(variance[i] > 0 && (parent_[i] == model::no_id || parent_[i] < i));
        Brood& brood = broods[i];
        brood.add_up();
        is_childless_[i] = brood.variances.empty();
        is_measured_[i] = variance[i] < infinite;
        const bool adds_up = !is_childless_[i] && brood.unknown == 0;
        own_share_[i] = !is_measured_[i] ? 0 : adds_up ? brood.known / (brood.known + variance[i]) : 1;
        from_below[i] = !is_measured_[i] && adds_up ? brood.known : own_share_[i] > 0 ? own_share_[i] * variance[i] : infinite;
        if (parent_[i] != model::no_id) broods[parent_[i]].variances.push_back(from_below[i]);
    }
    for (std::size_t i = 0; i < size(); ++i) {  // down: what a parent knows more is shared by variance
        const std::uint32_t p = parent_[i];
        fitted_variance_[i] = from_below[i];
        if (p == model::no_id) continue;
        const Brood& siblings = broods[p];
        if (siblings.unknown == 0) {
            const double share = surprise_share_[i] = from_below[i] / siblings.known;
            fitted_variance_[i] = from_below[i] * (1 - share) + share * share * fitted_variance_[p];
        } else if (from_below[i] == infinite) {
            surprise_share_[i] = 1 / static_cast<double>(siblings.unknown);
            if (siblings.unknown == 1) fitted_variance_[i] = fitted_variance_[p] + siblings.known;
        }
    }
}

/// @return [node] in grains
std::vector<std::int64_t> ConsistentTree::solve(std::span<const std::int64_t> measured) const {
    EXPECTS(measured.size() == size());
    std::vector<std::int64_t> estimate(size(), 0), of_children(size(), 0);
    for (std::size_t i = size(); i-- > 0;) {
        EXPECTS(!is_measured_[i] || (measured[i] >= -most_measured && measured[i] <= most_measured));
        const std::int64_t own = is_measured_[i] ? measured[i] * grains : of_children[i];
        estimate[i] = is_childless_[i] ? own : moved(of_children[i], own_share_[i], own - of_children[i]);
        if (parent_[i] != model::no_id) of_children[parent_[i]] = sum_of(of_children[parent_[i]], estimate[i]);
    }
    for (std::size_t i = 0; i < size(); ++i) {
        const std::uint32_t p = parent_[i];
        if (p != model::no_id) estimate[i] = moved(estimate[i], surprise_share_[i], estimate[p] - of_children[p]);
    }
    return estimate;
}

std::vector<double> ConsistentTree::estimates(std::span<const std::int64_t> measured) const {
    std::vector<double> values;
    for (const std::int64_t estimate : solve(measured)) values.push_back(static_cast<double>(estimate) / static_cast<double>(grains));
    return values;
}

std::vector<std::int64_t> ConsistentTree::fit(std::span<const std::int64_t> measured) const {
    const std::vector<std::int64_t> estimate = solve(measured);
    std::vector<std::int64_t> whole(size(), 0);
    for (std::size_t i = size(); i-- > 0;) {
        if (is_childless_[i]) whole[i] = divide_half_even(estimate[i], grains);
        if (parent_[i] != model::no_id) whole[parent_[i]] += whole[i];
    }
    return whole;
}

}  // namespace meterveil::protect
