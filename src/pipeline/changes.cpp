#include "pipeline/changes.hpp"

#include <algorithm>
#include <cstdlib>

#include "meterveil/core/contract.hpp"

namespace meterveil::pipeline {
namespace {

using model::AtomId;

/// The first release that has the readings of a version, and what the change is.
struct Version {
    std::uint64_t content = 0;
    std::int64_t energy_wh = 0;
};

/// Calls visit(set, energy_wh) for every set that a month is in. Version 0 is what stands now.
template <class Visit>
void for_each_set(const MeterMonth& month, Visit&& visit) {
    std::vector<Version> versions = {{month.content, month.energy_wh}};
    for (const ReleasedMonth& then : month.released) {
        auto same = std::find_if(versions.begin(), versions.end(), [&](const Version& v) { return v.content == then.content; });
        const bool is_new = same == versions.end();
        if (is_new) same = versions.insert(versions.end(), {then.content, then.energy_wh});
        if (same == versions.begin()) continue;
        const std::int64_t energy_wh = std::max<std::int64_t>(1, std::abs(same->energy_wh - month.energy_wh));
        visit(ChangedSet{then.release, then.atom}, energy_wh);
        if (is_new) visit(ChangedSet{static_cast<std::uint32_t>(same - versions.begin()), model::no_id}, energy_wh);
    }
}

model::RuleSet of_period(model::RuleSet rules) {
    for (auto& of_class : rules.classes)
        std::erase_if(of_class.rules, [&](const auto& rule) {
            return (rules.scope == model::Scope::interval && rule->name() != "min_contributors") || (rules.scope == model::Scope::month && rule->name() == "diversity");
        });
    rules.scope = model::Scope::period;
    return rules;
}

}  // namespace

void MeterMonth::wait() {
    waits = true;
    content = released.back().content;
    energy_wh = released.back().energy_wh;
}

std::vector<ChangedShare> shares_of(std::span<const MeterMonth> months) {
    std::vector<ChangedShare> shares;
    for (const MeterMonth& month : months)
        for_each_set(month, [&](const ChangedSet& set, std::int64_t energy_wh) { shares.push_back({set, month.subject, month.subject_class, energy_wh}); });
    return shares;
}

ChangedFacts::ChangedFacts(std::span<const model::RuleSet> rules) {
    for (const model::RuleSet& asked : rules) {
        EXPECTS(asked.classes.size() == rules[0].classes.size());
        rules_.push_back(of_period(asked));
        num_classes_ = rules_.back().num_slots(1);
        num_top_ = std::max(num_top_, asked.num_top());
    }
}

void ChangedFacts::fold(std::vector<ChangedShare> shares) {
    std::sort(shares.begin(), shares.end());
    for (std::size_t first = 0; first < shares.size();) {
        std::vector<std::int64_t> energy_wh(num_classes_, 0);
        std::size_t last = first;
        for (; last < shares.size() && shares[last].set == shares[first].set && shares[last].subject == shares[first].subject; ++last)
            energy_wh.at(shares[last].subject_class) += shares[last].energy_wh;
        facts_.try_emplace(shares[first].set, none()).first->second.fold(energy_wh);
        first = last;
    }
}

std::vector<std::int64_t> ChangedFacts::told() const {
    std::vector<std::int64_t> told;
    for (const auto& [set, facts] : facts_) {
        told.insert(told.end(), {std::int64_t{set.number}, std::int64_t{set.atom}});
        told.insert(told.end(), facts.contributors.begin(), facts.contributors.end());
        for (const auto* column : {&facts.total, &facts.least, &facts.top}) told.insert(told.end(), column->begin(), column->end());
    }
    return told;
}

void ChangedFacts::merge(std::span<const std::int64_t> told) {
    const auto take = [&](std::size_t count) {
        const auto part = told.first(count);
        told = told.subspan(count);
        return part;
    };
    while (!told.empty()) {
        const auto key = take(2);
        model::SetFacts facts = none();
        std::ranges::transform(take(num_classes_), facts.contributors.begin(), [](std::int64_t count) { return static_cast<std::uint32_t>(count); });
        for (auto* column : {&facts.total, &facts.least, &facts.top}) std::ranges::copy(take(column->size()), column->begin());
        facts_.try_emplace({static_cast<std::uint32_t>(key[0]), static_cast<AtomId>(key[1])}, none()).first->second.merge(facts);
    }
}

std::set<ChangedSet> ChangedFacts::failing() const {
    std::set<ChangedSet> failing;
    for (const auto& [set, facts] : facts_)
        if (!std::ranges::all_of(rules_, [&](const model::RuleSet& rules) { return judge(rules, facts).passes; })) failing.insert(set);
    return failing;
}

bool hold_back(std::span<MeterMonth> months, const std::set<ChangedSet>& failing) {
    bool any = false;
    for (MeterMonth& month : months) {
        if (!month.can_wait || !month.is_corrected()) continue;
        bool is_told = false;
        for_each_set(month, [&](const ChangedSet& set, std::int64_t) { is_told = is_told || failing.contains(set); });
        if (is_told) month.wait();
        any = any || is_told;
    }
    return any;
}

}  // namespace meterveil::pipeline
