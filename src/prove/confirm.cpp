#include "prove/confirm.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

#include "prove/groups.hpp"

namespace meterveil::prove {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Fraction = boost::multiprecision::cpp_rational;
using Multipliers = std::vector<Fraction>;  ///< [row]

constexpr std::size_t most_candidates = 256;

class Confirmation {
public:
    Confirmation(const Block& block, const std::vector<ClassId>& support, const Question& question, const Facts& facts, bool is_consecutive)
        : block_(block), support_(support), question_(question), facts_(facts), is_consecutive_(is_consecutive) {}

    /// Adds the rows up and judges the sum.
    [[nodiscard]] bool holds(const Multipliers& multipliers) const {
        std::vector<Fraction> sum(block_.classes.size());
        for (std::size_t r = 0; r < multipliers.size(); ++r)
            if (multipliers[r] != 0)
                for (const ClassId cls : block_.rows[r]) sum[place_of(cls)] += multipliers[r];
        std::vector<ClassId> positive, negative;
        for (std::size_t c = 0; c < sum.size(); ++c) {
            if (sum[c] == 0) continue;
            if (!may_have(block_.classes[c])) return false;
            (sum[c] > 0 ? positive : negative).push_back(block_.classes[c]);
        }
        if (is_consecutive_) return fails(positive) || fails(negative);
        positive.insert(positive.end(), negative.begin(), negative.end());
        return fails(positive);
    }

    [[nodiscard]] std::size_t place_of(ClassId cls) const {
        return static_cast<std::size_t>(std::lower_bound(block_.classes.begin(), block_.classes.end(), cls) - block_.classes.begin());
    }
    /// Whether a sum may have the class: it is in the support, or nobody of it contributes.
    [[nodiscard]] bool may_have(ClassId cls) const {
        return std::binary_search(support_.begin(), support_.end(), cls) || question_.is_empty(facts_, cls);
    }

private:
    [[nodiscard]] bool fails(const std::vector<ClassId>& classes) const { return question_.failing(question_.tally(facts_, classes)) != nullptr; }

    const Block& block_;
    const std::vector<ClassId>& support_;
    const Question& question_;
    const Facts& facts_;
    bool is_consecutive_;
};

/// Potentials that differ only across edges of the support: each side of a cut alone, smallest first; then all different.
std::vector<Multipliers> candidates_of(const CutGraph& graph, const std::vector<bool>& is_added, const Confirmation& confirmation) {
    Groups groups(graph.num_vertices);
    for (const auto& edge : graph.edges)
        if (!confirmation.may_have(edge.cls)) groups.join(edge.tail, edge.head);
    const std::uint32_t num_groups = groups.number();
    std::vector<std::uint32_t> sizes(num_groups, 0), order(num_groups);
    for (std::uint32_t v = 0; v < graph.num_vertices; ++v) ++sizes[groups.number_of(v)];
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return sizes[a] < sizes[b]; });
    std::erase(order, 0U);  // the ground's
    std::vector<Multipliers> candidates;
    const auto with_potentials = [&](auto potential) {
        Multipliers multipliers(is_added.size());
        for (std::uint32_t r = 0; r < is_added.size(); ++r) multipliers[r] = potential(groups.number_of(r + 1)) * (is_added[r] ? 1 : -1);
        candidates.push_back(std::move(multipliers));
    };
    for (std::size_t i = 0; i < order.size() && i < most_candidates; ++i)
        with_potentials([&](std::uint32_t group) { return group == order[i] ? 1 : 0; });
    with_potentials([](std::uint32_t group) { return static_cast<std::int64_t>(group); });
    return candidates;
}

/// Sums that vanish outside the support, by elimination with one more column for each row.
std::vector<Multipliers> candidates_of(const Block& block, const Confirmation& confirmation, Work& work) {
    RowSpace space = space_of(block);
    const auto num_classes = static_cast<std::uint32_t>(block.classes.size());
    std::vector<bool> is_outside;
    for (const ClassId cls : block.classes) is_outside.push_back(!confirmation.may_have(cls));
    for (std::uint32_t r = 0; r < space.rows.size(); ++r) {
        space.classes.push_back(num_classes + r);
        space.rows[r].push_back({num_classes + r, 1});
        is_outside.push_back(false);
    }
    for (std::uint32_t c = 0; c < num_classes; ++c) space.classes[c] = c;
    const RowSpace left = space.zero_on(is_outside, work);
    if (work.left == 0) return {};
    std::vector<Multipliers> candidates;
    for (const auto& row : left.rows) {
        Multipliers multipliers(block.rows.size());
        bool is_small = true;
        for (const auto& entry : row) {
            if (left.classes[entry.column] < num_classes) continue;
            const auto fraction = field::fraction_of(entry.value);
            is_small = is_small && fraction.has_value();
            if (fraction) multipliers[left.classes[entry.column] - num_classes] = Fraction(fraction->numerator, fraction->denominator);
        }
        if (is_small && candidates.size() < most_candidates) candidates.push_back(std::move(multipliers));
    }
    // Sums of several: a failing set may need all of its classes.
    const std::size_t num_rows = candidates.size();
    for (std::int64_t step = 1; step <= 16 && num_rows > 1; ++step) {
        Multipliers sum(block.rows.size());
        for (std::size_t i = 0; i < num_rows; ++i) {
            const std::int64_t factor = 1 + static_cast<std::int64_t>(i) * step * (step % 2 == 0 ? -1 : 1);
            for (std::size_t r = 0; r < sum.size(); ++r) sum[r] += candidates[i][r] * factor;
        }
        candidates.push_back(std::move(sum));
    }
    return candidates;
}

/// The same sum times the least common denominator.
std::optional<std::vector<Violation::Term>> terms_of(const Block& block, const Multipliers& multipliers) {
    Integer common = 1;
    for (const auto& multiplier : multipliers) common = boost::multiprecision::lcm(common, denominator(multiplier));
    std::vector<Violation::Term> terms;
    for (std::size_t r = 0; r < multipliers.size(); ++r) {
        if (multipliers[r] == 0) continue;
        const Integer whole = numerator(multipliers[r]) * (common / denominator(multipliers[r]));
        if (abs(whole) > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
        terms.push_back({block.sources[r].forest, block.sources[r].unit, static_cast<std::int64_t>(whole)});
    }
    return terms;
}

}  // namespace

RowSpace space_of(const Block& block) {
    RowSpace space{block.classes, {}};
    for (const auto& classes : block.rows) {
        auto& row = space.rows.emplace_back();
        for (const ClassId cls : classes)
            row.push_back({static_cast<std::uint32_t>(std::lower_bound(block.classes.begin(), block.classes.end(), cls) - block.classes.begin()), 1});
    }
    return space;
}

std::optional<std::vector<Violation::Term>> confirm(const Block& block, const std::optional<CutGraph>& graph, const std::vector<bool>& is_added,
                                                    std::vector<ClassId> support, const Question& question, const Facts& facts, bool is_consecutive,
                                                    Work& work) {
    std::sort(support.begin(), support.end());
    const Confirmation confirmation(block, support, question, facts, is_consecutive);
    for (const auto& multipliers : graph ? candidates_of(*graph, is_added, confirmation) : candidates_of(block, confirmation, work))
        if (confirmation.holds(multipliers)) return terms_of(block, multipliers);
    return std::nullopt;
}

}  // namespace meterveil::prove
