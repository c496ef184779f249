#include <algorithm>
#include <numeric>

#include "meterveil/core/contract.hpp"
#include "profiles/mdav.hpp"

namespace meterveil::profiles {
namespace {

class Reference {
public:
    Reference(const Shapes& shapes, std::uint32_t k) : shapes_(shapes), k_(k), left_(shapes.size()), grouping_{std::vector<std::uint32_t>(shapes.size()), 0} {
        std::iota(left_.begin(), left_.end(), 0U);
    }

    Grouping run() {
        while (left_.size() >= 3 * std::size_t{k_}) {
            const std::uint32_t r = farthest_from(mean());
            form_group(nearest_to(r));
            form_group(nearest_to(farthest_from(shapes_.row(r))));
        }
        if (left_.size() >= 2 * std::size_t{k_}) form_group(nearest_to(farthest_from(mean())));
        if (!left_.empty()) form_group(std::vector(left_));
        return std::move(grouping_);
    }

private:
    [[nodiscard]] std::vector<std::int16_t> mean() const {
        Centre centre(shapes_.num_values);
        for (const std::uint32_t row : left_) centre.add(shapes_.row(row));
        return centre.mean();
    }
    [[nodiscard]] std::uint32_t farthest_from(std::span<const std::int16_t> point) const {
        return *std::max_element(left_.begin(), left_.end(), [&](std::uint32_t a, std::uint32_t b) {
            return squared_distance(shapes_.row(a), point) < squared_distance(shapes_.row(b), point);  // the first of equal ones: left_ ascends
        });
    }
    /// The row itself and k - 1 others.
    [[nodiscard]] std::vector<std::uint32_t> nearest_to(std::uint32_t row) const {
        std::vector<std::uint32_t> order = left_;
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return squared_distance(shapes_.row(a), shapes_.row(row)) < squared_distance(shapes_.row(b), shapes_.row(row));
        });
        order.erase(std::find(order.begin(), order.end(), row));
        order.insert(order.begin(), row);
        order.resize(k_);
        return order;
    }
    void form_group(const std::vector<std::uint32_t>& rows) {
        for (const std::uint32_t row : rows) grouping_.group_of[row] = grouping_.num_groups;
        std::erase_if(left_, [&](std::uint32_t row) { return std::find(rows.begin(), rows.end(), row) != rows.end(); });
        ++grouping_.num_groups;
    }

    const Shapes& shapes_;
    std::uint32_t k_;
    std::vector<std::uint32_t> left_;  // ascending
    Grouping grouping_;
};

}  // namespace

Grouping mdav_reference(const Shapes& shapes, std::uint32_t k) {
    EXPECTS(k > 0 && shapes.num_values <= max_shape_values);
    return Reference(shapes, k).run();
}

}  // namespace meterveil::profiles
