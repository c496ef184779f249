#pragma once
// Forecasts of published units. Right of the wall.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::model {

/// Accuracy of one model at one level, over all backtest origins and units of the level. Models stand side by side on the
/// same origins. The model "published" is the whole procedure: the model with the least error at origins that lay wholly before,
/// reconciled; its score owes nothing to hindsight. Bands exist for it alone.
struct BacktestScore {
    std::string horizon, level, model;
    std::uint32_t num_origins = 0;
    double nmae = 0;      ///< sum |error| / sum |actual|
    double mase = 0;      ///< mean over units and origins: mean |error| / mean |error| of the naive of `mase_season` steps, before the origin
    std::uint32_t mase_season = 0;
    double coverage_90 = 0;  ///< share of actuals inside the 5 % .. 95 % band known at the origin; -1 if the model has no band
    bool operator==(const BacktestScore&) const = default;
};

/// Which model forecast a level, before reconciliation.
struct LevelModel {
    std::string level, model;             ///< e.g. "feeder", "direct_ridge"
    bool operator==(const LevelModel&) const = default;
};

/// One channel and horizon: for every unit the coming steps.
struct HorizonForecast {
    Channel channel = Channel::import;
    std::string horizon;                  ///< "1d", "7d"
    std::vector<LevelModel> models;       ///< of the levels that have units, top first
    Axis steps;                           ///< first step starts where the release ends
    std::vector<double> quantiles;        ///< ascending
    IndexRange owned;                     ///< units of this rank, as in ReleasedChannel
    std::vector<std::int64_t> mean_wh;    ///< [owned x steps]; children add up to their parent exactly
    std::vector<std::int64_t> quantile_wh;///< [owned x steps x quantiles]
};

struct Forecast {
    std::vector<HorizonForecast> horizons;
    std::vector<BacktestScore> scores;    ///< same on every rank
};

}  // namespace meterveil::model
