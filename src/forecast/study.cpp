#include "forecast/study.hpp"

#include <algorithm>
#include <array>

#include "forecast/coherent.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t year_days = 364, training_days = 56;

/// From last - span to last in `gaps` steps of alike length.
std::vector<std::uint32_t> spread(std::uint32_t last, std::uint32_t span, std::uint32_t gaps) {
    std::vector<std::uint32_t> days;
    for (std::uint32_t i = 0; i < gaps; ++i) days.push_back(last - span + i * span / gaps);
    days.push_back(last);
    return days;
}

bool has_all_weekdays(const std::vector<std::uint32_t>& days) {
    std::array<bool, 7> seen{};
    for (const std::uint32_t day : days) seen[day % 7] = true;
    return std::all_of(seen.begin(), seen.end(), [](bool one) { return one; });
}

}  // namespace

std::vector<std::uint32_t> origins(std::uint32_t num_days, std::uint32_t horizon_days, std::uint32_t most) {
    const std::uint32_t last = num_days - horizon_days;
    const std::uint32_t training = std::clamp(last / 2, min_training_days, training_days);
    const std::uint32_t span = std::min(year_days, last - training);
    std::uint32_t gaps = std::min(most - 1, span);
    while (gaps > 6 && !has_all_weekdays(spread(last, span, gaps))) --gaps;  // steps of whole weeks, or 1 and 2 by turns
    return spread(last, span, gaps);
}

Study::Study(const model::ReleasedChannel& channel, const Setting& setting, std::vector<Level> levels)
    : channel_(channel), setting_(setting), targets_(std::size_t{setting.horizon_days} * setting.slots), levels_(std::move(levels)) {}

void Study::backtest(par::Comm& comm, const std::vector<std::uint32_t>& days) {
    for (const std::uint32_t day : days) {
        const auto published = publish(comm, day, false);
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            Level::Rows rows;
            for (std::size_t i = 0; i < levels_[l].panel().units.size(); ++i) {
                const auto row = std::span(published).subspan(row_of(levels_[l], i) * targets_, targets_);
                rows.emplace_back(row.begin(), row.end());
            }
            levels_[l].judge(comm, day, candidates_[l], rows);
        }
    }
    num_origins_ = static_cast<std::uint32_t>(days.size());
}

std::vector<std::int64_t> Study::publish(par::Comm& comm, std::uint32_t day, bool is_last) {
    std::vector<double> mean(channel_.owned.size() * targets_), variance(channel_.owned.size());
    candidates_.clear();
    for (Level& level : levels_) {
        level.settle(day);
        level.learn_until(comm, day, is_last);
        candidates_.push_back(level.forecast(day));
        const std::size_t leader = level.leader();
        const auto variances = level.variances(leader, day);
        for (std::size_t i = 0; i < level.panel().units.size(); ++i) {
            const auto& row = candidates_.back()[leader][i];
            std::copy(row.begin(), row.end(), mean.begin() + static_cast<std::ptrdiff_t>(row_of(level, i) * targets_));
            variance[row_of(level, i)] = variances[i];
        }
    }
    return coherent(comm, channel_, mean, variance, targets_);
}

std::vector<double> Study::offsets(const std::vector<double>& quantiles) const {
    const std::size_t width = targets_ * quantiles.size();
    std::vector<double> offsets(channel_.owned.size() * width);
    for (const Level& level : levels_) {
        const auto z = level.residuals().quantiles(quantiles);
        for (std::size_t i = 0; i < level.panel().units.size(); ++i) {
            const double deviation = week_deviation(level.panel().history(i, level.panel().num_days));
            for (std::size_t at = 0; at < width; ++at) offsets[row_of(level, i) * width + at] = deviation * z[at];
        }
    }
    return offsets;
}

std::vector<model::BacktestScore> Study::scores(const std::string& horizon) const {
    std::vector<model::BacktestScore> scores;
    for (const Level& level : levels_)
        for (std::size_t k = 0; k < level.errors().size(); ++k) {
            const Errors& e = level.errors()[k];
            const std::string name = k < level.num_candidates() ? level.name_of(k) : "published";
            const std::string prefix = channel_.channel == model::Channel::export_ ? "export " : "";
            scores.push_back({horizon, prefix + level.panel().level, name, num_origins_, e.nmae(), e.mase(), 7 * setting_.slots, e.coverage()});
        }
    return scores;
}

}  // namespace meterveil::forecast
