// Who came and who went, of every node that two periods in a row published.

#include <algorithm>
#include <set>

#include "pipeline_attack.hpp"

namespace meterveil::sequences {
namespace {

/// What a subject has in a release, or in one unit of it.
struct Part {
    std::set<std::uint32_t> meters;
    model::AtomId atom = 0;  ///< of one of them
};
using Parts = std::map<std::uint32_t, Part>;

/// @param unit null: all that is published
Parts parts_of(const Published& release, const model::Unit* unit) {
    Parts parts;
    for (const auto& [number, atom] : release.atom) {
        if (unit != nullptr && (atom < unit->first_atom || atom >= unit->first_atom + unit->num_atoms)) continue;
        Part& part = parts[release.meters.at(number).subject];
        part.meters.insert(number);
        part.atom = atom;
    }
    return parts;
}

/// @param where whether those that are in `others` are taken, or those that are not
std::set<std::uint32_t> those(const std::set<std::uint32_t>& meters, bool where, const std::set<std::uint32_t>& others) {
    std::set<std::uint32_t> taken;
    for (const std::uint32_t meter : meters)
        if (others.contains(meter) == where) taken.insert(meter);
    return taken;
}

/// Whether of a node that both periods published somebody joined or left without passing, nor hidden among those who were in both. A meter that
/// another replaced, or that moved within the node, neither joined nor left. Where it cannot be said which of a subject's meters was replaced and
/// which one left, nothing is told.
bool node_tells_who_came(const Published& then, const Published& now, const model::Unit& earlier, const model::Unit& later, double most) {
    Parts all_then = parts_of(then, nullptr), all_now = parts_of(now, nullptr), was = parts_of(then, &earlier), is = parts_of(now, &later);
    Energies joined, left;
    std::map<std::pair<model::AtomId, model::AtomId>, Energies> of_both;
    std::set<std::uint32_t> subjects;
    for (const Parts* parts : {&was, &is})
        for (const auto& [subject, unused] : *parts) subjects.insert(subject);
    for (const std::uint32_t subject : subjects) {
        const Part &before = all_then[subject], &after = all_now[subject];
        const auto gone = those(was[subject].meters, false, is[subject].meters), come = those(is[subject].meters, false, was[subject].meters);
        for (const std::uint32_t meter : those(gone, true, after.meters)) {
            left[subject] += then.energy(meter);
            of_both[{then.atom.at(meter), now.atom.at(meter)}][subject] += then.energy(meter);
        }
        for (const std::uint32_t meter : those(come, true, before.meters)) {
            joined[subject] += now.energy(meter);
            of_both[{then.atom.at(meter), now.atom.at(meter)}][subject] += now.energy(meter);
        }
        const auto ended = those(gone, false, after.meters), begun = those(come, false, before.meters);
        if (ended.size() == begun.size()) continue;
        if (!ended.empty() && !begun.empty()) return false;
        for (const std::uint32_t meter : ended) left[subject] += then.energy(meter);
        for (const std::uint32_t meter : begun) joined[subject] += now.energy(meter);
        // No more than the subject has, or had, elsewhere: each stands for one of those.
        if (before.meters.size() <= after.meters.size())
            for (const std::uint32_t meter : ended) of_both[{before.atom, after.atom}][subject] += then.energy(meter);
        if (after.meters.size() <= before.meters.size())
            for (const std::uint32_t meter : begun) of_both[{before.atom, after.atom}][subject] += now.energy(meter);
    }
    const bool is_hidden = std::any_of(of_both.begin(), of_both.end(), [&](const auto& cls) { return !fails(cls.second, most); });
    return !is_hidden && (fails(joined, most) || fails(left, most));
}

}  // namespace

bool tells_who_came(const Published& then, const Published& now, double most) {
    for (const auto& earlier : then.units)
        for (const auto& later : now.units)
            if (!earlier.is_cohort && !later.is_cohort && earlier.level == later.level && earlier.name == later.name && node_tells_who_came(then, now, earlier, later, most))
                return true;
    return false;
}

}  // namespace meterveil::sequences
