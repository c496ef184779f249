#pragma once
// Load curves as points that can be told near from far: whole numbers, so that nothing depends on order, threads or machine.

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::profiles {

inline constexpr std::int32_t shape_unit = 256;        ///< the meter's own mean
inline constexpr std::int32_t max_shape_value = 4095;  ///< 16 times the mean, less one step: what is more counts as that
/// Of so many values a squared distance is below 2^32: 256 * 4095^2 = 4,292,870,400.
inline constexpr std::size_t max_shape_values = 256;

/// A row for each meter. Rows are in the order of the meters' pseudonyms: the row's number settles ties.
struct Shapes {
    std::size_t num_values = 0;
    std::vector<std::int16_t> values;  ///< [row x num_values], each 0 .. max_shape_value

    [[nodiscard]] std::size_t size() const { return num_values == 0 ? 0 : values.size() / num_values; }
    [[nodiscard]] std::span<const std::int16_t> row(std::size_t r) const { return std::span(values).subspan(r * num_values, num_values); }
    /// Pure. @param rows which of them, in this order
    [[nodiscard]] Shapes of(std::span<const std::uint32_t> rows) const {
        Shapes part{num_values, {}};
        part.values.reserve(rows.size() * num_values);
        for (const std::uint32_t r : rows) part.values.insert(part.values.end(), row(r).begin(), row(r).end());
        return part;
    }
};

/// Squared Euclidean distance, exact.
inline std::uint32_t squared_distance(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
    std::uint32_t sum = 0;
    for (std::size_t d = 0; d < a.size(); ++d) {
        const std::int32_t apart = a[d] - b[d];
        sum += static_cast<std::uint32_t>(apart * apart);
    }
    return sum;
}

/// Sums of rows, and their mean on the grid of the values.
class Centre {
public:
    explicit Centre(std::size_t num_values) : sums_(num_values, 0) {}
    void add(std::span<const std::int16_t> row) {
        for (std::size_t d = 0; d < sums_.size(); ++d) sums_[d] += row[d];
        ++count_;
    }
    void remove(std::span<const std::int16_t> row) {
        for (std::size_t d = 0; d < sums_.size(); ++d) sums_[d] -= row[d];
        --count_;
    }
    /// Each value rounded to nearest, ties to even. At least one row is in.
    [[nodiscard]] std::vector<std::int16_t> mean() const;

private:
    std::vector<std::int64_t> sums_;
    std::int64_t count_ = 0;
};

}  // namespace meterveil::profiles
