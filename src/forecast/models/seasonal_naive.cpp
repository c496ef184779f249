// The value of the same local slot a week ago. docs/methods/seasonal-naive.md

#include "forecast/model.hpp"

namespace meterveil::forecast {
namespace {

class SeasonalNaive final : public Model {
public:
    explicit SeasonalNaive(const Setting& setting) : setting_(setting) {}
    [[nodiscard]] std::uint32_t min_days() const override { return 7; }
    void learn(const History&) override {}
    std::vector<std::int64_t> take_statistics() override { return {}; }
    void fit(const std::vector<std::int64_t>&) override {}
    [[nodiscard]] std::vector<double> predict(const History& history) const override {
        std::vector<double> values;
        if (history.num_days() < min_days()) return values;
        for (std::uint32_t d = 0; d < setting_.horizon_days; ++d)
            for (std::uint32_t s = 0; s < setting_.slots; ++s) values.push_back(history.at(history.num_days() - 7 + d % 7, s));
        return values;
    }

private:
    Setting setting_;
};

}  // namespace

extern const ModelKind seasonal_naive_kind;
const ModelKind seasonal_naive_kind = {"seasonal_naive", "the same slot a week ago", 0,
                                       [](const Setting& setting) -> std::unique_ptr<Model> { return std::make_unique<SeasonalNaive>(setting); }};

}  // namespace meterveil::forecast
