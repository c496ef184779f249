#include "cohort/matching.hpp"

#include <algorithm>
#include <utility>

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

}  // namespace

std::vector<Match> match_meters(std::vector<const MeterNow*> now, std::vector<const MeterThen*> then) {
    std::vector<Match> matches;
    pair_by(now, then, [](const auto& meter) { return meter.member; }, matches);
    pair_by(now, then, [](const auto& meter) { return meter.leaf; }, matches);  // another meter at the same place
    pair_by(now, then, [](const auto&) { return 0; }, matches);                 // moved
    for (const MeterNow* meter : now) matches.push_back({meter, nullptr});
    for (const MeterThen* meter : then) matches.push_back({nullptr, meter});
    return matches;
}

}  // namespace meterveil::cohort
