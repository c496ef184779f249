#pragma once
// Walks the data through the house: hands values of model from one room to the next.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/config/job.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/model/readings.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/pipeline/progress.hpp"

namespace meterveil::pipeline {

/// What the command line adds to a job.
struct Settings {
    std::optional<int> key_descriptor;  ///< --key-fd, of rank 0
    int threads = 0;                    ///< 0: the CPUs of this process
    ProgressMode progress = ProgressMode::automatic;
};

/// The cost of one stage, the same on every rank.
struct StageCost {
    std::string name;
    double seconds = 0;            ///< wall clock, rank 0
    double cpu_seconds = 0;        ///< summed over ranks
    std::uint64_t peak_bytes = 0;  ///< largest resident set of any rank within the stage
};

/// What a run did. Operator's eyes only: it counts rows per file.
struct RunReport {
    std::vector<std::string> pages;  ///< path of the report page of every release
    model::Accounts accounts;
    std::vector<StageCost> stages;
    int ranks = 1, threads = 1;
    bool spooled = false;    ///< readings went through custody/scratch
    bool corrections_wait = false;  ///< some readings are released as they were released before, until more corrections are together
};

/// Collective. The main job: raw files to a release on disk.
/// @errors of every room; privacy: a release together with others of the job or of the ledger would let a failing sum be derived
Result<RunReport> run(par::Comm& comm, const config::Job& job, const Settings& settings);

/// What a run would need. Estimated from the tables, file sizes and the first lines of every file.
struct PlanReport {
    std::uint64_t rows = 0, meters = 0, shards = 0, intervals = 0;
    std::uint64_t input_bytes = 0;
    std::uint64_t memory_per_rank = 0, memory_limit = 0;
    std::uint64_t custody_bytes = 0, release_bytes = 0, scratch_bytes = 0;
    std::uint64_t closed_bytes = 0;  ///< that custody has on the disk of earlier releases: not a part of custody_bytes
    std::uint64_t wire_bytes = 0;
    std::uint64_t custody_free = 0, output_free = 0;
    double imbalance = 1;
    int ranks = 1;
    bool spools = false;
};

/// Collective. Reads the tables and the first lines of every file; writes nothing; needs no key.
Result<PlanReport> dry_run(par::Comm& comm, const config::Job& job);

/// JSON and plain text of the reports, for --json and for people.
std::string to_json(const RunReport& report);
std::string to_json(const PlanReport& plan);
std::string to_text(const PlanReport& plan);

}  // namespace meterveil::pipeline
