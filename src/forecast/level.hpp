#pragma once
// One level of a study: its series on this rank, the candidates that forecast them, and what past origins taught.

#include <deque>
#include <memory>

#include "forecast/errors.hpp"
#include "forecast/panel.hpp"
#include "forecast/residuals.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::forecast {

/// Days that the first origin of a backtest leaves for learning, at least. Every model of the build can forecast then.
inline constexpr std::uint32_t min_training_days = 28;

/// Candidates are the models of the build, simplest first, and their combination: a weighted mean. A judgement of an
/// origin is used from the day on which its last value is known; so all that is said at an origin was knowable there.
class Level {
public:
    using Rows = std::vector<std::vector<double>>;  ///< [unit] horizon_days x slots

    Level(Panel panel, const Setting& setting);
    Level(Level&&) = default;
    Level(const Level&) = delete;
    [[nodiscard]] const Panel& panel() const { return panel_; }
    [[nodiscard]] std::size_t num_candidates() const { return models_.size() + 1; }
    [[nodiscard]] const char* name_of(std::size_t candidate) const;

    /// Collective. Learns every example known at `day`: whole blocks of 28 days, the rest only `with_rest`.
    void learn_until(par::Comm& comm, std::uint32_t day, bool with_rest);
    /// Takes into account what is known at `day` of earlier origins.
    void settle(std::uint32_t day);
    /// The candidate that has erred least up to the day settled; the combination before anything is known.
    [[nodiscard]] std::size_t leader() const;
    /// Mean squared error of a candidate per unit up to the day settled, at least 1 Wh^2; by the last week where nothing is known.
    [[nodiscard]] std::vector<double> variances(std::size_t candidate, std::uint32_t day) const;
    /// @return [candidate]
    [[nodiscard]] std::vector<Rows> forecast(std::uint32_t day) const;
    /// Collective. How forecasts from `origin` came out, those of the candidates and the one published.
    void judge(par::Comm& comm, std::uint32_t origin, const std::vector<Rows>& candidates, const Rows& published);

    /// Over all origins and ranks: [candidate], then the published.
    [[nodiscard]] const std::vector<Errors>& errors() const { return errors_; }
    /// Of the published forecasts, up to the day settled, over all ranks.
    [[nodiscard]] const Residuals& residuals() const { return residuals_; }

private:
    struct Verdict {
        std::uint32_t known_from = 0;
        std::vector<std::int64_t> errors;          ///< [candidate] Wh
        std::vector<std::vector<double>> squares;  ///< [candidate][unit] Wh^2
        Residuals residuals;
    };
    /// [candidate], then the published
    using Fresh = std::vector<Errors>;
    /// What unit `i` shows of an origin. @param bounds [target x 2] of its 90 % band, standardised
    void judge_unit(std::size_t i, std::uint32_t origin, const std::vector<Rows>& candidates, const std::vector<double>& published,
                    std::span<const double> bounds, Verdict& verdict, Fresh& fresh) const;
    /// Carries naive_wh_ on to `day`.
    void count_naive(std::uint32_t day);

    Panel panel_;
    Setting setting_;
    std::vector<std::unique_ptr<Model>> models_;
    std::vector<Errors> errors_;
    Residuals residuals_;
    std::deque<Verdict> waiting_;                ///< judged, not yet known at the day settled
    std::uint32_t settled_ = 0;                  ///< origins
    std::vector<std::int64_t> settled_errors_;   ///< [candidate] Wh
    std::vector<std::vector<double>> squares_;   ///< [candidate][unit] Wh^2, of the origins settled
    std::uint32_t learnt_ = 0, naive_until_ = 7; ///< days
    std::vector<double> naive_wh_;               ///< [unit] absolute error of the seasonal naive in the days before naive_until_
};

}  // namespace meterveil::forecast
