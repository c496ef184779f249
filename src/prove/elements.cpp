#include "prove/elements.hpp"

#include <algorithm>
#include <cstdlib>

namespace meterveil::prove {
namespace {

using model::LedgerEntry;
using model::LedgerRecord;
using model::no_id;

constexpr std::size_t absent = static_cast<std::size_t>(-1);

/// Where one meter stands in each release.
class Alignment {
public:
    Alignment(const std::vector<const LedgerRecord*>& records, model::Channel channel, const SharedMonths& shared)
        : records_(records), channel_(static_cast<std::size_t>(channel)), shared_(shared) {
        for (const auto* record : records) {
            groups_.push_back(groups_in(record->entry, records[0]->entry));
            most_months_ = std::max(most_months_, num_months(*record));
        }
    }

    /// @param at [release] index of the meter, or absent
    void add(const std::vector<std::size_t>& at, std::vector<Element>& elements) const {
        std::vector<std::uint32_t> version(records_.size(), 0);
        std::vector<std::size_t> first_of_version;
        for (std::size_t r = 0; r < records_.size(); ++r) {
            if (atom(r, at) == no_id) continue;
            const auto same = std::find_if(first_of_version.begin(), first_of_version.end(), [&](std::size_t other) { return is_unchanged(other, r, at); });
            version[r] = static_cast<std::uint32_t>(same - first_of_version.begin());
            if (same == first_of_version.end()) first_of_version.push_back(r);
        }
        for (std::uint32_t v = 0; v < first_of_version.size(); ++v) elements.push_back(element(at, version, v, first_of_version));
    }

private:
    [[nodiscard]] const model::Membership& member(std::size_t r, const std::vector<std::size_t>& at) const { return records_[r]->members.members[at[r]]; }
    [[nodiscard]] std::uint32_t atom(std::size_t r, const std::vector<std::size_t>& at) const { return at[r] == absent ? no_id : member(r, at).atom[channel_]; }

    static std::int64_t num_months(const LedgerRecord& record) { return std::ssize(record.entry.months_s) - 1; }

    /// The ledger has the energy of whole periods: of one that is shorter, as much as the longest would have at that rate.
    [[nodiscard]] std::int64_t energy_wh(std::size_t r, const std::vector<std::size_t>& at) const {
        const std::int64_t energy = member(r, at).energy_wh[channel_];
        return num_months(*records_[r]) == most_months_ ? energy : energy * most_months_ / num_months(*records_[r]);
    }

    [[nodiscard]] bool is_unchanged(std::size_t a, std::size_t b, const std::vector<std::size_t>& at) const {
        return std::all_of(shared_[a][b].begin(), shared_[a][b].end(), [&](const auto& month) {
            return records_[a]->members.content(at[a], static_cast<int>(channel_), month.first) == records_[b]->members.content(at[b], static_cast<int>(channel_), month.second);
        });
    }

    /// Version 0 is the meter itself, in all releases; a later one is what it adds to that, where it is.
    [[nodiscard]] Element element(const std::vector<std::size_t>& at, const std::vector<std::uint32_t>& version, std::uint32_t v, const std::vector<std::size_t>& first) const {
        const auto& origin = member(first[v], at);
        Element made{origin.subject, groups_[first[v]][origin.subject_class], 0, {}};
        for (std::size_t r = 0; r < records_.size(); ++r) {
            const bool is_there = atom(r, at) != no_id && (v == 0 || version[r] == v);
            made.key.push_back(is_there ? atom(r, at) : no_id);
            if (is_there && v == 0) made.energy_wh = std::max(made.energy_wh, energy_wh(r, at));
        }
        if (v > 0) made.energy_wh = std::max<std::int64_t>(1, std::abs(energy_wh(first[v], at) - energy_wh(first[0], at)));
        made.key.push_back(v);
        return made;
    }

    const std::vector<const LedgerRecord*>& records_;
    std::size_t channel_;
    const SharedMonths& shared_;
    std::vector<std::vector<std::uint32_t>> groups_;
    std::int64_t most_months_ = 0;
};

using Open = std::vector<const Standing*>;

/// Takes out pairs of standings, one of each release, with equal keys: they are one meter of both, or stand for each other.
template <class Key>
void match(Open& candidate, Open& other, Key&& key, std::vector<Element>& elements) {
    const auto by_key = [&](const Standing* a, const Standing* b) { return std::pair(key(*a), *a) < std::pair(key(*b), *b); };
    std::sort(candidate.begin(), candidate.end(), by_key);
    std::sort(other.begin(), other.end(), by_key);
    Open alone[2];
    std::size_t i = 0, j = 0;
    while (i < candidate.size() || j < other.size()) {
        if (j == other.size() || (i < candidate.size() && key(*candidate[i]) < key(*other[j]))) alone[0].push_back(candidate[i++]);
        else if (i == candidate.size() || key(*other[j]) < key(*candidate[i])) alone[1].push_back(other[j++]);
        else {
            const Standing &a = *candidate[i++], &b = *other[j++];
            elements.push_back({a.subject, a.group, std::max(a.energy_wh, b.energy_wh), {a.atom, b.atom, 0}});
        }
    }
    candidate = std::move(alone[0]);
    other = std::move(alone[1]);
}

}  // namespace

bool shared_months(const LedgerEntry& a, const LedgerEntry& b, std::vector<std::pair<std::uint32_t, std::uint32_t>>& months) {
    for (std::uint32_t i = 0; i + 1 < a.months_s.size(); ++i)
        for (std::uint32_t j = 0; j + 1 < b.months_s.size(); ++j) {
            if (a.months_s[i] >= b.months_s[j + 1] || b.months_s[j] >= a.months_s[i + 1]) continue;
            if (a.months_s[i] != b.months_s[j] || a.months_s[i + 1] != b.months_s[j + 1]) return false;
            months.emplace_back(i, j);
        }
    return true;
}

std::vector<std::uint32_t> groups_in(const LedgerEntry& of, const LedgerEntry& in) {
    std::vector<std::uint32_t> groups;
    for (const std::string& name : of.subject_classes) {
        const auto found = std::find(in.subject_classes.begin(), in.subject_classes.end(), name);
        groups.push_back(static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(found - in.subject_classes.begin(), std::ssize(in.subject_classes) - 1)));
    }
    return groups;
}

std::vector<Element> align_meters(const std::vector<const LedgerRecord*>& records, model::Channel channel, const SharedMonths& shared) {
    const Alignment alignment(records, channel, shared);
    std::vector<std::size_t> next(records.size(), 0), at(records.size());
    std::vector<Element> elements;
    while (true) {
        const model::Pseudonym* least = nullptr;
        for (std::size_t r = 0; r < records.size(); ++r) {
            const auto& members = records[r]->members.members;
            if (next[r] < members.size() && (least == nullptr || members[next[r]].member < *least)) least = &members[next[r]].member;
        }
        if (least == nullptr) return elements;
        const model::Pseudonym meter = *least;
        for (std::size_t r = 0; r < records.size(); ++r) {
            const auto& members = records[r]->members.members;
            const bool is_there = next[r] < members.size() && members[next[r]].member == meter;
            at[r] = is_there ? next[r]++ : absent;
        }
        alignment.add(at, elements);
    }
}

std::vector<Element> align_subjects(const std::vector<Standing>& standings, const Places& places) {
    std::vector<Element> elements;
    for (std::size_t first = 0, last = 0; first < standings.size(); first = last) {
        Open open[2];
        for (; last < standings.size() && standings[last].subject == standings[first].subject; ++last) open[standings[last].release].push_back(&standings[last]);
        match(open[0], open[1], [](const Standing& s) { return s.member; }, elements);
        for (const auto& place : places) match(open[0], open[1], [&](const Standing& s) { return place[s.leaf]; }, elements);  // another meter at the same place, or near
        match(open[0], open[1], [](const Standing&) { return 0; }, elements);
        for (const Standing* s : open[0]) elements.push_back({s->subject, s->group, s->energy_wh, {s->atom, no_id, 0}});
        for (const Standing* s : open[1]) elements.push_back({s->subject, s->group, s->energy_wh, {no_id, s->atom, 0}});
    }
    return elements;
}

}  // namespace meterveil::prove
