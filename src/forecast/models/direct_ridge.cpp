// Direct multi-output ridge, pooled over the series of a level. docs/methods/direct-ridge.md

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numbers>

#include "forecast/model.hpp"
#include "meterveil/exec/parallel.hpp"

namespace meterveil::forecast {
namespace {

using Eigen::MatrixXd;
using MatrixXi64 = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic>;
using Eigen::VectorXd;

constexpr std::uint32_t context_days = 7;
constexpr int holiday_features = 4, calendar_features = 8 + holiday_features + 4;  // intercept, 7 weekdays; of holidays; of the year
constexpr std::size_t batch = 256;     // examples, a product of matrices
constexpr double clip = 10;            // of a standardised value
/// Standardised values are whole multiples of 1/1024: products are integers up to 2^27. A batch sums exactly in a double, the
/// batches in an int64: in any order, for up to 2^36 examples.
constexpr double grid = 1024;
constexpr std::array lambdas = {1e-3, 1e-2, 1e-1, 0.3, 1.0, 3.0};
constexpr std::size_t first_lambda = 2;  // before there is anything to judge by
constexpr double holiday_lambda = 1e-3;  // they are rare: a penalty fit for the rest would leave nothing of them
constexpr double memory = 0.85;          // of a penalty's past errors, a fit: of fits 28 days apart about the last 180 days count

double on_grid(double value) { return std::nearbyint(std::clamp(value, -clip, clip) * grid); }

/// Eigen cuts products into blocks by the caches that it finds; ranks on different processors would round differently.
void cut_alike_everywhere() {
    static std::once_flag once;
    std::call_once(once, [] { Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20); });
}

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
        cut_alike_everywhere();
        gram_ = MatrixXd::Zero(inputs_, inputs_);
        cross_ = MatrixXd::Zero(inputs_, outputs_);
        recent_gram_ = MatrixXi64::Zero(inputs_, inputs_);
        recent_cross_ = MatrixXi64::Zero(inputs_, outputs_);
    }

    [[nodiscard]] std::uint32_t min_days() const override { return context_days; }

    void learn(const History& history) override {
        if (history.num_days() < context_days + setting_.horizon_days) return;
        const std::uint32_t origin = history.num_days() - setting_.horizon_days;
        const History known = history.until(origin);
        const Scale scale = scale_of(known);
        waiting_inputs_.push_back(features(known, scale));
        VectorXd target(outputs_);
        for (int i = 0; i < outputs_; ++i)
            target[i] = on_grid((history.values[std::size_t{origin} * history.slots + static_cast<std::size_t>(i)] - scale.mean) / scale.deviation);
        waiting_targets_.push_back(std::move(target));
        if (waiting_inputs_.size() == batch) absorb();
    }

    std::vector<std::int64_t> take_statistics() override {
        absorb();
        std::vector<std::int64_t> statistics = {recent_count_};
        for (const MatrixXi64* part : {&recent_gram_, &recent_cross_}) statistics.insert(statistics.end(), part->data(), part->data() + part->size());
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
        if (count_ > 0 && statistics[0] > 0) judge_lambdas(gram, cross);
        gram_ += gram;
        cross_ += cross;
        count_ += statistics[0];
        if (count_ > 0) weights_ = solve(lambdas[best_lambda_], cross_);
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
        recent_gram_ += (x.transpose() * x).cast<std::int64_t>();
        recent_cross_ += (x.transpose() * y).cast<std::int64_t>();
        recent_count_ += count;
        waiting_inputs_.clear();
        waiting_targets_.clear();
    }

    [[nodiscard]] Eigen::Index first_holiday() const { return static_cast<Eigen::Index>(context_days * setting_.slots) + 8; }

    /// @param cross [inputs x n] of some outputs @return [inputs x n] their weights
    [[nodiscard]] MatrixXd solve(double lambda, const MatrixXd& cross) const {
        VectorXd penalty = VectorXd::Constant(inputs_, lambda);
        penalty.segment(first_holiday(), holiday_features).setConstant(std::min(holiday_lambda, lambda));
        MatrixXd regular = gram_;
        regular.diagonal() += penalty * static_cast<double>(count_);
        return regular.llt().solve(cross);
    }

    /// The penalty whose weights, each time learnt from the older examples, erred least on the newer ones so far. Of a
    /// week's outputs every seventh is judged, another slot each day: a seventh of the cost.
    void judge_lambdas(const MatrixXd& gram, const MatrixXd& cross) {
        const auto some = Eigen::seq(0, Eigen::last, static_cast<Eigen::Index>(setting_.horizon_days));
        const MatrixXd older = cross_(Eigen::all, some), newer = cross(Eigen::all, some);
        exec::for_each_dense(lambdas.size(), [&](std::size_t i) {
            const MatrixXd w = solve(lambdas[i], older);
            const double error = (w.array() * (gram * w).array()).sum() - 2 * (w.array() * newer.array()).sum();
            errors_[i] = memory * errors_[i] + error;
        });
        best_lambda_ = static_cast<std::size_t>(std::min_element(errors_.begin(), errors_.end()) - errors_.begin());
    }

    Setting setting_;
    int inputs_, outputs_;
    MatrixXd gram_, cross_, weights_;
    MatrixXi64 recent_gram_, recent_cross_;
    std::vector<VectorXd> waiting_inputs_, waiting_targets_;
    std::int64_t count_ = 0, recent_count_ = 0;
    std::array<double, lambdas.size()> errors_{};  ///< of each penalty, but for what all share
    std::size_t best_lambda_ = first_lambda;
};

}  // namespace

extern const ModelKind direct_ridge_kind;
const ModelKind direct_ridge_kind = {"direct_ridge", "direct multi-output ridge on the last week, pooled over a level", 2,
                                     [](const Setting& setting) -> std::unique_ptr<Model> { return std::make_unique<DirectRidge>(setting); }};

}  // namespace meterveil::forecast
