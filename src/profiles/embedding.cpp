#include "profiles/embedding.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/ids.hpp"
#include "profiles/shapes.hpp"

namespace meterveil::profiles {
namespace {

constexpr std::int32_t day_s = 86400;

/// Local calendar of an interval's start.
struct Moment {
    std::uint32_t month = 0;   ///< of the year, 0 .. 11
    std::uint32_t season = 0;  ///< December to February: 0; of a short period the month
    bool is_weekend = false;
    std::int32_t second_of_day = 0;
};

std::vector<Moment> moments_of(const model::Calendar& calendar, const model::Axis& axis) {
    constexpr std::size_t most_months_apart = 4;
    std::vector<Moment> moments;
    std::vector<std::chrono::year_month> months;
    for (std::uint32_t i = 0; i < axis.count; ++i) {
        const model::LocalTime local = calendar.to_local(axis.at(i));
        const std::chrono::year_month_day date{local.date};
        const unsigned weekday = std::chrono::weekday{local.date}.c_encoding();  // Sunday is 0
        if (months.empty() || months.back() != date.year() / date.month()) months.push_back(date.year() / date.month());
        const std::uint32_t month = static_cast<unsigned>(date.month()) - 1;
        moments.push_back({month, (month + 1) / 3 % 4, weekday == 0 || weekday == 6, local.second_of_day});
    }
    if (months.size() <= most_months_apart)
        for (Moment& moment : moments) moment.season = moment.month;
    return moments;
}

/// What a value of the shape is of; in the order of the shape: days, then months.
struct Part {
    bool is_month = false;
    std::uint32_t season = 0;  ///< or month
    bool is_weekend = false;
    std::uint32_t slot = 0;
    auto operator<=>(const Part&) const = default;
};

Part day_part_of(const Moment& moment, std::uint32_t slots) {
    return {false, moment.season, moment.is_weekend, static_cast<std::uint32_t>(moment.second_of_day / (day_s / static_cast<std::int32_t>(slots)))};
}
Part month_of(const Moment& moment) { return {true, moment.month, false, 0}; }

std::map<Part, std::uint32_t> intervals_by_part(const std::vector<Moment>& moments, std::uint32_t slots) {
    std::map<Part, std::uint32_t> intervals;
    for (const Moment& moment : moments) {
        ++intervals[day_part_of(moment, slots)];
        ++intervals[month_of(moment)];
    }
    return intervals;
}

/// numerator / denominator to nearest, ties to even, but not above max_shape_value.
std::int16_t bounded_ratio(model::uint128 numerator, model::uint128 denominator) {
    if (numerator >= denominator * max_shape_value) return max_shape_value;
    const auto quotient = static_cast<std::int32_t>(numerator / denominator);
    const model::uint128 twice = (numerator - denominator * static_cast<model::uint128>(quotient)) * 2;
    const bool is_up = twice > denominator || (twice == denominator && quotient % 2 != 0);
    return static_cast<std::int16_t>(quotient + (is_up ? 1 : 0));
}

}  // namespace

Embedding::Embedding(const model::Calendar& calendar, const model::Axis& axis, std::size_t max_values) {
    EXPECTS(max_values >= 48 && max_values <= max_shape_values && axis.count > 0);
    const std::vector<Moment> moments = moments_of(calendar, axis);
    std::map<Part, std::uint32_t> parts;
    for (const std::uint32_t slots : {48U, 24U, 16U, 12U, 8U, 6U, 4U, 3U, 2U, 1U}) {
        const std::int64_t slot_s = day_s / slots;
        if (slots > 1 && slot_s % axis.length.count() != 0) continue;
        slots_per_day_ = slots;
        parts = intervals_by_part(moments, slots);
        if (parts.size() <= max_values) break;
    }
    std::map<Part, std::uint16_t> index;
    for (const auto& [part, intervals] : parts) {
        index[part] = static_cast<std::uint16_t>(intervals_in_.size());
        intervals_in_.push_back(intervals);
    }
    const auto length = static_cast<std::int32_t>(std::min<std::int64_t>(axis.length.count(), day_s));
    const auto cells_per_day = static_cast<std::uint32_t>((day_s + length - 1) / length);
    values_of_cell_.resize(std::size_t{24} * cells_per_day);
    for (std::uint32_t i = 0; i < axis.count; ++i) {
        const Moment& moment = moments[i];
        const std::uint32_t cell = (moment.month * 2 + (moment.is_weekend ? 1 : 0)) * cells_per_day + static_cast<std::uint32_t>(moment.second_of_day / length);
        values_of_cell_[cell] = {index.at(day_part_of(moment, slots_per_day_)), index.at(month_of(moment))};
        if (stretches_.empty() || stretches_.back().cell + (i - stretches_.back().first) != cell) stretches_.push_back({i, i, cell});
        stretches_.back().last = i + 1;
    }
}

void Embedding::embed(std::span<const std::int32_t> quanta, std::span<std::int16_t> shape) const {
    EXPECTS(quanta.size() == stretches_.back().last && shape.size() == num_values());
    std::vector<std::int64_t> by_cell(values_of_cell_.size(), 0), sums(num_values(), 0);
    std::int32_t signs = 0;
    for (const Stretch& stretch : stretches_) {
        std::int64_t* cell = by_cell.data() + stretch.cell;
        for (std::uint32_t i = stretch.first; i < stretch.last; ++i) {
            cell[i - stretch.first] += quanta[i];
            signs |= quanta[i];
        }
    }
    EXPECTS(signs >= 0);
    std::int64_t all = 0;
    for (std::size_t c = 0; c < by_cell.size(); ++c) {
        sums[values_of_cell_[c].day_part] += by_cell[c];
        sums[values_of_cell_[c].month] += by_cell[c];
        all += by_cell[c];
    }
    std::fill(shape.begin(), shape.end(), std::int16_t{0});
    if (all == 0) return;
    for (std::size_t v = 0; v < sums.size(); ++v)
        shape[v] = bounded_ratio(static_cast<model::uint128>(sums[v]) * quanta.size() * shape_unit, static_cast<model::uint128>(all) * intervals_in_[v]);
}

}  // namespace meterveil::profiles
