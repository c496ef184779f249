// Direct multi-output ridge, pooled over the series of a level. docs/methods/direct-ridge.md

#include <Eigen/Dense>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "forecast/model.hpp"

namespace meterveil::forecast {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::uint32_t context_days = 7;
constexpr int calendar_features = 16;  // intercept, 7 weekdays, 4 of holidays, 4 of the year
constexpr double clip = 10;            // of a standardised value
/// Standardised values are whole multiples of 1/1024: products are integers and their sums exact in a double, in any order.
constexpr double grid = 1024;
constexpr double lambdas[] = {1e-3, 1e-2, 1e-1, 1};

double on_grid(double value) { return std::nearbyint(std::clamp(value, -clip, clip) * grid); }

/// Mean and standard deviation of the last week.
struct Scale {
    double mean = 0, deviation = 1;
};

Scale scale_of(const History& history) {
    const auto week = history.values.last(std::size_t{context_days} * history.slots);
    Scale scale;
    for (const double v : week) scale.mean += v;
    scale.mean /= static_cast<double>(week.size());
    double squares = 0;
    for (const double v : week) squares += (v - scale.mean) * (v - scale.mean);
    const double deviation = std::sqrt(squares / static_cast<double>(week.size()));
    scale.deviation = deviation > 0 ? deviation : 1;
    return scale;
}

class DirectRidge final : public Model {
public:
    explicit DirectRidge(const Setting& setting)
        : setting_(setting), inputs_(static_cast<int>(context_days * setting.slots) + calendar_features),
          outputs_(static_cast<int>(setting.horizon_days * setting.slots)) {
        gram_ = recent_gram_ = MatrixXd::Zero(inputs_, inputs_);
        cross_ = recent_cross_ = MatrixXd::Zero(inputs_, outputs_);
    }

    [[nodiscard]] std::uint32_t min_days() const override { return context_days; }

    void learn(const History& history) override {
        const std::uint32_t origin = history.num_days() - setting_.horizon_days;
        if (history.num_days() < context_days + setting_.horizon_days) return;
        const History known = history.until(origin);
        const Scale scale = scale_of(known);
        waiting_inputs_.push_back(features(known, scale));
        VectorXd target(outputs_);
        for (int i = 0; i < outputs_; ++i)
            target[i] = on_grid((history.values[std::size_t{origin} * history.slots + static_cast<std::size_t>(i)] - scale.mean) / scale.deviation);
        waiting_targets_.push_back(std::move(target));
        if (waiting_inputs_.size() == 256) absorb();
    }

    std::vector<std::int64_t> take_statistics() override {
        absorb();
        std::vector<std::int64_t> statistics = {recent_count_};
        for (const MatrixXd* part : {&recent_gram_, &recent_cross_})
            for (Eigen::Index i = 0; i < part->size(); ++i) statistics.push_back(std::llround(part->data()[i]));
        recent_gram_.setZero();
        recent_cross_.setZero();
        recent_count_ = 0;
        return statistics;
    }

    void fit(const std::vector<std::int64_t>& statistics) override {
        MatrixXd gram(inputs_, inputs_), cross(inputs_, outputs_);
        const double unit = grid * grid;
        auto next = statistics.begin() + 1;
        for (MatrixXd* part : {&gram, &cross})
            for (Eigen::Index i = 0; i < part->size(); ++i) part->data()[i] = static_cast<double>(*next++) / unit;
        if (count_ > 0 && statistics[0] > 0) lambda_ = best_lambda(gram, cross);
        gram_ += gram;
        cross_ += cross;
        count_ += statistics[0];
        if (count_ > 0) weights_ = solve(lambda_);
    }

    [[nodiscard]] std::vector<double> predict(const History& history) const override {
        if (history.num_days() < min_days() || weights_.size() == 0) return {};
        const Scale scale = scale_of(history);
        const VectorXd standardised = weights_.transpose() * (features(history, scale) / grid);
        std::vector<double> values;
        for (const double z : standardised) values.push_back(scale.mean + scale.deviation * z);
        return values;
    }

private:
    /// On the grid: the last week standardised, and the calendar of the first target day.
    [[nodiscard]] VectorXd features(const History& history, const Scale& scale) const {
        VectorXd x = VectorXd::Zero(inputs_);
        const auto week = history.values.last(std::size_t{context_days} * history.slots);
        for (std::size_t i = 0; i < week.size(); ++i) x[static_cast<Eigen::Index>(i)] = on_grid((week[i] - scale.mean) / scale.deviation);
        const model::Date day = history.first_date + std::chrono::days(history.num_days());
        Eigen::Index at = static_cast<Eigen::Index>(week.size());
        x[at++] = grid;
        x[at + static_cast<Eigen::Index>(std::chrono::weekday(day).iso_encoding()) - 1] = grid;
        at += 7;
        const std::chrono::days one(1), week_back(7);
        x[at++] = is_holiday(day) ? grid : 0;
        x[at++] = is_holiday(day - one) ? grid : 0;
        x[at++] = is_holiday(day - week_back) ? grid : 0;
        x[at++] = is_bridge(day) ? grid : 0;
        const std::chrono::year_month_day date(day);
        const auto of_year = (day - model::Date(date.year() / std::chrono::January / 1)).count();
        for (const double harmonic : {1.0, 2.0}) {
            const double angle = 2 * std::numbers::pi * harmonic * static_cast<double>(of_year) / 365.25;
            x[at++] = on_grid(std::sin(angle));
            x[at++] = on_grid(std::cos(angle));
        }
        return x;
    }

    [[nodiscard]] bool is_holiday(model::Date day) const { return std::binary_search(setting_.holidays.begin(), setting_.holidays.end(), day); }
    /// A Friday after or a Monday before a holiday.
    [[nodiscard]] bool is_bridge(model::Date day) const {
        const unsigned weekday = std::chrono::weekday(day).iso_encoding();
        return (weekday == 5 && is_holiday(day - std::chrono::days(1))) || (weekday == 1 && is_holiday(day + std::chrono::days(1)));
    }

    /// Examples are added many at a time: a product of matrices.
    void absorb() {
        const auto count = static_cast<Eigen::Index>(waiting_inputs_.size());
        if (count == 0) return;
        MatrixXd x(count, inputs_), y(count, outputs_);
        for (Eigen::Index i = 0; i < count; ++i) {
            x.row(i) = waiting_inputs_[static_cast<std::size_t>(i)];
            y.row(i) = waiting_targets_[static_cast<std::size_t>(i)];
        }
        recent_gram_.noalias() += x.transpose() * x;
        recent_cross_.noalias() += x.transpose() * y;
        recent_count_ += count;
        waiting_inputs_.clear();
        waiting_targets_.clear();
    }

    [[nodiscard]] MatrixXd solve(double lambda) const {
        MatrixXd regular = gram_;
        regular.diagonal().array() += lambda * static_cast<double>(count_);
        return regular.ldlt().solve(cross_);
    }

    /// The penalty whose weights, learnt from the older examples, err least on the recent ones.
    [[nodiscard]] double best_lambda(const MatrixXd& gram, const MatrixXd& cross) const {
        double best = lambda_, least = 0;
        bool first = true;
        for (const double lambda : lambdas) {
            const MatrixXd w = solve(lambda);
            const double error = (w.array() * (gram * w).array()).sum() - 2 * (w.array() * cross.array()).sum();
            if (first || error < least) {
                least = error;
                best = lambda;
            }
            first = false;
        }
        return best;
    }

    Setting setting_;
    int inputs_, outputs_;
    MatrixXd gram_, cross_, recent_gram_, recent_cross_, weights_;
    std::vector<VectorXd> waiting_inputs_, waiting_targets_;
    std::int64_t count_ = 0, recent_count_ = 0;
    double lambda_ = 0.1;
};

}  // namespace

extern const ModelKind direct_ridge_kind;
const ModelKind direct_ridge_kind = {"direct_ridge", "direct multi-output ridge on the last week, pooled over a level",
                                     [](const Setting& setting) -> std::unique_ptr<Model> { return std::make_unique<DirectRidge>(setting); }};

}  // namespace meterveil::forecast
