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
    for (const auto& rule : rules) most = std::max(most, rule->num_top());
    return most;
}

SetFacts::SetFacts(std::uint32_t num_slots, std::uint32_t tops)
    : slots(num_slots),
      num_top(tops),
      contributors(num_slots, 0),
      total(num_slots, 0),
      top(std::size_t{num_slots} * tops, 0) {}

void SetFacts::fold(const std::vector<std::int64_t>& quanta) {
    EXPECTS(quanta.size() == slots);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        contributors[slot] += quanta[slot] != 0 ? 1U : 0U;
        total[slot] += quanta[slot];
        insert_top(top.data() + std::size_t{slot} * num_top, num_top, quanta[slot]);
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
    CellFacts cell{set.contributors[slot], set.total[slot], nullptr, set.num_top};
    for (const auto& [subject, quanta] : set.spanning) {
        cell.contributors += quanta[slot] != 0 ? 1U : 0U;
        cell.total += quanta[slot];
        insert_top(top_buffer.data(), set.num_top, quanta[slot]);
    }
    cell.top = top_buffer.data();
    return cell;
}

Finding judge(const RuleSet& rules, const SetFacts& set) {
    std::vector<std::int64_t> top;
    std::vector<std::uint32_t> failures(rules.rules.size(), 0);
    std::uint32_t failing = 0;
    for (std::uint32_t slot = 0; slot < set.slots; ++slot) {
        const CellFacts cell = cell_of(set, slot, top);
        bool fails = false;
        for (std::size_t r = 0; r < rules.rules.size(); ++r) {
            if (rules.rules[r]->passes(cell)) continue;
            ++failures[r];
            fails = true;
        }
        failing += fails ? 1U : 0U;
    }
    const double allowed = rules.scope == Scope::interval ? rules.max_failing_share : 0.0;
    const bool has_energy = set.grand_total() > 0;
    if (has_energy && static_cast<double>(failing) <= allowed * set.slots) return {};
    for (std::size_t r = 0; r < failures.size(); ++r)
        if (failures[r] != 0) return {false, rules.rules[r]->name()};
    return {has_energy, has_energy ? "" : "no_contributor"};
}

double failing_share(const RuleSet& rules, const SetFacts& set) {
    std::vector<std::int64_t> top;
    std::uint32_t failing = 0;
    for (std::uint32_t slot = 0; slot < set.slots; ++slot) {
        const CellFacts cell = cell_of(set, slot, top);
        const bool passes = std::all_of(rules.rules.begin(), rules.rules.end(),
                                        [&](const auto& rule) { return rule->passes(cell); });
        failing += passes ? 0U : 1U;
    }
    return set.slots == 0 ? 0.0 : static_cast<double>(failing) / set.slots;
}

}  // namespace meterveil::model
