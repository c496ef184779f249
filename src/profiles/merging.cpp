#include <algorithm>
#include <iterator>

#include "profiles/groups.hpp"

namespace meterveil::profiles {
namespace {

void sort_by_lowest_row(std::vector<Group>& groups) {
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.rows[0] < b.rows[0]; });
}

/// Merges groups that fail until all pass, or one is left.
class Merging {
public:
    Merging(const Shapes& shapes, const Judging& judging, std::vector<Group> groups) : shapes_(shapes), judging_(judging), groups_(std::move(groups)) {
        sort_by_lowest_row(groups_);
        means_.num_values = shapes.num_values;
    }

    std::vector<Group> run() {
        for (std::size_t g = 0; g < groups_.size(); ++g)
            while (!groups_[g].rows.empty() && !groups_[g].finding.passes) {
                const std::size_t other = nearest_to(g);
                if (other == groups_.size()) break;
                merge(g, other);
            }
        std::erase_if(groups_, [](const Group& group) { return group.rows.empty(); });
        sort_by_lowest_row(groups_);
        return std::move(groups_);
    }

private:
    [[nodiscard]] std::vector<std::int16_t> mean_of(const Group& group) const {
        Centre centre(shapes_.num_values);
        for (const std::uint32_t row : group.rows) centre.add(shapes_.row(row));
        return centre.mean();
    }
    /// Whether `group` loses less with `a` than with `b`: squares grow by d^2 n m / (n + m) if groups of n and m rows whose means are d apart are merged.
    [[nodiscard]] bool is_nearer(std::size_t group, std::size_t a, std::size_t b) const {
        const auto growth = [&](std::size_t g, std::size_t other) {  // over n, times both n + m
            const std::size_t rows = groups_[g].rows.size(), whole = groups_[group].rows.size() + groups_[other].rows.size();
            return static_cast<model::uint128>(squared_distance(means_.row(g), means_.row(group))) * rows * whole;
        };
        const model::uint128 of_a = growth(a, b), of_b = growth(b, a);
        return of_a != of_b ? of_a < of_b : groups_[a].rows[0] < groups_[b].rows[0];
    }
    /// @return the number of groups if there is no other
    std::size_t nearest_to(std::size_t group) {
        if (means_.values.empty())
            for (const Group& each : groups_) {
                const auto mean = mean_of(each);
                means_.values.insert(means_.values.end(), mean.begin(), mean.end());
            }
        std::size_t nearest = groups_.size();
        for (std::size_t g = 0; g < groups_.size(); ++g)
            if (g != group && !groups_[g].rows.empty() && (nearest == groups_.size() || is_nearer(group, g, nearest))) nearest = g;
        return nearest;
    }
    void merge(std::size_t into, std::size_t from) {
        Group whole{{}, true, {}};
        std::merge(groups_[into].rows.begin(), groups_[into].rows.end(), groups_[from].rows.begin(), groups_[from].rows.end(), std::back_inserter(whole.rows));
        whole.finding = judging_.judge(whole.rows);
        groups_[into] = std::move(whole);
        groups_[from] = {};
        const auto mean = mean_of(groups_[into]);
        std::copy(mean.begin(), mean.end(), means_.values.begin() + static_cast<std::ptrdiff_t>(into * shapes_.num_values));
    }

    const Shapes& shapes_;
    const Judging& judging_;
    std::vector<Group> groups_;  ///< merged into another one: without rows
    Shapes means_;               ///< [group], once one fails
};

}  // namespace

std::vector<Group> merge_failing(const Shapes& shapes, const Judging& judging, std::vector<Group> groups) {
    return Merging(shapes, judging, std::move(groups)).run();
}

}  // namespace meterveil::profiles
