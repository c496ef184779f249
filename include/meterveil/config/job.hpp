#pragma once
// The job file as values that the rooms take. Strict: an unknown key is an error.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "meterveil/attributes/run.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/forecast/run.hpp"
#include "meterveil/generate/run.hpp"
#include "meterveil/ingest/run.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/model/rules.hpp"
#include "meterveil/store/run.hpp"

namespace meterveil::config {

/// One [[release]].
struct ReleaseSpec {
    std::string name, audience, period = "year";
    bool aggregates = false, forecast = false;   ///< products
    std::optional<meterveil::attributes::Options> attributes = {};  ///< product
    std::vector<std::string> resolutions;
    model::RuleSet rules;                        ///< scope included
    std::string count_unit;                      ///< customer | premise | meter
    model::PresetTerms preset;
    std::vector<std::string> statements;         ///< "min_contributors = 10", ...
};

/// Everything a run needs, resolved: paths absolute, globs expanded, calendar and axis made.
struct Job {
    std::string name, text, digest;              ///< text of the file and its SHA-256
    model::Date from{}, until{};
    model::Calendar calendar;
    model::Axis axis;
    ingest::Options ingest;
    ingest::TableOptions tables;
    ingest::CustomerOptions customers;           ///< attributes, if columns are named
    store::Options store;
    std::string key_file, epoch;                 ///< key_file empty: --key-fd needed
    std::string custody, output;
    std::string count_unit = "meter";
    std::vector<ReleaseSpec> releases;
    forecast::Options forecast;
    std::uint64_t memory_per_rank = std::uint64_t{2} << 30;
    std::vector<std::string> notes;              ///< [job] note = "...", shown in the report
};

/// What the command line overrides.
struct Overrides {
    std::string output, custody;
};

/// Pure but for globs (resolved against the folder of the job file). All problems at once, one per line of `what`.
/// @errors usage: syntax (line), unknown key (nearest), wrong type, missing privacy parameter, bad value
Result<Job> parse_job(const std::string& text, const std::string& path, const Overrides& overrides);

/// Every key that parse_job asks for, sections in front: "clean", "clean.fill", "release.rules.scope". Pure.
std::set<std::string> job_keys();

/// @errors usage
Result<generate::Spec> parse_generate_spec(const std::string& text, const std::string& path);

}  // namespace meterveil::config
