#include "pipeline/ledger.hpp"

#include "meterveil/ledger/run.hpp"

namespace meterveil::pipeline {
namespace {

model::LedgerEntry entry_of(const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms, const model::Hierarchy& hierarchy,
                            const std::vector<model::Partition>& partitions) {
    model::LedgerEntry entry;
    entry.name = terms.name;
    entry.audience = terms.audience;
    entry.from = model::format_date(job.from);
    entry.until = model::format_date(job.until);
    entry.time_zone = terms.time_zone;
    for (const std::uint32_t bound : job.store.months) entry.months_s.push_back(job.axis.at(bound).time_since_epoch().count());
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

Result<model::LedgerRecord> draft_record(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const model::ReleaseTerms& terms,
                                         const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions) {
    TRY(auto members, ledger::members_of(comm, shards, hierarchy, partitions, job.store.months));
    return model::LedgerRecord{entry_of(job, spec, terms, hierarchy, partitions), ledger::units_of(hierarchy, partitions), std::move(members)};
}

}  // namespace meterveil::pipeline
