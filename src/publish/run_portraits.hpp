#pragma once
// The curves that the page shows. Collective: owners send rank 0 what it draws, a few short series.

#include "publish/page.hpp"

namespace meterveil::publish {

/// @return on rank 0: the top unit, then the units just below it, at most `max_portraits`; empty elsewhere
std::vector<Portrait> portraits(par::Comm& comm, const model::Release& release, const model::Calendar& calendar);
inline constexpr std::size_t max_portraits = 13;

/// A forecast of the top unit for every horizon. On rank 0, which owns it; empty elsewhere.
std::vector<Chart> fans(const par::Comm& comm, const model::Release& release, const model::Forecast& forecast, const model::Calendar& calendar);

}  // namespace meterveil::publish
