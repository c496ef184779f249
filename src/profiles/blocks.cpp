#include "profiles/blocks.hpp"

#include <algorithm>
#include <numeric>

#include "meterveil/core/integer.hpp"
#include "meterveil/exec/parallel.hpp"

// One source, compiled for several widths of vectors; the loader takes the widest that the machine has. Whole numbers: the same on all.
// The sanitizers do not know functions that are chosen at load time.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define METERVEIL_EVERY_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define METERVEIL_EVERY_WIDTH
#endif

namespace meterveil::profiles {
namespace {

/// Distances of the rows of a block from a point; the least and the largest of them.
struct Distances {
    std::uint32_t of_row[block_rows];
    std::uint32_t least, largest;
};

METERVEIL_EVERY_WIDTH
void measure(const std::int16_t* block, const std::int16_t* point, std::size_t num_values, Distances& result) {
    std::uint32_t sums[block_rows] = {};
    for (std::size_t v = 0; v < num_values; ++v)
        for (std::size_t r = 0; r < block_rows; ++r) {
            const std::int32_t apart = block[v * block_rows + r] - point[v];
            sums[r] += static_cast<std::uint32_t>(apart * apart);
        }
    std::uint32_t least = UINT32_MAX, largest = 0;
    for (std::size_t r = 0; r < block_rows; ++r) {
        least = std::min(least, sums[r]);
        largest = std::max(largest, sums[r]);
        result.of_row[r] = sums[r];
    }
    result.least = least;
    result.largest = largest;
}

/// The `count` least of those that are put in.
class Nearest {
public:
    explicit Nearest(std::size_t count) : count_(count) { found_.reserve(count); }
    /// @return false if nothing so far would be taken
    [[nodiscard]] bool may_take(std::uint32_t distance) const { return found_.size() < count_ || (count_ > 0 && distance <= found_.back().distance()); }
    void put(const Near& near) {
        if (found_.size() == count_) {
            if (count_ == 0 || found_.back() < near) return;
            found_.pop_back();
        }
        found_.insert(std::upper_bound(found_.begin(), found_.end(), near), near);
    }
    std::vector<Near> take() { return std::move(found_); }

private:
    std::size_t count_;
    std::vector<Near> found_;
};

bool is_farther(const Near& a, const Near& b) { return a.distance() != b.distance() ? a.distance() > b.distance() : a.row() < b.row(); }

}  // namespace

Blocks::Blocks(const Shapes& shapes, std::size_t lanes) : num_values_(shapes.num_values), lanes_(lanes), rows_(shapes.size()), position_of_(shapes.size()) {
    std::iota(rows_.begin(), rows_.end(), 0U);
    std::iota(position_of_.begin(), position_of_.end(), 0U);
    values_.resize(num_blocks() * block_rows * num_values_);
    for (std::size_t r = 0; r < rows_.size(); ++r)
        for (std::size_t v = 0; v < num_values_; ++v) values_[place(r) + v * block_rows] = shapes.row(r)[v];
}

std::uint32_t Blocks::lowest_row() const { return *std::min_element(rows_.begin(), rows_.end()); }

Reach Blocks::reach_within(std::size_t first_block, std::size_t last_block, std::span<const std::int16_t> point, std::size_t count) const {
    Nearest nearest(count);
    Near farthest(0, rows_[first_block * block_rows]);
    Distances distances;
    for (std::size_t b = first_block; b < last_block; ++b) {
        measure(values_.data() + b * block_rows * num_values_, point.data(), num_values_, distances);
        const bool has_near = nearest.may_take(distances.least), has_far = distances.largest >= farthest.distance();
        if (!has_near && !has_far) continue;
        const std::size_t last = std::min(block_rows, rows_.size() - b * block_rows);
        for (std::size_t r = 0; r < last; ++r) {
            const Near row(distances.of_row[r], rows_[b * block_rows + r]);
            if (has_near) nearest.put(row);
            if (has_far && is_farther(row, farthest)) farthest = row;
        }
    }
    return {nearest.take(), farthest};
}

Reach Blocks::reach_of(std::span<const std::int16_t> point, std::size_t count) const {
    const std::size_t lanes = std::min(lanes_, num_blocks());
    if (lanes <= 1) return reach_within(0, num_blocks(), point, count);
    std::vector<Reach> parts(lanes);
    exec::for_each_index(lanes, [&](std::size_t lane) {
        const IndexRange blocks = block_of(num_blocks(), lanes, lane);
        parts[lane] = reach_within(blocks.first, blocks.last, point, count);
    });
    Nearest nearest(count);
    Near farthest = parts[0].farthest;
    for (const Reach& part : parts) {
        for (const Near& row : part.nearest) nearest.put(row);
        if (is_farther(part.farthest, farthest)) farthest = part.farthest;
    }
    return {nearest.take(), farthest};
}

void Blocks::remove(std::uint32_t row) {
    const std::uint32_t position = position_of_[row];
    const std::size_t hole = place(position), last = place(rows_.size() - 1);
    for (std::size_t v = 0; v < num_values_; ++v) values_[hole + v * block_rows] = values_[last + v * block_rows];
    rows_[position] = rows_.back();
    position_of_[rows_.back()] = position;
    rows_.pop_back();
}

}  // namespace meterveil::profiles
