#include "meterveil/model/rules.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"

namespace meterveil::model {
namespace {

/// Puts `value` into a descending list, dropping the smallest. Zero is padding.
void insert_top(std::int64_t* top, std::uint32_t num_top, std::int64_t value) {
    for (std::uint32_t i = 0; i < num_top; ++i)
        if (value > top[i]) std::swap(value, top[i]);
}

/// The smaller of two contributions, where 0 is none.
std::int64_t least_of(std::int64_t a, std::int64_t b) { return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b); }

/// How the cells of one class of subjects fare.
struct ClassVerdict {
    bool is_there = false;                 ///< some subject of the class contributes
    std::uint32_t failing = 0;             ///< bins that fail
    std::vector<std::uint32_t> failures;   ///< [rule] bins that fail it
};

ClassVerdict judge_class(const ClassRules& rules, const SetFacts& set, std::uint32_t first, std::uint32_t bins) {
    ClassVerdict verdict{false, 0, std::vector<std::uint32_t>(rules.rules.size(), 0)};
    std::vector<std::int64_t> top;
    for (std::uint32_t slot = first; slot < first + bins; ++slot) {
        const CellFacts cell = cell_of(set, slot, top);
        verdict.is_there = verdict.is_there || cell.contributors > 0;
        bool fails = false;
        for (std::size_t r = 0; r < rules.rules.size(); ++r) {
            if (rules.rules[r]->passes(cell)) continue;
            ++verdict.failures[r];
            fails = true;
        }
        verdict.failing += fails ? 1U : 0U;
    }
    return verdict;
}

/// Calls visit(rules, verdict) for every class that the set holds.
template <class Visit>
void for_each_class(const RuleSet& rules, const SetFacts& set, Visit&& visit) {
    const auto num_classes = static_cast<std::uint32_t>(rules.classes.size());
    EXPECTS(set.slots % num_classes == 0);
    const std::uint32_t bins = set.slots / num_classes;
    for (std::uint32_t c = 0; c < num_classes; ++c)
        if (const ClassVerdict verdict = judge_class(rules.classes[c], set, c * bins, bins); verdict.is_there) visit(rules.classes[c], verdict, bins);
}

}  // namespace

const char* name_of(Scope scope) {
    switch (scope) {
        case Scope::period: return "period";
        case Scope::month: return "month";
        case Scope::interval: return "interval";
    }
    return "period";
}

std::uint32_t RuleSet::num_top() const {
    std::uint32_t most = 0;
    for (const auto& of_class : classes)
        for (const auto& rule : of_class.rules) most = std::max(most, rule->num_top());
    return most;
}

SetFacts::SetFacts(std::uint32_t num_slots, std::uint32_t tops)
    : slots(num_slots),
      num_top(tops),
      contributors(num_slots, 0),
      total(num_slots, 0),
      top(std::size_t{num_slots} * tops, 0),
      least(num_slots, 0) {}

void SetFacts::fold(const std::vector<std::int64_t>& quanta) {
    EXPECTS(quanta.size() == slots);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        contributors[slot] += quanta[slot] != 0 ? 1U : 0U;
        total[slot] += quanta[slot];
        insert_top(top.data() + std::size_t{slot} * num_top, num_top, quanta[slot]);
        least[slot] = least_of(least[slot], quanta[slot]);
    }
}

void SetFacts::span(const Pseudonym& subject, const std::vector<std::int64_t>& quanta) {
    EXPECTS(quanta.size() == slots);
    auto& sums = spanning[subject];
    sums.resize(slots, 0);
    for (std::uint32_t slot = 0; slot < slots; ++slot) sums[slot] += quanta[slot];
}

void SetFacts::merge(const SetFacts& other) {
    EXPECTS(other.slots == slots && other.num_top == num_top);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        contributors[slot] += other.contributors[slot];
        total[slot] += other.total[slot];
        least[slot] = least_of(least[slot], other.least[slot]);
        for (std::uint32_t i = 0; i < num_top; ++i)
            insert_top(top.data() + std::size_t{slot} * num_top, num_top, other.top[std::size_t{slot} * num_top + i]);
    }
    for (const auto& [subject, quanta] : other.spanning) span(subject, quanta);
}

std::int64_t SetFacts::grand_total() const {
    std::int64_t sum = 0;
    for (const auto value : total) sum += value;
    for (const auto& [subject, quanta] : spanning)
        for (const auto value : quanta) sum += value;
    return sum;
}

CellFacts cell_of(const SetFacts& set, std::uint32_t slot, std::vector<std::int64_t>& top_buffer) {
    top_buffer.assign(set.top.begin() + std::ptrdiff_t{slot} * set.num_top,
                      set.top.begin() + (std::ptrdiff_t{slot} + 1) * set.num_top);
    CellFacts cell{set.contributors[slot], set.total[slot], nullptr, set.num_top, set.least[slot]};
    for (const auto& [subject, quanta] : set.spanning) {
        cell.contributors += quanta[slot] != 0 ? 1U : 0U;
        cell.total += quanta[slot];
        insert_top(top_buffer.data(), set.num_top, quanta[slot]);
        // Not cell.least: another set may hold more of this subject, and no rule may pass for what a merge takes back.
    }
    cell.top = top_buffer.data();
    return cell;
}

Finding judge(const RuleSet& rules, const SetFacts& set) {
    const double allowed = rules.scope == Scope::interval ? rules.max_failing_share : 0.0;
    Finding finding{false, "no_contributor"};
    bool all_pass = true;
    for_each_class(rules, set, [&](const ClassRules& of_class, const ClassVerdict& verdict, std::uint32_t bins) {
        if (!all_pass) return;
        finding = {true, ""};
        all_pass = static_cast<double>(verdict.failing) <= allowed * bins;
        for (std::size_t r = 0; !all_pass && r < verdict.failures.size(); ++r) {
            if (verdict.failures[r] == 0) continue;
            finding = {false, of_class.rules[r]->name()};
            break;
        }
    });
    return finding;
}

double failing_share(const RuleSet& rules, const SetFacts& set) {
    double most = 0;
    for_each_class(rules, set, [&](const ClassRules&, const ClassVerdict& verdict, std::uint32_t bins) { most = std::max(most, static_cast<double>(verdict.failing) / bins); });
    return most;
}

}  // namespace meterveil::model
