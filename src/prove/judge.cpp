#include "prove/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "meterveil/core/contract.hpp"

namespace meterveil::prove {
namespace {

constexpr Wide million = 1000000;

Wide wide(std::int64_t value) { return static_cast<Wide>(value); }

Wide sum_of_largest(const Tally& set, std::uint32_t n) {
    Wide sum = 0;
    for (std::uint32_t i = 0; i < n; ++i) sum += wide(set.top[i]);
    return sum;
}

void add_contribution(Tally& tally, std::uint32_t num_top, std::int64_t value) {
    if (value == 0) return;
    ++tally.contributors;
    tally.total += value;
    tally.smallest = tally.smallest == 0 ? value : std::min(tally.smallest, value);
    insert_top(std::span(tally.top).first(num_top), value);
}

void add_cell(Tally& tally, const Facts::Cell& cell, std::span<const std::int64_t> top) {
    if (cell.contributors == 0) return;
    tally.contributors += cell.contributors;
    tally.folded += cell.contributors;
    tally.total += cell.total;
    tally.smallest_folded = tally.smallest_folded == 0 ? cell.smallest : std::min(tally.smallest_folded, cell.smallest);
    for (const auto value : top) insert_top(std::span(tally.top).first(top.size()), value);
}

/// Adds the subjects that have parts in several classes, each once.
void add_spanning(const Question& question, const Facts& facts, std::span<const ClassId> classes, Tallies& tallies) {
    struct Held { std::uint64_t subject; std::uint32_t part; };
    std::vector<Held> held;
    for (const ClassId cls : classes)
        for (std::uint32_t p = facts.first_part(cls); p != Facts::no_part; p = facts.part(p).next)
            if (question.group == all_groups || facts.part(p).group == question.group) held.push_back({facts.part(p).subject, p});
    std::sort(held.begin(), held.end(), [](const Held& a, const Held& b) { return a.subject < b.subject; });
    for (std::size_t i = 0, end = 0; i < held.size(); i = end) {
        while (end < held.size() && held[end].subject == held[i].subject) ++end;
        for (std::uint32_t s = 0; s < question.num_slots; ++s) {
            std::int64_t energy = 0;
            for (std::size_t j = i; j < end; ++j) energy += facts.part_quanta(held[j].part, question.first_slot + s);
            add_contribution(tallies[s], facts.shape().num_top, energy);
        }
    }
}

/// Whether a set with the counts and total of `least`, and largest contributions up to those of `most`, passes for sure.
bool settles_slot(const Rule& rule, const Tally& least, const Tally& most) {
    if (most.contributors == 0) return true;
    if (rule.kind == RuleKind::diversity)
        return least.smallest_folded != 0 && wide(least.top[0]) * million >= wide(least.smallest_folded) * (million + wide(rule.millionths));
    if (rule.kind == RuleKind::min_contributors) return least.contributors >= rule.k;
    Tally worst = most;
    worst.total = least.total;
    return passes(rule, worst);
}

}  // namespace

bool passes(const Rule& rule, const Tally& set) {
    if (set.contributors == 0) return true;
    switch (rule.kind) {
        case RuleKind::min_contributors: return set.contributors >= rule.k;
        case RuleKind::dominance: return sum_of_largest(set, rule.n) * million <= wide(set.total) * wide(rule.millionths);
        case RuleKind::p_percent:
            return wide(set.total) * 100U * million >= sum_of_largest(set, 2) * 100U * million + wide(set.top[0]) * wide(rule.millionths);
        case RuleKind::diversity: return wide(set.top[0]) * million >= wide(set.smallest) * (million + wide(rule.millionths));
    }
    return false;
}

Tallies Question::tally(const Facts& facts, std::span<const ClassId> classes) const {
    Tallies tallies(num_slots);
    const std::uint32_t first_group = group == all_groups ? 0 : group;
    const std::uint32_t last_group = group == all_groups ? facts.shape().num_groups : group + 1;
    for (const ClassId cls : classes)
        for (std::uint32_t g = first_group; g < last_group; ++g)
            for (std::uint32_t s = 0; s < num_slots; ++s) add_cell(tallies[s], facts.cell(cls, g, first_slot + s), facts.top(cls, g, first_slot + s));
    for (auto& tally : tallies) tally.smallest = tally.smallest_folded;
    if (facts.has_parts()) add_spanning(*this, facts, classes, tallies);
    return tallies;
}

const Rule* Question::failing(const Tallies& set) const {
    const Rule* first = nullptr;
    std::uint32_t num_failing = 0;
    for (const Tally& slot : set) {
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return !passes(r, slot); });
        if (rule == rules.end()) continue;
        if (first == nullptr) first = &*rule;
        ++num_failing;
    }
    return num_failing > num_allowed ? first : nullptr;
}

bool Question::settles(const Tallies& least, const Tallies& most) const {
    std::uint32_t num_open = 0;
    for (std::size_t s = 0; s < least.size(); ++s)
        if (!std::all_of(rules.begin(), rules.end(), [&](const Rule& rule) { return settles_slot(rule, least[s], most[s]); })) ++num_open;
    return num_open <= num_allowed;
}

bool Question::passes_in_unions(const Tallies& set) const {
    const auto passes_so = [&](const Rule& rule, const Tally& slot) {
        return rule.kind == RuleKind::diversity ? settles_slot(rule, slot, slot) : passes(rule, slot);
    };
    return std::all_of(set.begin(), set.end(), [&](const Tally& slot) {
        return std::all_of(rules.begin(), rules.end(), [&](const Rule& rule) { return passes_so(rule, slot); });
    });
}

bool Question::is_monotone(const Facts& facts) const {
    return !facts.has_parts() || std::none_of(rules.begin(), rules.end(), [](const Rule& rule) { return rule.kind == RuleKind::diversity; });
}

Tallies Question::most_of(const Facts& facts, const std::vector<std::span<const ClassId>>& sets) const {
    // The largest contribution of a set that fails dominance with n = 1 lies in one of its parts that fails by itself.
    const bool only_failing = rules.size() == 1 && rules[0].kind == RuleKind::dominance && rules[0].n == 1 && num_allowed == 0 && !facts.has_parts();
    std::vector<ClassId> classes;
    for (const auto set : sets)
        if (!only_failing || !passes_in_unions(tally(facts, set))) classes.insert(classes.end(), set.begin(), set.end());
    return tally(facts, classes);
}

bool Question::is_empty(const Facts& facts, ClassId cls) const {
    const Tallies tallies = tally(facts, std::span(&cls, 1));
    return std::all_of(tallies.begin(), tallies.end(), [](const Tally& tally) { return tally.contributors == 0; });
}

Threshold Threshold::of(const Rule& rule, const Tally& most) {
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    Wide least = 1;
    if (rule.kind == RuleKind::min_contributors) least = rule.k;
    if (rule.kind == RuleKind::dominance) least = (sum_of_largest(most, rule.n) * million + wide(rule.millionths) - 1) / wide(rule.millionths);
    if (rule.kind == RuleKind::p_percent)
        least = sum_of_largest(most, 2) + (wide(most.top[0]) * wide(rule.millionths) + 100U * million - 1) / (100U * million);
    return {static_cast<std::int64_t>(std::min(least, wide(largest)))};
}

std::int64_t Threshold::weight(const Rule& rule, const Tally& cls) {
    switch (rule.kind) {
        case RuleKind::min_contributors: return static_cast<std::int64_t>(cls.folded);
        case RuleKind::dominance:
        case RuleKind::p_percent: return cls.total;
        case RuleKind::diversity: return cls.contributors != 0 && settles_slot(rule, cls, cls) ? 1 : 0;
    }
    return 0;
}

std::vector<Question> whole_questions(const std::vector<Rule>& rules, std::uint32_t num_slots, double max_failing_share) {
    std::vector<Question> questions;
    for (const Rule& rule : rules) {
        auto found = std::find_if(questions.begin(), questions.end(), [&](const Question& q) { return q.group == rule.group; });
        if (found == questions.end()) {
            const auto num_allowed = static_cast<std::uint32_t>(std::floor(max_failing_share * num_slots));
            questions.push_back({{}, rule.group, 0, num_slots, num_allowed});
            found = std::prev(questions.end());
        }
        found->rules.push_back(rule);
    }
    return questions;
}

std::vector<Question> parts_of(const Question& whole) {
    if (whole.num_allowed > 0) return {whole};
    std::vector<Question> parts;
    for (const Rule& rule : whole.rules)
        for (std::uint32_t s = 0; s < whole.num_slots; ++s) parts.push_back({{rule}, whole.group, whole.first_slot + s, 1, 0});
    return parts;
}

}  // namespace meterveil::prove
