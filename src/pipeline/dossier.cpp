#include "pipeline/dossier.hpp"

#include <nlohmann/json.hpp>

#include "meterveil/protect/rules.hpp"
#include "pipeline/attributes.hpp"
#include "pipeline/quality.hpp"

namespace meterveil::pipeline {
namespace {

using Json = nlohmann::ordered_json;

/// Text that is not UTF-8, such as a file's name, gets replacement characters: a document is always written.
std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json to_json(const model::RowAccount& account) {
    Json quarantined = Json::object();
    for (int i = 0; i < model::num_reasons; ++i)
        quarantined[model::name_of(static_cast<model::Reason>(i))] = account.quarantined[static_cast<std::size_t>(i)];
    return {{"read", account.read},           {"accepted", account.accepted},
            {"superseded", account.superseded}, {"duplicate", account.duplicate},
            {"quarantined", account.num_quarantined()}, {"quarantined_by_reason", quarantined},
            {"estimated", account.estimated},   {"substituted", account.substituted},
            {"rounding_residue_nwh", account.residue_nwh}};
}

Json rows_json(const model::RowAccount& total) {
    Json shares = Json::object();
    for (int i = 0; i < model::num_reasons; ++i)
        shares[model::name_of(static_cast<model::Reason>(i))] =
            protect::share_band(total.quarantined[static_cast<std::size_t>(i)], total.read);
    return {{"read", total.read},           {"accepted", total.accepted}, {"superseded", total.superseded},
            {"duplicate", total.duplicate}, {"quarantined", total.num_quarantined()}, {"quarantined_share_by_reason", shares},
            {"estimated_share", protect::share_band(total.estimated, total.read)}, {"substituted_share", protect::share_band(total.substituted, total.read)}};
}

/// How readings were cleaned; null: not looked for.
Json cleaning_json(const config::Job& job) {
    const char* fills[] = {"typical", "linear", "none"};
    Json json = {{"min_coverage", job.store.min_coverage}, {"max_wh", job.ingest.max_wh}, {"fill", fills[static_cast<int>(job.store.fill)]},
                 {"max_stuck_s", nullptr}, {"spike_factor", nullptr}};
    if (job.store.max_stuck_s > 0) json["max_stuck_s"] = job.store.max_stuck_s;
    if (job.store.spike_factor > 0) json["spike_factor"] = job.store.spike_factor;
    return json;
}

std::string quality_json(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored,
                         const model::RowAccount& total, std::uint32_t k) {
    const Json document = {
        {"period", {{"from", model::format_date(job.from)}, {"until", model::format_date(job.until)}}},
        {"rows", rows_json(total)},
        {"rows_balance", total.balances()},
        {"cleaning", cleaning_json(job)},
        {"regions_add_up", quality_adds_up(stored)},
        {"regions", quality_ranges(job, hierarchy, stored, k)}};
    return dumped(document);
}

/// What each level has, and what protection took: by the status of its nodes.
Json levels_json(const protect::Evidence::ChannelEvidence& channel) {
    static constexpr const char* statuses[] = {"published", "merged", "withheld"};
    Json levels = Json::array();
    for (const auto& level : channel.levels) {
        Json json = {{"level", level.level}, {"nodes_without_data", level.nodes[3]}, {"newcomers_waiting", level.newcomers_waiting}};
        for (std::size_t s = 0; s < 3; ++s) json[statuses[s]] = {{"nodes", level.nodes[s]}, {"energy", level.energy_share[s]}, {"subjects", level.subject_share[s]}};
        levels.push_back(json);
    }
    return levels;
}

/// What followed from the rows alone and from those of earlier releases. No name of an earlier release: the recipient may not have it.
Json proof_json(const Proof& proof) {
    Json comparisons = Json::array();
    std::uint64_t violations = 0;
    for (const auto& c : proof.comparisons) {
        violations += c.report.num_violations;
        comparisons.push_back({{"channel", model::name_of(c.channel)},
                               {"with", c.numbers.empty() ? "itself" : c.relation == prove::Relation::next_period ? "the next period" : "the same period"},
                               {"earlier_releases", c.numbers.size()},
                               {"verdict", prove::name_of(c.report.verdict)},
                               {"atoms", c.report.num_atoms},
                               {"units", c.report.num_units},
                               {"differences_of_units", c.report.num_pairs},
                               {"blocks_of_combinations", c.report.num_blocks}});
    }
    return {{"violations", violations}, {"earlier_releases", proof.num_earlier}, {"comparisons", comparisons}};
}

std::string disclosure_json(const protect::Evidence& evidence, const Proof& proof, const Corrections& corrections) {
    Json channels = Json::array();
    for (const auto& c : evidence.channels)
        channels.push_back({{"channel", c.channel},
                            {"atoms_checked", c.atoms_checked},
                            {"units", c.units},
                            {"nodes_published", c.nodes_published},
                            {"nodes_merged", c.nodes_merged},
                            {"nodes_withheld", c.nodes_withheld},
                            {"nodes_without_data", c.nodes_without_data},
                            {"levels", levels_json(c)},
                            {"smallest_atom_contributors", c.worst_interval_contributors},
                            {"largest_failing_share", c.worst_failing_share}});
    const Json document = {{"violations", proof_json(proof)["violations"]}, {"checks", evidence.checks}, {"channels", channels}, {"derivable_sums", proof_json(proof)}, {"corrections_wait", corrections.wait}};
    return dumped(document);
}

}  // namespace

publish::Dossier make_dossier(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored,
                              const protect::Evidence& evidence, const Proof& proof, const Corrections& corrections, std::uint32_t min_contributors) {
    model::RowAccount total;
    for (const auto& account : stored.accounts) total += account;
    std::uint64_t meters = 0, intervals = 0, filled = 0;
    for (const auto& region : stored.quality[static_cast<std::size_t>(model::Channel::import)]) {
        meters += region.takes_part;
        for (const auto& month : region.months) {
            intervals += month.intervals;
            filled += month.filled;
        }
    }
    publish::Dossier dossier;
    dossier.quality_json = quality_json(job, hierarchy, stored, total, min_contributors);
    dossier.disclosure_json = disclosure_json(evidence, proof, corrections);
    if (evidence.attributes) dossier.attributes_json = attributes_json(*evidence.attributes);
    dossier.software_version = METERVEIL_VERSION;
    dossier.job_digest = job.digest;
    dossier.rows_read = total.read;
    dossier.rows_accepted = total.accepted;
    dossier.rows_superseded = total.superseded;
    dossier.rows_duplicate = total.duplicate;
    dossier.rows_quarantined = total.num_quarantined();
    dossier.meters_band = protect::contributor_band(meters, min_contributors);
    dossier.filled_share = intervals == 0 ? 0 : static_cast<double>(filled) / static_cast<double>(intervals);
    dossier.notes = job.notes;
    return dossier;
}

std::string accounts_json(const model::Accounts& accounts, const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored) {
    Json files = Json::array();
    for (std::size_t i = 0; i < accounts.files.size(); ++i) {
        Json entry = {{"file", accounts.files[i]}};
        entry.update(to_json(accounts.rows[i]));
        files.push_back(entry);
    }
    return dumped(Json{{"files", files}, {"regions", quality_counts(job, hierarchy, stored)}});
}

}  // namespace meterveil::pipeline
