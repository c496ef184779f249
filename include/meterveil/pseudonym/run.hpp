#pragma once
// The cloakroom: raw identity ends here, on the rank that parsed the row and before the exchange.

#include <memory>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/attributes.hpp"
#include "meterveil/model/readings.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/pseudonym/keys.hpp"

namespace meterveil::pseudonym {

/// Collective. Joins topology and customers under pseudonyms; each meter ends on the rank
/// slice_of(meter, ranks).
/// @param erased members and subjects that were erased, the same on every rank: their meters are left out, and listed in the roster
/// @errors input: a meter twice with different places or holders (file named, no id)
Result<model::Roster> enrol(par::Comm& comm, model::RawTables tables, const RootKey& key, const std::string& epoch,
                            const std::vector<model::Pseudonym>& erased = {});

/// Local. Customers under the pseudonyms of their subjects; source ids end here.
model::Customers cloak(model::RawCustomers customers, const RootKey& key, const std::string& epoch);

/// Collective stream: pulls raw blocks, replaces ids by (rank, slot), asks the roster's holders once for
/// ids it has not seen, counts rows of unknown meters and writes them to the quarantine; rows of erased ones are counted only.
/// @param raw, key, comm must outlive the stream
/// @param addresses this rank's slice, sorted by pseudonym
/// @param erased as the roster has them
Result<std::unique_ptr<model::PlacedStream>> run(par::Comm& comm, model::RawStream& raw, std::vector<model::Address> addresses, std::vector<model::Pseudonym> erased,
                                                 const RootKey& key, const std::string& epoch,
                                                 const std::string& quarantine_folder);

}  // namespace meterveil::pseudonym
