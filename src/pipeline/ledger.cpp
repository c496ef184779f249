#include "pipeline/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/ledger/run.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/prove/run.hpp"

namespace meterveil::pipeline {
namespace {

using model::LedgerEntry;
using model::LedgerRecord;
using Records = std::vector<const LedgerRecord*>;

/// Entries whose periods end last before `start`, or nothing.
std::vector<LedgerEntry> just_before(const std::vector<LedgerEntry>& entries, std::int64_t start) {
    std::vector<LedgerEntry> found;
    for (const LedgerEntry& e : entries) {
        if (e.months_s.back() > start || (!found.empty() && e.months_s.back() < found[0].months_s.back())) continue;
        if (!found.empty() && e.months_s.back() > found[0].months_s.back()) found.clear();
        found.push_back(e);
    }
    return found;
}

/// Entries whose periods begin first after `end`, or nothing.
std::vector<LedgerEntry> just_after(const std::vector<LedgerEntry>& entries, std::int64_t end) {
    std::vector<LedgerEntry> found;
    for (const LedgerEntry& e : entries) {
        if (e.months_s.front() < end || (!found.empty() && e.months_s.front() > found[0].months_s.front())) continue;
        if (!found.empty() && e.months_s.front() < found[0].months_s.front()) found.clear();
        found.push_back(e);
    }
    return found;
}

/// The same sums over the same members: nothing follows from both that does not follow from one.
bool tells_nothing_new(par::Comm& comm, const LedgerRecord& candidate, const LedgerRecord& earlier) {
    const bool is_same = candidate.units == earlier.units && candidate.members == earlier.members && candidate.entry.months_s == earlier.entry.months_s;
    return par::max(comm, is_same ? 0 : 1) == 0;
}

/// @param against releases by name; empty: none
Result<> refuse_unless_safe(const std::vector<prove::Comparison>& comparisons, const std::string& against) {
    for (const auto& comparison : comparisons) {
        if (comparison.report.verdict == prove::Verdict::safe) continue;
        const std::string why = comparison.report.violations.empty() ? "it could not be shown that none follows" : comparison.report.violations[0].explanation;
        if (against.empty()) return Error{Code::privacy, fmt::format("the release is refused: {}", why), "", "nothing was published; please report this"};
        return Error{Code::privacy, fmt::format("the release is refused: together with what was released before, a sum over a set that fails a rule would follow: {}", why),
                     fmt::format("released before: {}", against), "nothing was published; corrections, joiners and leavers wait until they are enough (docs/methods/releases-over-time.md)"};
    }
    return {};
}

std::string names_of(const Records& records) {
    std::string names;
    for (const auto* record : records)
        names += fmt::format("{}'{}'{}", names.empty() ? "" : ", ", record->entry.name, record->entry.number == 0 ? " of this job" : fmt::format(" (entry {})", record->entry.number));
    return names;
}

model::LedgerEntry entry_of(const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms, const model::Hierarchy& hierarchy,
                            const std::vector<model::Partition>& partitions) {
    model::LedgerEntry entry;
    entry.name = terms.name;
    entry.audience = terms.audience;
    entry.from = model::format_date(job.from);
    entry.until = model::format_date(job.until);
    entry.time_zone = terms.time_zone;
    entry.months_s = months_of(job);
    entry.interval_s = job.axis.length.count();
    entry.resolutions = spec.resolutions;
    entry.levels = hierarchy.levels;
    for (const auto& partition : partitions)
        if (!partition.units.empty()) entry.channels.emplace_back(model::name_of(partition.channel));
    entry.count_unit = terms.count_unit;
    entry.scope = terms.scope;
    entry.max_failing_share = spec.rules.max_failing_share;
    entry.rules = terms.rules;
    for (const auto& of_class : spec.rules.classes) entry.subject_classes.push_back(of_class.subject_class);
    entry.key_check_value = terms.key_check_value;
    entry.job_sha256 = job.digest;
    return entry;
}

}  // namespace

std::vector<std::int64_t> months_of(const config::Job& job) {
    std::vector<std::int64_t> months;
    for (const std::uint32_t bound : job.store.months) months.push_back(job.axis.at(bound).time_since_epoch().count());
    return months;
}

Result<std::optional<LedgerRecord>> release_before(par::Comm& comm, const config::Job& job) {
    TRY(const auto all, ledger::open(comm, job.custody));
    const auto entries = ledger::releases_of(all);
    const auto before = just_before(entries, months_of(job).front());
    if (before.empty()) return std::optional<LedgerRecord>();
    TRY(auto record, ledger::read(comm, job.custody, before.back()));
    return std::optional(std::move(record));
}

Result<model::LedgerRecord> draft_record(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms,
                                         const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions) {
    TRY(auto members, ledger::members_of(comm, shards, hierarchy, partitions, job.store.months));
    return model::LedgerRecord{entry_of(job, spec, terms, hierarchy, partitions), ledger::units_of(hierarchy, partitions), std::move(members)};
}

Result<Proof> hold_against_ledger(par::Comm& comm, const std::string& custody, const LedgerRecord& candidate, const std::vector<const LedgerRecord*>& drafts) {
    TRY(const auto all, ledger::open(comm, custody));
    const auto entries = ledger::releases_of(all);
    Proof proof;
    const auto prove_with = [&](const Records& others, prove::Relation relation) -> Result<> {
        Records records = {&candidate};
        records.insert(records.end(), others.begin(), others.end());
        TRY(auto comparisons, prove::compare(comm, records, relation));
        TRY_DO(refuse_unless_safe(comparisons, names_of(others)));
        std::move(comparisons.begin(), comparisons.end(), std::back_inserter(proof.comparisons));
        proof.num_earlier += others.size();
        return {};
    };
    TRY_DO(prove_with({}, prove::Relation::same_intervals));
    std::vector<LedgerRecord> overlapping;
    for (const LedgerEntry& entry : entries) {
        if (!prove::overlap(entry, candidate.entry) || entry.number == candidate.entry.number) continue;
        TRY(auto record, ledger::read(comm, custody, entry));
        if (!tells_nothing_new(comm, candidate, record)) overlapping.push_back(std::move(record));
    }
    Records others;
    for (const LedgerRecord& record : overlapping) others.push_back(&record);
    for (const LedgerRecord* draft : drafts)
        if (!tells_nothing_new(comm, candidate, *draft)) others.push_back(draft);
    if (!others.empty()) TRY_DO(prove_with(others, prove::Relation::same_intervals));
    overlapping.clear();
    for (const auto& neighbours : {just_before(entries, candidate.entry.months_s.front()), just_after(entries, candidate.entry.months_s.back())})
        for (const LedgerEntry& entry : neighbours) {
            TRY(const LedgerRecord neighbour, ledger::read(comm, custody, entry));
            TRY_DO(prove_with({&neighbour}, prove::Relation::next_period));
        }
    return proof;
}

}  // namespace meterveil::pipeline
