#pragma once
// The plain twin of meterveil::prove: members one by one, all combinations of rows with small whole multipliers.

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove::trial {

/// One subject's energy in one class. Several with the same subject are the same customer.
struct Member {
    ClassId cls;
    std::uint32_t group;
    std::uint64_t subject;
    std::vector<std::int64_t> quanta;  ///< [slot]
};

/// The rules, as plain numbers.
struct PlainRule {
    std::string kind;
    std::uint32_t group;  ///< or all_groups
    double a, b;
};

/// A case as members and rows; the facts of `problem` are filled from the members.
struct Case {
    Problem problem;
    std::vector<Member> members;  ///< by subject, after fill()
    std::vector<PlainRule> rules;
    std::uint32_t num_classes = 0, num_slots = 1, num_groups = 1;

    void fill() {
        problem.facts = Facts({num_classes, num_groups, num_slots, 3});
        std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.subject < b.subject; });
        std::map<std::uint64_t, std::uint64_t> parts;
        for (const auto& m : members) ++parts[m.subject];
        for (const auto& m : members) {
            if (parts[m.subject] == 1)
                problem.facts.fold(m.cls, m.group, m.quanta);
            else
                problem.facts.span(m.cls, m.group, m.subject, m.quanta);
        }
        problem.statements.clear();
        for (const auto& r : rules) {
            std::string text = r.group == all_groups ? "" : "class " + problem.groups[r.group] + ": ";
            if (r.kind == "dominance")
                text += "dominance = [" + std::to_string(static_cast<int>(r.a)) + ", " + std::to_string(r.b) + "]";
            else
                text += r.kind + " = " + std::to_string(r.a);
            problem.statements.push_back(text);
        }
    }

    /// Judges the classes by adding up their members.
    [[nodiscard]] bool passes(const std::vector<bool>& has_class) const {
        for (const auto& rule : rules)
            for (std::uint32_t slot = 0; slot < num_slots; ++slot) {
                std::vector<double> x;
                for (std::size_t i = 0, end = 0; i < members.size(); i = end) {
                    std::int64_t energy = 0;
                    for (; end < members.size() && members[end].subject == members[i].subject; ++end)
                        if (has_class[members[end].cls] && (rule.group == all_groups || rule.group == members[end].group)) energy += members[end].quanta[slot];
                    if (energy != 0) x.push_back(static_cast<double>(energy));
                }
                std::sort(x.rbegin(), x.rend());
                if (!x.empty() && !passes(rule, x)) return false;
            }
        return true;
    }

    static bool passes(const PlainRule& rule, const std::vector<double>& x) {
        double total = 0;
        for (const double e : x) total += e;
        if (rule.kind == "min_contributors") return static_cast<double>(x.size()) >= rule.a;
        if (rule.kind == "diversity") return x.front() >= (1 + rule.a) * x.back() - 1e-9;
        if (rule.kind == "p_percent") return total - x[0] - (x.size() > 1 ? x[1] : 0) >= rule.a / 100 * x[0] - 1e-9;
        double largest = 0;
        for (std::size_t i = 0; i < x.size() && i < static_cast<std::size_t>(rule.a); ++i) largest += x[i];
        return largest <= rule.b * total + 1e-9;
    }

    /// [class] the sum of some rows: a unit's own classes, times a multiplier.
    [[nodiscard]] std::vector<std::int64_t> sum_of(const std::vector<Violation::Term>& terms, bool whole_units) const {
        std::vector<std::int64_t> sum(num_classes, 0);
        for (const auto& term : terms) {
            const Forest& forest = problem.forests[term.forest];
            for (UnitId u = 0; u < forest.parent.size(); ++u) {
                bool is_in = u == term.unit;
                for (UnitId above = u; whole_units && above != no_unit; above = forest.parent[above]) is_in = is_in || above == term.unit;
                if (!is_in) continue;
                for (auto c = forest.first_class[u]; c < forest.first_class[u + 1]; ++c) sum[forest.classes[c]] += term.coefficient;
            }
        }
        return sum;
    }

    [[nodiscard]] bool sum_passes(const std::vector<std::int64_t>& sum) const {
        std::vector<bool> positive(num_classes), negative(num_classes), any(num_classes);
        for (ClassId c = 0; c < num_classes; ++c) positive[c] = sum[c] > 0, negative[c] = sum[c] < 0, any[c] = sum[c] != 0;
        return problem.is_consecutive ? passes(positive) && passes(negative) : passes(any);
    }

    /// [row] its classes; each different one once.
    [[nodiscard]] std::set<std::set<ClassId>> rows() const {
        std::set<std::set<ClassId>> rows;
        for (const Forest& forest : problem.forests)
            for (UnitId u = 0; u < forest.parent.size(); ++u)
                rows.emplace(forest.classes.begin() + static_cast<std::ptrdiff_t>(forest.first_class[u]),
                             forest.classes.begin() + static_cast<std::ptrdiff_t>(forest.first_class[u + 1]));
        rows.erase(std::set<ClassId>{});
        return rows;
    }

    /// Whether some combination with multipliers from -most to most fails. For consecutive periods: of those that are zero on
    /// every class that was there in both, passes by itself and is not empty; the positive or the negative part.
    [[nodiscard]] bool fails_by_trial(std::int64_t most) const {
        std::vector<bool> mask_fails(std::size_t{1} << num_classes);
        for (std::size_t mask = 0; mask < mask_fails.size(); ++mask) {
            std::vector<bool> has_class(num_classes);
            for (ClassId c = 0; c < num_classes; ++c) has_class[c] = (mask >> c & 1) != 0;
            mask_fails[mask] = !passes(has_class);
        }
        std::uint64_t must_vanish = 0;
        if (problem.is_consecutive)
            for (const auto& m : members)
                if (!mask_fails[std::size_t{1} << m.cls] && stays(m.cls) && std::any_of(m.quanta.begin(), m.quanta.end(), [](auto q) { return q != 0; }))
                    must_vanish |= std::uint64_t{1} << m.cls;
        const auto all = rows();
        return try_from(all.begin(), all.end(), std::vector<std::int64_t>(num_classes, 0), most, mask_fails, must_vanish);
    }

    /// Whether a class is in every forest.
    [[nodiscard]] bool stays(ClassId cls) const {
        return std::all_of(problem.forests.begin(), problem.forests.end(), [&](const Forest& f) { return std::find(f.classes.begin(), f.classes.end(), cls) != f.classes.end(); });
    }

private:
    using Iterator = std::set<std::set<ClassId>>::const_iterator;

    [[nodiscard]] bool try_from(Iterator row, Iterator end, std::vector<std::int64_t> sum, std::int64_t most, const std::vector<bool>& mask_fails,
                                std::uint64_t must_vanish) const {
        if (row == end) {
            std::uint64_t positive = 0, negative = 0;
            for (ClassId c = 0; c < num_classes; ++c) (sum[c] > 0 ? positive : negative) |= sum[c] == 0 ? 0 : std::uint64_t{1} << c;
            if (!problem.is_consecutive) return mask_fails[positive | negative];
            return ((positive | negative) & must_vanish) == 0 && (mask_fails[positive] || mask_fails[negative]);
        }
        for (const ClassId cls : *row) sum[cls] -= most;
        for (std::int64_t multiplier = -most; multiplier <= most; ++multiplier) {
            if (try_from(std::next(row), end, sum, most, mask_fails, must_vanish)) return true;
            for (const ClassId cls : *row) ++sum[cls];
        }
        return false;
    }
};

}  // namespace meterveil::prove::trial
