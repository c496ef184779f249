#include "profiles/split.hpp"

#include <numeric>

#include "meterveil/core/contract.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::profiles {
namespace {

using Rows = std::vector<std::uint32_t>;

Cut cut_along(const Shapes& shapes, const Rows& rows, std::size_t value) {
    Histogram histogram{};
    for (const std::uint32_t row : rows) ++histogram[static_cast<std::size_t>(shapes.row(row)[value])];
    return median_cut(histogram);
}

/// Halves, lower first, both ascending.
std::array<Rows, 2> halves(const Shapes& shapes, const Rows& rows) {
    Moments moments(shapes.num_values);
    for (const std::uint32_t row : rows) moments.add(shapes.row(row));
    const std::size_t value = moments.widest();
    Cut cut = cut_along(shapes, rows, value);
    std::array<Rows, 2> parts;
    for (const std::uint32_t row : rows) {
        const std::int16_t here = shapes.row(row)[value];
        const bool is_low_at = here == cut.at && cut.num_low_at > 0;
        if (is_low_at) --cut.num_low_at;
        parts[here < cut.at || is_low_at ? 0 : 1].push_back(row);
    }
    return parts;
}

}  // namespace

void Moments::add(std::span<const std::int16_t> row) {
    ++count;
    for (std::size_t v = 0; v < sums.size(); ++v) {
        const auto value = static_cast<std::uint32_t>(row[v]);
        sums[v] += value;
        squares[v] += value * value;
    }
}

void Moments::merge(const Moments& other) {
    count += other.count;
    for (std::size_t v = 0; v < sums.size(); ++v) {
        sums[v] += other.sums[v];
        squares[v] += other.squares[v];
    }
}

std::size_t Moments::widest() const {
    std::size_t widest = 0;
    model::uint128 most = 0;
    for (std::size_t v = 0; v < sums.size(); ++v) {
        const model::uint128 spread = static_cast<model::uint128>(count) * squares[v] - static_cast<model::uint128>(sums[v]) * sums[v];
        if (spread <= most) continue;
        most = spread;
        widest = v;
    }
    return widest;
}

Cut median_cut(const Histogram& histogram) {
    std::uint64_t rest = std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0}) / 2;
    std::size_t at = 0;
    while (at + 1 < histogram.size() && histogram[at] <= rest) rest -= histogram[at++];
    return {static_cast<std::int16_t>(at), rest};
}

std::vector<Rows> split(const Shapes& shapes, std::size_t max_rows) {
    EXPECTS(max_rows > 0);
    std::vector<Rows> open(1), leaves;
    open[0].resize(shapes.size());
    std::iota(open[0].begin(), open[0].end(), 0U);
    while (!open.empty()) {
        const Rows rows = std::move(open.back());
        open.pop_back();
        if (rows.size() <= max_rows) {
            if (!rows.empty()) leaves.push_back(rows);
            continue;
        }
        auto [low, high] = halves(shapes, rows);
        open.push_back(std::move(high));
        open.push_back(std::move(low));
    }
    return leaves;
}

}  // namespace meterveil::profiles
