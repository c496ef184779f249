#include "profiles/mdav.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"
#include "profiles/blocks.hpp"

namespace meterveil::profiles {
namespace {

class Fast {
public:
    Fast(const Shapes& shapes, std::uint32_t k, std::size_t lanes)
        : shapes_(shapes), k_(k), left_(shapes, lanes), centre_(shapes.num_values), grouping_{std::vector<std::uint32_t>(shapes.size()), 0} {
        for (std::size_t r = 0; r < shapes.size(); ++r) centre_.add(shapes.row(r));
    }

    Grouping run() {
        while (left_.size() >= 3 * std::size_t{k_}) {
            const std::uint32_t r = left_.farthest_from(centre_.mean()).row();
            const Reach around_r = left_.reach_of(shapes_.row(r), k_);
            form_group(around_r.nearest);
            // If the farthest is as near as the last of the group, so are all that are left.
            const bool are_alike = around_r.farthest.distance() == around_r.nearest.back().distance();
            const std::uint32_t s = are_alike ? left_.lowest_row() : around_r.farthest.row();
            form_group(left_.reach_of(shapes_.row(s), k_).nearest);
        }
        if (left_.size() >= 2 * std::size_t{k_}) {
            const std::uint32_t r = left_.farthest_from(centre_.mean()).row();
            form_group(left_.reach_of(shapes_.row(r), k_).nearest);
        }
        if (left_.size() > 0) {
            for (const std::uint32_t row : left_.rows()) grouping_.group_of[row] = grouping_.num_groups;
            ++grouping_.num_groups;
        }
        return std::move(grouping_);
    }

private:
    /// Of rows that are alike, r and s are the lowest; so they are among their own nearest.
    void form_group(const std::vector<Near>& members) {
        for (const Near& member : members) {
            grouping_.group_of[member.row()] = grouping_.num_groups;
            centre_.remove(shapes_.row(member.row()));
            left_.remove(member.row());
        }
        ++grouping_.num_groups;
    }

    const Shapes& shapes_;
    std::uint32_t k_;
    Blocks left_;
    Centre centre_;  ///< of those left
    Grouping grouping_;
};

}  // namespace

Grouping mdav(const Shapes& shapes, std::uint32_t k, std::size_t lanes) {
    EXPECTS(k > 0 && lanes > 0 && shapes.num_values <= max_shape_values);
    return Fast(shapes, k, lanes).run();
}

}  // namespace meterveil::profiles
