#pragma once
// One channel and horizon: what would have been published at origins of the past, how that came out, and what comes next.

#include <string>

#include "forecast/level.hpp"
#include "meterveil/model/forecast.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::forecast {

/// Days of history that a study needs.
constexpr std::uint32_t days_needed(std::uint32_t horizon_days) { return min_training_days + horizon_days; }

/// First target days of a backtest, as days of the history: evenly over the last year, or what training leaves of it; the last one
/// leaves a whole horizon. All weekdays come if there are seven or more. Pure.
/// @param most at least 1
std::vector<std::uint32_t> origins(std::uint32_t num_days, std::uint32_t horizon_days, std::uint32_t most);

class Study {
public:
    /// @param levels with units, top first. Lives no longer than `channel`.
    Study(const model::ReleasedChannel& channel, const Setting& setting, std::vector<Level> levels);

    /// Collective. At every origin what `publish` would have given there, judged.
    /// @param days ascending, see origins()
    void backtest(par::Comm& comm, const std::vector<std::uint32_t>& days);

    /// Collective. By each level's leader, reconciled: from data and judgements before `day` only.
    /// @return [owned x horizon_days x slots] Wh; children add up
    std::vector<std::int64_t> publish(par::Comm& comm, std::uint32_t day, bool is_last);

    /// Wh from the mean to a quantile. @return [owned x horizon_days x slots x quantiles]
    [[nodiscard]] std::vector<double> offsets(const std::vector<double>& quantiles) const;

    [[nodiscard]] const std::vector<Level>& levels() const { return levels_; }
    /// A row for each level and candidate, and one for what was published.
    [[nodiscard]] std::vector<model::BacktestScore> scores(const std::string& horizon) const;

private:
    [[nodiscard]] std::size_t row_of(const Level& level, std::size_t i) const {
        return level.panel().units[i] - static_cast<std::size_t>(channel_.owned.first);
    }
    const model::ReleasedChannel& channel_;
    Setting setting_;
    std::size_t targets_;  ///< horizon_days x slots
    std::vector<Level> levels_;
    std::vector<std::vector<Level::Rows>> candidates_;  ///< [level][candidate], of the last call of publish
    std::uint32_t num_origins_ = 0;
};

}  // namespace meterveil::forecast
