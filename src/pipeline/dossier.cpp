#include "pipeline/dossier.hpp"

#include <nlohmann/json.hpp>

#include "meterveil/protect/rules.hpp"

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

Json region_json(const std::string& name, const store::Stored::RegionQuality& region, std::uint32_t k) {
    return {{"region", name},
            {"meters", protect::contributor_band(region.meters, k)},
            {"take_part", protect::contributor_band(region.takes_part, k)},
            {"low_coverage_share", protect::share_band(region.low_coverage, region.meters)},
            {"silent_share", protect::share_band(region.silent, region.meters)},
            {"filled_share", protect::share_band(region.filled, region.intervals)}};
}

std::string quality_json(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored,
                         const model::RowAccount& total, std::uint32_t k) {
    Json regions = Json::array();
    std::size_t index = 0;
    for (const model::Node& node : hierarchy.nodes)
        if (node.level == 1) regions.push_back(region_json(node.name, stored.regions.at(index++), k));
    const Json document = {
        {"period", {{"from", model::format_date(job.from)}, {"until", model::format_date(job.until)}}},
        {"rows", rows_json(total)},
        {"rows_balance", total.balances()},
        {"cleaning", {{"min_coverage", job.store.min_coverage}, {"max_wh", job.ingest.max_wh}}},
        {"regions", regions}};
    return dumped(document);
}

std::string disclosure_json(const protect::Evidence& evidence) {
    Json channels = Json::array();
    for (const auto& c : evidence.channels)
        channels.push_back({{"channel", c.channel},
                            {"atoms_checked", c.atoms_checked},
                            {"units", c.units},
                            {"nodes_published", c.nodes_published},
                            {"nodes_merged", c.nodes_merged},
                            {"nodes_withheld", c.nodes_withheld},
                            {"nodes_without_data", c.nodes_without_data},
                            {"smallest_atom_contributors", c.worst_interval_contributors},
                            {"largest_failing_share", c.worst_failing_share}});
    const Json document = {{"checks", evidence.checks}, {"channels", channels}};
    return dumped(document);
}

}  // namespace

publish::Dossier make_dossier(const config::Job& job, const model::Hierarchy& hierarchy, const store::Stored& stored,
                              const protect::Evidence& evidence, std::uint32_t min_contributors) {
    model::RowAccount total;
    for (const auto& account : stored.accounts) total += account;
    std::uint64_t meters = 0, intervals = 0, filled = 0;
    for (const auto& region : stored.regions) {
        meters += region.takes_part;
        intervals += region.intervals;
        filled += region.filled;
    }
    publish::Dossier dossier;
    dossier.quality_json = quality_json(job, hierarchy, stored, total, min_contributors);
    dossier.disclosure_json = disclosure_json(evidence);
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

std::string accounts_json(const model::Accounts& accounts) {
    Json files = Json::array();
    for (std::size_t i = 0; i < accounts.files.size(); ++i) {
        Json entry = {{"file", accounts.files[i]}};
        entry.update(to_json(accounts.rows[i]));
        files.push_back(entry);
    }
    return dumped(Json{{"files", files}});
}

}  // namespace meterveil::pipeline
