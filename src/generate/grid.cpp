#include "generate/grid.hpp"

#include <algorithm>

#include "generate/random.hpp"
#include "meterveil/core/contract.hpp"

namespace meterveil::generate {
namespace {

/// First premise of every region, and the end: shares drawn from 1 to 3.
std::vector<std::uint32_t> cut_regions(std::uint32_t premises, std::uint32_t regions, std::uint64_t seed) {
    std::vector<std::uint64_t> ends = {0};
    for (std::uint32_t r = 0; r < regions; ++r)
        ends.push_back(ends.back() + static_cast<std::uint64_t>(between(draw(stream(seed, Purpose::region_size, r), 0), 1000, 3000)));
    std::vector<std::uint32_t> cuts;
    for (const std::uint64_t end : ends)
        cuts.push_back(static_cast<std::uint32_t>(static_cast<model::uint128>(premises) * end / ends.back()));
    return cuts;
}

std::uint32_t feeder_size(std::uint64_t bits) {
    const std::uint64_t lot = below(bits, 12), size_bits = mix(bits);
    if (lot == 0) return static_cast<std::uint32_t>(between(size_bits, 1, 9));
    if (lot == 1) return static_cast<std::uint32_t>(between(size_bits, 81, 160));
    return static_cast<std::uint32_t>(between(size_bits, 18, 60));
}

/// Counts through the inner levels of one region: the path of the next feeder.
class Branches {
public:
    Branches(std::uint64_t region_stream, std::uint32_t region, std::size_t levels) : stream_(region_stream), path_(levels, 1), room_(levels) {
        path_[0] = region + 1;
        for (std::size_t level = 1; level < levels; ++level) room_[level] = fan_out();
    }
    [[nodiscard]] const std::vector<std::uint32_t>& path() const { return path_; }
    void next() {
        std::size_t level = path_.size() - 1;
        while (level > 1 && path_[level] == room_[level]) {  // this parent is full: on to its sibling
            path_[level] = 1;
            room_[level] = fan_out();
            --level;
        }
        ++path_[level];
    }

private:
    std::uint32_t fan_out() { return static_cast<std::uint32_t>(between(draw(stream_, drawn_++), 2, 9)); }
    std::uint64_t stream_, drawn_ = 0;
    std::vector<std::uint32_t> path_, room_;
};

void add_feeders(Grid& grid, std::uint32_t region, std::uint32_t first, std::uint32_t last, std::uint64_t seed) {
    Branches branches(stream(seed, Purpose::fan_out, region), region, grid.levels.size());
    const std::uint64_t sizes = stream(seed, Purpose::feeder_size, region);
    for (std::uint64_t number = 0; first < last; ++number, branches.next()) {
        const std::uint32_t count = std::min(feeder_size(draw(sizes, number)), last - first);
        grid.leaves.push_back({first, count, branches.path()});
        first += count;
    }
}

}  // namespace

std::string Grid::name(const Leaf& leaf, std::size_t level) const {
    std::string text = levels[level];
    for (std::size_t i = 0; i <= level; ++i) text += '-' + std::to_string(leaf.path[i]);
    return text;
}

const Leaf& Grid::leaf_of(std::uint32_t premise) const {
    const auto after = std::upper_bound(leaves.begin(), leaves.end(), premise, [](std::uint32_t p, const Leaf& leaf) { return p < leaf.first; });
    EXPECTS(after != leaves.begin());
    return *std::prev(after);
}

Grid make_grid(std::vector<std::string> levels, std::uint32_t premises, std::uint32_t regions, std::uint64_t seed) {
    EXPECTS(!levels.empty() && regions > 0);
    Grid grid{std::move(levels), {}};
    const auto cuts = cut_regions(premises, regions, seed);
    for (std::uint32_t region = 0; region < regions; ++region) {
        if (cuts[region] == cuts[region + 1]) continue;
        if (grid.levels.size() == 1) grid.leaves.push_back({cuts[region], cuts[region + 1] - cuts[region], {region + 1}});
        else add_feeders(grid, region, cuts[region], cuts[region + 1], seed);
    }
    return grid;
}

}  // namespace meterveil::generate
