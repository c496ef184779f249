#include "meterveil/pipeline/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "meterveil/aggregate/run.hpp"
#include "meterveil/cohort/run.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pipeline/erase.hpp"
#include "meterveil/protect/run.hpp"
#include "meterveil/pseudonym/run.hpp"
#include "meterveil/publish/run.hpp"
#include "pipeline/attributes.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/corrections.hpp"
#include "pipeline/custody.hpp"
#include "pipeline/dossier.hpp"
#include "pipeline/ledger.hpp"
#include "pipeline/quality.hpp"
#include "pipeline/stages.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
/// Of an axis: what Reading::interval holds.
constexpr std::int64_t max_intervals = std::int64_t{1} << 24;
/// Of an interval of the job: what a shard holds.
constexpr std::int64_t max_quanta = 2'000'000'000;

/// Trouble that would show after hours is told at once.
Result<> check_releases(par::Comm& comm, const config::Job& job) {
    return par::agree_on(comm, [&]() -> Result<> {
        for (const auto& release : job.releases)
            if (comm.rank() == 0 && fs::exists(fs::symlink_status(fs::path(job.output) / release.name)))
                return Error{Code::locked, "a release of this name exists, and a release is never altered", (fs::path(job.output) / release.name).string(),
                             "choose another name or --out, or move it away"};
        return {};
    });
}

Result<pseudonym::RootKey> load_key(par::Comm& comm, const config::Job& job, const Settings& settings) {
    std::optional<Result<pseudonym::RootKey>> mine;
    if (comm.rank() == 0) {
        if (settings.key_descriptor) mine = pseudonym::RootKey::from_descriptor(*settings.key_descriptor);
        else if (job.key_file.empty()) mine = Result<pseudonym::RootKey>(Error{Code::usage, "no key", "[keys] file", "name a key file, or give --key-fd"});
        else mine = pseudonym::RootKey::from_file(job.key_file);
    }
    return pseudonym::share_key(comm, std::move(mine));
}

/// Reports how far rank 0 is, by the rows that its first lane has parsed of those that it may expect.
class CountedStream final : public model::RawStream {
public:
    CountedStream(model::RawStream& stream, Progress& progress, double expected_rows)
        : stream_(stream), progress_(progress), expected_(expected_rows / static_cast<double>(stream.num_lanes())) {}
    [[nodiscard]] std::size_t num_lanes() const override { return stream_.num_lanes(); }
    Result<bool> next(std::size_t lane, model::RawBatch& batch) override {
        auto outcome = stream_.next(lane, batch);
        if (lane != 0) return outcome;
        if (outcome.ok() && outcome.value()) rows_ += static_cast<double>(batch.account.read);
        progress_.update(expected_ > 0 ? rows_ / expected_ : 0);
        return outcome;
    }
    [[nodiscard]] bool is_versioned() const override { return stream_.is_versioned(); }

private:
    model::RawStream& stream_;
    Progress& progress_;
    double rows_ = 0, expected_;
};

/// Lanes of a rank: as many as it has threads, in an eighth of its memory.
std::size_t num_lanes(const config::Job& job) {
    constexpr std::uint64_t lane_bytes = std::uint64_t{32} << 20;  // a block of text, its rows, the ids that it remembers
    return std::clamp<std::uint64_t>(job.store.memory_bytes / 8 / lane_bytes, 1, static_cast<std::uint64_t>(exec::num_threads()));
}

/// The job's axis cut as fine as the finest source: readings go on it, and are joined when a shard is written.
Result<ingest::Options> on_finest_axis(par::Comm& comm, ingest::Options options) {
    TRY(const std::int64_t finest_s, ingest::finest_interval_s(comm, options));
    const std::int64_t length_s = options.axis.length.count(), parts = length_s / finest_s;
    for (auto& source : options.sources) {
        if (source.interval_s == 0) source.interval_s = length_s;
        if (source.interval_s == finest_s) source.interval_s = 0;  // as the axis
    }
    if (static_cast<std::int64_t>(options.axis.count) * parts > max_intervals)
        return Error{Code::usage, fmt::format("readings of {} s give too many intervals over the period", finest_s), "[job] from, until", "a shorter period, or coarser readings"};
    if (const std::int64_t most = max_quanta / parts * options.energy_quantum_wh; options.max_wh > most)
        return Error{Code::usage, fmt::format("with readings of {} s a sum could be too large", finest_s), "[clean] max_wh", fmt::format("{} at most", most)};
    options.axis = {options.axis.start, std::chrono::seconds(finest_s), options.axis.count * static_cast<std::uint32_t>(parts)};
    return options;
}

bool is_text(const std::string& name) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control)) return false;
    try {
        return !nlohmann::json(name).dump().empty();
    } catch (const nlohmann::json::exception&) {
        return false;
    }
}

/// The names of nodes are published: a reader of HDF5, JSON and HTML must be able to show them.
Result<> check_names(const config::Job& job, const model::Hierarchy& hierarchy) {
    for (const auto& node : hierarchy.nodes)
        if (!is_text(node.name))
            return Error{Code::input, fmt::format("a name at level '{}' is not UTF-8, or holds a control character", hierarchy.levels[node.level]), job.tables.topology_path,
                         "convert the file, e.g. with: iconv -f latin1 -t utf-8"};
    return {};
}

/// From files to shards in custody: everything that sees a source id.
struct Kept {
    model::Hierarchy hierarchy;
    store::Stored stored;
};

Result<Kept> keep_readings(par::Comm& comm, const config::Job& job, const pseudonym::RootKey& key, Stages& stages, Progress& progress) {
    TRY(auto roster, stages.run("enrol", [&]() -> Result<model::Roster> {
            TRY(auto tables, ingest::read_tables(comm, job.tables));
            TRY(const auto erased, erased_names(comm, job.custody));
            return pseudonym::enrol(comm, std::move(tables), key, job.epoch, erased);
        }));
    TRY_DO(par::agree_on(comm, [&] { return check_names(job, roster.hierarchy); }));
    TRY(const auto plan, store::plan(comm, roster));
    TRY(auto placement, store::place(comm, roster, plan));
    const double expected = static_cast<double>(roster.num_meters) * job.axis.count / comm.size();
    const std::size_t num_files = ingest::files_of(job.ingest).size();
    TRY(auto stored, stages.run("ingest", [&]() -> Result<store::Stored> {
            TRY(auto options, on_finest_axis(comm, job.ingest));
            options.lanes = num_lanes(job);
            TRY(const auto raw, ingest::run(comm, options));
            CountedStream counted(*raw, progress, expected);
            TRY(const auto placed, pseudonym::run(comm, counted, placement.addresses, roster.erased, key, job.epoch, job.ingest.quarantine_folder));
            placement.addresses = {};
            store::Options storing = job.store;
            storing.readings_per_interval = options.axis.count / job.axis.count;
            return store::run(comm, *placed, plan, std::move(placement), roster.hierarchy, options.axis, num_files, storing);
        }));
    return Kept{std::move(roster.hierarchy), std::move(stored)};
}

model::Accounts accounts_of(const config::Job& job, const store::Stored& stored) {
    model::Accounts accounts{{}, stored.accounts};
    for (const std::string& file : ingest::files_of(job.ingest)) accounts.files.push_back(fs::path(file).filename().string());
    return accounts;
}

Result<> write_accounts(par::Comm& comm, const config::Job& job, const model::Accounts& accounts, const Kept& kept) {
    return par::agree_on(comm, [&]() -> Result<> {
        for (const auto& account : accounts.rows)
            if (!account.balances()) return Error{Code::internal, "the accounts of a file do not add up", "", "please report this"};
        if (!quality_adds_up(kept.stored)) return Error{Code::internal, "the counts of a region do not add up", "", "please report this"};
        if (comm.rank() == 0)
            return io::write_whole(fs::path(job.custody) / "accounts.json", accounts_json(accounts, job, kept.hierarchy, kept.stored));
        return {};
    });
}

/// The cells of a rule's scope.
Result<model::Resolution> slots_of(const config::Job& job, model::Scope scope) {
    if (scope == model::Scope::month) return model::make_resolution(job.calendar, job.axis, "month");
    model::Resolution slots{model::name_of(scope), {}};
    for (std::uint32_t t = 0; t <= job.axis.count; t += scope == model::Scope::interval ? 1 : job.axis.count) slots.bounds.push_back(t);
    return slots;
}

std::array<std::uint64_t, model::num_channels> meters_that_take_part(const store::Stored& stored) {
    std::array<std::uint64_t, model::num_channels> meters{};
    for (std::size_t c = 0; c < meters.size(); ++c)
        for (const auto& region : stored.quality[c]) meters[c] += region.takes_part;
    return meters;
}

model::ReleaseTerms terms_of(const config::Job& job, const config::ReleaseSpec& spec, const pseudonym::RootKey& key) {
    return {spec.name, spec.audience, model::format_date(job.from) + "/" + model::format_date(job.until), job.calendar.zone(), model::name_of(spec.rules.scope),
            spec.count_unit, spec.statements, pseudonym::key_check_value(key), spec.rules.min_contributors, spec.preset};
}

/// Exact sums of a partition, certified.
Result<protect::Certified> certify(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, model::ReleaseTerms terms, const Kept& kept,
                                   const std::vector<model::Partition>& partitions, Stages& stages) {
    TRY(auto cells, stages.run("aggregate", [&] { return aggregate::run(comm, kept.stored.shards, partitions); }));
    protect::Options options{std::move(terms), spec.rules, {}, meters_that_take_part(kept.stored)};
    for (const std::string& name : spec.resolutions) {
        TRY(auto resolution, model::make_resolution(job.calendar, job.axis, name));
        options.resolutions.push_back(std::move(resolution));
    }
    return stages.run("protect", [&] { return protect::run(comm, std::move(cells), partitions, kept.hierarchy, options); });
}

/// A release that nothing stands against: who is summed with whom.
struct Planned {
    std::vector<model::Partition> partitions;
    model::LedgerRecord record;
    Proof proof;
};

/// @param others planned before it in the same job
Result<Planned> plan_release(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const pseudonym::RootKey& key, Kept& kept,
                             const std::vector<Planned>& others, Stages& stages) {
    TRY(const auto slots, slots_of(job, spec.rules.scope));
    TRY(const auto before, release_before(comm, job));
    const cohort::Options grouping{spec.rules, slots, before ? &*before : nullptr};
    Planned planned;
    TRY(planned.partitions, stages.run("cohort", [&] { return cohort::run(comm, kept.stored.shards, kept.hierarchy, grouping); }));
    TRY(planned.record, stages.run("ledger", [&] { return draft_record(comm, job, spec, terms_of(job, spec, key), kept.stored.shards, kept.hierarchy, planned.partitions); }));
    std::vector<const model::LedgerRecord*> drafts;
    for (const Planned& other : others) drafts.push_back(&other.record);
    TRY(planned.proof, stages.run("prove", [&] { return hold_against_ledger(comm, job.custody, planned.record, drafts); }));
    return planned;
}

/// All of them, before anything is published.
Result<std::vector<Planned>> plan_releases(par::Comm& comm, const config::Job& job, const pseudonym::RootKey& key, Kept& kept, Stages& stages) {
    std::vector<Planned> planned;
    for (const auto& spec : job.releases) {
        TRY(auto next, plan_release(comm, job, spec, key, kept, planned, stages));
        planned.push_back(std::move(next));
    }
    return planned;
}

/// With the corrections that are enough; if the gate refuses them still, without any.
Result<std::vector<Planned>> plan_with_corrections(par::Comm& comm, const config::Job& job, const pseudonym::RootKey& key, Kept& kept, Corrections& corrections, Stages& stages) {
    const auto settle = [&](Admission admission) { return stages.run("corrections", [&] { return settle_corrections(comm, job, kept.hierarchy, kept.stored.shards, admission); }); };
    TRY(corrections, settle(Admission::enough));
    auto planned = plan_releases(comm, job, key, kept, stages);
    if (planned.ok() || planned.error().code != Code::privacy || !corrections.are_let_in) return planned;
    TRY(const Corrections others, settle(Admission::none));
    if (!others.wait) return planned;
    corrections = others;
    return plan_releases(comm, job, key, kept, stages);
}

Result<std::string> make_release(par::Comm& comm, const config::Job& job, const config::ReleaseSpec& spec, const pseudonym::RootKey& key, const Kept& kept, Planned& planned,
                                 const Corrections& corrections, Stages& stages) {
    TRY(auto certified, certify(comm, job, spec, terms_of(job, spec, key), kept, planned.partitions, stages));
    if (spec.attributes) TRY_DO(stages.run("attributes", [&] { return add_attributes(comm, job, *spec.attributes, key, certified); }));
    std::optional<model::Forecast> coming;
    if (spec.forecast) {
        TRY(coming, stages.run("forecast", [&] { return forecast::run(comm, certified.release, job.forecast); }));
    }
    TRY(auto dossier, par::agree_on(comm, [&]() -> Result<publish::Dossier> {
            return make_dossier(job, kept.hierarchy, kept.stored, certified.evidence, planned.proof, corrections, spec.rules.min_contributors);
        }));
    // Before anybody can see it: a release that is not recorded must not be.
    TRY_DO(ledger::append(comm, job.custody, planned.record));
    TRY_DO(close_shards(comm, job.custody, kept.stored.shards, planned.record));
    dossier.record_digest = ledger::record_digest(planned.record.entry);
    return stages.run("publish", [&] { return publish::run(comm, certified.release, coming, dossier, {job.output, job.calendar}); });
}

}  // namespace

Result<RunReport> run(par::Comm& comm, const config::Job& job, const Settings& settings) {
    const exec::ThreadBudget threads(settings.threads);
    Progress progress(settings.progress, comm.rank() == 0);
    Stages stages(comm, progress);
    TRY_DO(check_releases(comm, job));
    TRY(const auto key, load_key(comm, job, settings));
    TRY_DO(prepare_custody(comm, job.custody));
    TRY(Kept kept, keep_readings(comm, job, key, stages, progress));
    RunReport report;
    report.accounts = accounts_of(job, kept.stored);
    TRY_DO(write_accounts(comm, job, report.accounts, kept));
    Corrections corrections;
    TRY(auto planned, plan_with_corrections(comm, job, key, kept, corrections, stages));
    report.corrections_wait = corrections.wait;
    for (std::size_t i = 0; i < planned.size(); ++i) {
        TRY(auto page, make_release(comm, job, job.releases[i], key, kept, planned[i], corrections, stages));
        report.pages.push_back(std::move(page));
    }
    report.stages = stages.costs();
    report.ranks = comm.size();
    report.threads = threads.threads();
    report.spooled = kept.stored.spooled;
    return report;
}

}  // namespace meterveil::pipeline
