#pragma once
// A forecaster plugin: one file in models/, one line in CMakeLists.txt.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::forecast {

/// One series up to an origin, as local days. Nothing behind the origin can be reached.
struct History {
    std::span<const double> values;  ///< [days x slots]
    std::uint32_t slots = 0;
    model::Date first_date{};
    [[nodiscard]] std::uint32_t num_days() const { return static_cast<std::uint32_t>(values.size() / slots); }
    [[nodiscard]] History until(std::uint32_t day) const { return {values.first(std::size_t{day} * slots), slots, first_date}; }
    [[nodiscard]] double at(std::uint32_t day, std::uint32_t slot) const { return values[std::size_t{day} * slots + slot]; }
};

/// What every model is told.
struct Setting {
    std::uint32_t slots = 48, horizon_days = 1;
    std::vector<model::Date> holidays;  ///< sorted
};

/// A model of all series of one level. Learning is a sum of integers over examples, so that it may be spread over
/// ranks and threads in any way and gives the same bits.
class Model {
public:
    virtual ~Model() = default;
    /// Days of history that a forecast needs.
    [[nodiscard]] virtual std::uint32_t min_days() const = 0;
    /// Adds the example whose last target day is the last day of `history`.
    virtual void learn(const History& history) = 0;
    /// Statistics of the examples since the last call; to be summed over ranks. May be empty.
    virtual std::vector<std::int64_t> take_statistics() = 0;
    /// @param statistics summed over ranks
    virtual void fit(const std::vector<std::int64_t>& statistics) = 0;
    /// @return [horizon_days x slots]; empty if the history is shorter than min_days
    [[nodiscard]] virtual std::vector<double> predict(const History& history) const = 0;
};

struct ModelKind {
    const char* name;
    const char* summary;
    double weight;  ///< in the combination of models; 0: not part of it
    std::unique_ptr<Model> (*make)(const Setting& setting);
};

/// All models of this build, simplest first.
std::span<const ModelKind> model_kinds();

}  // namespace meterveil::forecast
