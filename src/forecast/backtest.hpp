#pragma once
// Rolling origins: every model as it would have done, on data before each origin only.

#include <memory>
#include <string>

#include "forecast/model.hpp"
#include "forecast/residuals.hpp"
#include "meterveil/model/forecast.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::forecast {

/// The series of one level on this rank.
struct Panel {
    std::string level;
    std::vector<std::uint32_t> units;            ///< their indices in the channel
    std::vector<std::vector<double>> rectangles; ///< [unit] days x slots
    std::uint32_t slots = 48, num_days = 0;
    model::Date first_date{};
    [[nodiscard]] History history(std::size_t i, std::uint32_t until_day) const {
        return History{rectangles[i], slots, first_date}.until(until_day);
    }
};

/// One model after its backtest, fitted on everything.
struct Trial {
    const ModelKind* kind = nullptr;
    std::unique_ptr<Model> model;
    Residuals residuals;
    model::BacktestScore score;
};

/// Days before the first origin of a backtest, at least.
inline constexpr std::uint32_t min_training_days = 14;

/// Deviation of the last week of a history; 1 if it is constant.
double week_deviation(const History& history);

/// Collective. Every model of the build over the same origins. The same on every rank.
std::vector<Trial> backtest(par::Comm& comm, const Panel& panel, const Setting& setting, const std::string& horizon, std::uint32_t max_origins);

}  // namespace meterveil::forecast
