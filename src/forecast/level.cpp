#include "forecast/level.hpp"

#include <algorithm>
#include <cmath>

#include "meterveil/exec/parallel.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t refit_days = 28;
/// Series of a level that are learnt from on one day, about: in a larger level each is learnt from on some days only, so that the
/// cost of learning is bounded.
constexpr std::uint64_t most_learnt = 4096;
constexpr std::array band = {0.05, 0.95};

void add(const std::vector<std::int64_t>& more, std::span<std::int64_t> to) {
    for (std::size_t i = 0; i < more.size(); ++i) to[i] += more[i];
}

/// The weighted mean of what the models say.
Level::Rows combine(const std::vector<Level::Rows>& models) {
    const auto kinds = model_kinds();
    double whole = 0;
    for (const ModelKind& kind : kinds) whole += kind.weight;
    Level::Rows mean(models[0].size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i].assign(models[0][i].size(), 0);
        for (std::size_t k = 0; k < kinds.size(); ++k)
            for (std::size_t t = 0; t < mean[i].size(); ++t) mean[i][t] += kinds[k].weight / whole * models[k][i][t];
    }
    return mean;
}

}  // namespace

Level::Level(Panel panel, const Setting& setting) : panel_(std::move(panel)), setting_(setting), residuals_(setting.horizon_days, setting.slots) {
    for (const ModelKind& kind : model_kinds()) models_.push_back(kind.make(setting));
    errors_.resize(num_candidates() + 1);
    settled_errors_.resize(num_candidates(), 0);
    squares_.resize(num_candidates(), std::vector<double>(panel_.units.size(), 0));
    naive_wh_.resize(panel_.units.size(), 0);
}

const char* Level::name_of(std::size_t candidate) const { return candidate < models_.size() ? model_kinds()[candidate].name : "combination"; }

void Level::learn_until(par::Comm& comm, std::uint32_t day, bool with_rest) {
    const std::uint64_t stride = (panel_.units_of_level + most_learnt - 1) / most_learnt;
    while (learnt_ + (with_rest ? 1 : refit_days) <= day) {
        const std::uint32_t until = std::min(day, learnt_ + refit_days);
        for (const auto& model : models_) {
            for (std::uint32_t d = learnt_ + 1; d <= until; ++d)
                for (std::size_t i = 0; i < panel_.units.size(); ++i)
                    if ((panel_.units[i] + d) % stride == 0) model->learn(panel_.history(i, d));
            auto statistics = model->take_statistics();
            if (statistics.empty()) continue;
            comm.sum(statistics);
            model->fit(statistics);
        }
        learnt_ = until;
    }
}

void Level::settle(std::uint32_t day) {
    for (; !waiting_.empty() && waiting_.front().known_from <= day; waiting_.pop_front()) {
        Verdict& verdict = waiting_.front();
        ++settled_;
        add(verdict.errors, settled_errors_);
        for (std::size_t k = 0; k < squares_.size(); ++k)
            for (std::size_t i = 0; i < squares_[k].size(); ++i) squares_[k][i] += verdict.squares[k][i];
        const auto counts = verdict.residuals.counts();
        for (std::size_t b = 0; b < counts.size(); ++b) residuals_.counts()[b] += counts[b];
    }
}

std::size_t Level::leader() const {
    if (settled_ == 0) return num_candidates() - 1;
    return static_cast<std::size_t>(std::min_element(settled_errors_.begin(), settled_errors_.end()) - settled_errors_.begin());
}

std::vector<double> Level::variances(std::size_t candidate, std::uint32_t day) const {
    std::vector<double> variances;
    for (std::size_t i = 0; i < panel_.units.size(); ++i) {
        const double deviation = week_deviation(panel_.history(i, day));
        const double per_origin = static_cast<double>(setting_.horizon_days * setting_.slots);
        variances.push_back(std::max(1.0, settled_ > 0 ? squares_[candidate][i] / (settled_ * per_origin) : deviation * deviation));
    }
    return variances;
}

std::vector<Level::Rows> Level::forecast(std::uint32_t day) const {
    std::vector<Rows> candidates(models_.size(), Rows(panel_.units.size()));
    for (std::size_t k = 0; k < models_.size(); ++k)
        exec::for_each_dense(panel_.units.size(), [&](std::size_t i) { candidates[k][i] = models_[k]->predict(panel_.history(i, day)); });
    candidates.push_back(combine(candidates));
    return candidates;
}

void Level::count_naive(std::uint32_t day) {
    for (; naive_until_ < day; ++naive_until_)
        for (std::size_t i = 0; i < panel_.units.size(); ++i)
            for (std::uint32_t s = 0; s < panel_.slots; ++s) {
                const History history = panel_.history(i, naive_until_ + 1);
                naive_wh_[i] += std::abs(history.at(naive_until_, s) - history.at(naive_until_ - 7, s));
            }
}

void Level::judge_unit(std::size_t i, std::uint32_t origin, const std::vector<Rows>& candidates, const std::vector<double>& published,
                       std::span<const double> bounds, Verdict& verdict, Fresh& fresh) const {
    const std::size_t first = std::size_t{origin} * panel_.slots;
    const auto actual = std::span<const double>(panel_.rectangles[i]).subspan(first, published.size());
    const auto skipped = panel_.is_skipped.begin() + static_cast<std::ptrdiff_t>(first);
    const double in_sample = naive_wh_[i] / static_cast<double>((origin - 7) * panel_.slots), deviation = week_deviation(panel_.history(i, origin));
    for (std::size_t k = 0; k < candidates.size(); ++k) {
        add_series(candidates[k][i], actual, skipped, in_sample, fresh[k]);
        for (std::size_t t = 0; t < actual.size(); ++t) {
            const double error = actual[t] - candidates[k][i][t];
            verdict.squares[k][i] += error * error;
        }
    }
    Errors& errors = fresh.back();
    add_series(published, actual, skipped, in_sample, errors);
    for (std::size_t t = 0; t < actual.size(); ++t) {
        if (skipped[static_cast<std::ptrdiff_t>(t)]) continue;
        const double z = (actual[t] - published[t]) / deviation;
        verdict.residuals.add(static_cast<std::uint32_t>(t / panel_.slots), static_cast<std::uint32_t>(t % panel_.slots), z);
        if (settled_ == 0) continue;
        ++errors.banded;
        errors.inside += z >= bounds[2 * t] && z <= bounds[2 * t + 1] ? 1 : 0;
    }
}

void Level::judge(par::Comm& comm, std::uint32_t origin, const std::vector<Rows>& candidates, const Rows& published) {
    count_naive(origin);
    Verdict verdict{origin + setting_.horizon_days, {}, {}, Residuals(setting_.horizon_days, panel_.slots)};
    verdict.squares.resize(candidates.size(), std::vector<double>(panel_.units.size(), 0));
    Fresh fresh(errors_.size());
    const auto bounds = residuals_.quantiles(band);
    for (std::size_t i = 0; i < panel_.units.size(); ++i) judge_unit(i, origin, candidates, published[i], bounds, verdict, fresh);
    std::vector<std::int64_t> sums;
    for (const Errors& errors : fresh)
        for (const std::int64_t field : errors.fields()) sums.push_back(field);
    comm.sum(sums);
    comm.sum(verdict.residuals.counts());
    for (std::size_t k = 0; k < errors_.size(); ++k) {
        const Errors all = errors_of(std::span<const std::int64_t>(sums).subspan(6 * k).first<6>());
        errors_[k] += all;
        if (k < candidates.size()) verdict.errors.push_back(all.error);
    }
    waiting_.push_back(std::move(verdict));
}

}  // namespace meterveil::forecast
