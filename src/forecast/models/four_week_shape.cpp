// The mean of the same local slot in the last four weeks, moved to the mean of the last week. docs/methods/four-week-shape.md

#include "forecast/model.hpp"

namespace meterveil::forecast {
namespace {

constexpr std::uint32_t weeks = 4;

class FourWeekShape final : public Model {
public:
    explicit FourWeekShape(const Setting& setting) : setting_(setting) {}
    [[nodiscard]] std::uint32_t min_days() const override { return 7 * weeks; }
    void learn(const History&) override {}
    std::vector<std::int64_t> take_statistics() override { return {}; }
    void fit(const std::vector<std::int64_t>&) override {}
    [[nodiscard]] std::vector<double> predict(const History& history) const override {
        std::vector<double> values;
        if (history.num_days() < min_days()) return values;
        const std::size_t week = std::size_t{7} * history.slots;
        const auto last = history.values.last(weeks * week);
        std::vector<double> shape(week, 0);
        double shift = 0;  // from the mean of four weeks to that of the last
        for (std::size_t i = 0; i < last.size(); ++i) {
            shape[i % week] += last[i] / weeks;
            shift += ((i >= (weeks - 1) * week ? weeks : 0.0) - 1) * last[i];
        }
        shift /= static_cast<double>(last.size());
        for (std::size_t i = 0; i < std::size_t{setting_.horizon_days} * history.slots; ++i) values.push_back(shape[i % week] + shift);
        return values;
    }

private:
    Setting setting_;
};

}  // namespace

extern const ModelKind four_week_shape_kind;
const ModelKind four_week_shape_kind = {"four_week_shape", "the mean of the same slot in four weeks, at the level of the last", 1,
                                        [](const Setting& setting) -> std::unique_ptr<Model> { return std::make_unique<FourWeekShape>(setting); }};

}  // namespace meterveil::forecast
