#pragma once
// The study: sees a Release and nothing else.

#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/forecast.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::forecast {

struct Options {
    std::vector<std::string> horizons = {"1d", "7d"};
    std::vector<double> quantiles = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95};
    std::vector<model::Date> holidays;  ///< local dates, past and coming
    model::Calendar calendar;
    std::uint32_t max_origins = 60;     ///< of the rolling backtest, spread over the last year; at least 1
};

/// Collective. For every unit and horizon: by the model that erred least on the rolling backtest (per level and horizon),
/// fitted on everything at the end, reconciled on the tree of units so that children add up. The backtest repeats this
/// whole procedure at every origin, on data before it only. Same bytes on any number of ranks and threads.
/// A rank holds its rows once more as doubles, and the forecasts of one origin: 8 bytes x horizon x candidates a unit.
/// @errors usage: horizon unknown; utility: too little history (says how much is needed), intervals over an hour or under 5 minutes
Result<model::Forecast> run(par::Comm& comm, const model::Release& release, const Options& options);

}  // namespace meterveil::forecast
