#pragma once
// The front desk: a release on disk, whole or absent.

#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/forecast.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::publish {

/// What earlier rooms report, already banded and free of small counts: as JSON text, rank 0's counts.
struct Dossier {
    std::string quality_json;     ///< evidence/quality.json
    std::string disclosure_json;  ///< evidence/disclosure.json
    std::string attributes_json = {};  ///< evidence/attributes.json; empty: the release has no attributes
    std::string software_version;
    std::string job_digest;       ///< SHA-256 of the job file's text
    std::string record_digest;    ///< of the release in the ledger
    std::uint64_t rows_read = 0, rows_accepted = 0, rows_superseded = 0, rows_duplicate = 0, rows_quarantined = 0;
    std::string meters_band;      ///< meters in the release
    double filled_share = 0;      ///< of all readings in the sums
    std::vector<std::string> notes;  ///< shown on the first page: e.g. what the topology is
};

struct Options {
    std::string folder;  ///< of all releases; the release is folder/terms.name
    model::Calendar calendar;
};

/// Collective. Writes folder/NAME.partial, syncs, re-opens and verifies, then renames to folder/NAME.
/// @return path of START-HERE.html
/// @errors storage; locked if folder/NAME exists (names it; an older release is never altered)
Result<std::string> run(par::Comm& comm, const model::Release& release, const std::optional<model::Forecast>& forecast,
                        const Dossier& dossier, const Options& options);

}  // namespace meterveil::publish
