#pragma once
// Reconciliation of units that live on many ranks.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/model/release.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::forecast {

/// Collective. Every rank reconciles a block of steps for all units, and sends each owner its rows back.
/// @param mean [owned x steps] Wh
/// @param variance [owned] of a unit's own forecast, relative, above 0
/// @return [owned x steps] whole Wh, not negative; children add up to their parent
std::vector<std::int64_t> coherent(par::Comm& comm, const model::ReleasedChannel& channel, std::span<const double> mean,
                                   const std::vector<double>& variance, std::size_t steps);

}  // namespace meterveil::forecast
