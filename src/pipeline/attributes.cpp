#include "pipeline/attributes.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "meterveil/protect/rules.hpp"
#include "meterveil/pseudonym/run.hpp"

namespace meterveil::pipeline {
namespace {

using Json = nlohmann::ordered_json;

/// What the first rank needs at most for a distinct tuple, on its way from the wire to the table.
std::uint64_t bytes_a_tuple(std::size_t num_attributes) { return 128 + 32 * num_attributes; }

/// "at most 0.1": of classes of ten or more. The smallest class is told as a range, and its risk as the bound that follows from it.
std::string risk_of(const std::string& band) {
    const std::string low = band.substr(0, band.find('-'));
    if (low.find_first_not_of("0123456789") != std::string::npos) return "at most 1";  // fewer than the range starts with
    return fmt::format("at most {:.4g}", 1 / std::stod(low));
}

}  // namespace

Result<> add_attributes(par::Comm& comm, const config::Job& job, const attributes::Options& options, const pseudonym::RootKey& key, protect::Certified& certified) {
    TRY(auto raw, ingest::read_customers(comm, job.customers));
    auto customers = pseudonym::cloak(std::move(raw), key, job.epoch);
    auto bounded = options;
    bounded.max_tuples = job.memory_per_rank / bytes_a_tuple(job.customers.attributes.size());
    TRY(auto candidate, attributes::run(comm, std::move(customers), bounded));
    return protect::add_attributes(comm, certified, std::move(candidate.table), std::move(candidate.evidence));
}

std::string attributes_json(const model::AttributeEvidence& evidence) {
    const std::string smallest = protect::contributor_band(evidence.smallest_class, evidence.k);
    Json document = {{"criteria", evidence.statements},
                     {"search", evidence.search},
                     {"levels", evidence.levels},
                     {"loss", {{"name", evidence.loss_name}, {"share", fmt::format("{:.3f}", evidence.loss)}}},
                     {"suppressed_share", protect::share_band(evidence.suppressed, evidence.customers)},
                     {"smallest_class", smallest},
                     {"risk", {{"prosecutor", risk_of(smallest)}, {"marketer", fmt::format("{:.4f}", evidence.marketer_risk)}}}};
    if (evidence.smallest_population > 0) {
        document["smallest_population"] = protect::contributor_band(evidence.smallest_population, evidence.k);
        document["risk"]["journalist"] = risk_of(protect::contributor_band(evidence.smallest_population, evidence.k));
        document["risk"]["marketer_of_population"] = fmt::format("{:.4f}", evidence.marketer_population_risk);
    }
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace meterveil::pipeline
