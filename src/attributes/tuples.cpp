#include "attributes/tuples.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "meterveil/core/integer.hpp"
#include "meterveil/exec/parallel.hpp"

namespace meterveil::attributes {
namespace {

constexpr std::size_t grain = 16384;  // rows; some tens of microseconds

/// A distinct key, the first row that has it, and the weight of all of them.
struct Run {
    std::uint64_t key = 0, count = 0;
    std::uint32_t row = 0;
};

/// Rising, each key once.
void join_equal(std::vector<Run>& runs) {
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < runs.size(); ++i) {
        if (runs[i].key == runs[last].key) runs[last].count += runs[i].count;
        else runs[++last] = runs[i];
    }
    if (!runs.empty()) runs.resize(last + 1);
}

std::vector<Run> merged(const std::vector<Run>& a, const std::vector<Run>& b) {
    std::vector<Run> both;
    both.reserve(a.size() + b.size());
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i].key == b[j].key) {
            both.push_back({a[i].key, a[i].count + b[j].count, a[i].row});
            ++i, ++j;
        } else {
            both.push_back(a[i].key < b[j].key ? a[i++] : b[j++]);
        }
    }
    both.insert(both.end(), a.begin() + static_cast<std::ptrdiff_t>(i), a.end());
    both.insert(both.end(), b.begin() + static_cast<std::ptrdiff_t>(j), b.end());
    return both;
}

/// Small keys index a table of their own.
Grouping group_by_index(std::span<const std::uint64_t> keys, std::uint64_t bound) {
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> number(bound, none);
    Grouping grouping{std::vector<std::uint32_t>(keys.size()), 0};
    for (std::size_t r = 0; r < keys.size(); ++r) {
        std::uint32_t& of_key = number[keys[r]];
        if (of_key == none) of_key = grouping.num_classes++;
        grouping.class_of[r] = of_key;
    }
    return grouping;
}

Grouping group_by_hash(std::span<const std::uint64_t> keys) {
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t number_plus_one = 0;
    };
    const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(keys.size() * 2, 16));
    const int shift = 64 - std::countr_zero(capacity);
    std::vector<Slot> slots(capacity);
    Grouping grouping{std::vector<std::uint32_t>(keys.size()), 0};
    for (std::size_t r = 0; r < keys.size(); ++r) {
        std::size_t at = keys[r] * 0x9e3779b97f4a7c15ULL >> shift;
        while (slots[at].number_plus_one != 0 && slots[at].key != keys[r]) at = (at + 1) & (capacity - 1);
        if (slots[at].number_plus_one == 0) slots[at] = {keys[r], ++grouping.num_classes};
        grouping.class_of[r] = slots[at].number_plus_one - 1;
    }
    return grouping;
}

}  // namespace

void Keys::add(std::span<const std::uint32_t> column, std::size_t stride, std::uint32_t base, std::span<const std::uint32_t> label_of) {
    if (base <= 1) return;  // one label for all, or no row
    if (bound_ > std::numeric_limits<std::uint64_t>::max() / base) shrink();
    bound_ *= base;
    exec::for_each_range(values_.size(), grain, [&](std::size_t first, std::size_t last) {
        if (label_of.empty())
            for (std::size_t r = first; r < last; ++r) values_[r] = values_[r] * base + column[r * stride];
        else
            for (std::size_t r = first; r < last; ++r) values_[r] = values_[r] * base + label_of[column[r * stride]];
    });
}

void Keys::shrink() {
    std::vector<std::uint64_t> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    exec::for_each_range(values_.size(), grain, [&](std::size_t first, std::size_t last) {
        for (std::size_t r = first; r < last; ++r)
            values_[r] = static_cast<std::uint64_t>(std::lower_bound(sorted.begin(), sorted.end(), values_[r]) - sorted.begin());
    });
    bound_ = sorted.size();
}

Grouping group(const Keys& keys) {
    constexpr std::uint64_t small = 4096;
    return keys.bound() <= std::max(small, keys.values().size() * 2) ? group_by_index(keys.values(), keys.bound()) : group_by_hash(keys.values());
}

Tuples distinct(std::span<const std::uint32_t> codes, std::span<const std::uint64_t> counts, std::span<const std::uint32_t> bases) {
    Tuples tuples;
    tuples.width = bases.size();
    if (tuples.width == 0) return tuples;
    const std::size_t num_rows = codes.size() / tuples.width;
    Keys keys(num_rows);
    for (std::size_t c = 0; c < tuples.width; ++c) keys.add(codes.subspan(std::min(c, codes.size())), tuples.width, bases[c]);

    const std::size_t num_parts = std::bit_ceil(num_rows / (8 * grain) + 1);
    std::vector<std::vector<Run>> parts(num_parts);
    exec::for_each_index(num_parts, [&](std::size_t p) {
        const IndexRange rows = block_of(num_rows, num_parts, p);
        parts[p].reserve(rows.size());
        for (std::size_t r = rows.first; r < rows.last; ++r) parts[p].push_back({keys.values()[r], counts.empty() ? 1 : counts[r], static_cast<std::uint32_t>(r)});
        join_equal(parts[p]);
    });
    for (std::size_t apart = 1; apart < num_parts; apart *= 2)
        exec::for_each_index(num_parts / (2 * apart), [&](std::size_t i) {
            auto& left = parts[2 * apart * i];
            auto& right = parts[2 * apart * i + apart];
            left = merged(left, right);
            right = {};
        });

    tuples.codes.reserve(parts[0].size() * tuples.width);
    tuples.counts.reserve(parts[0].size());
    for (const Run& run : parts[0]) {
        const auto row = codes.subspan(run.row * tuples.width, tuples.width);
        tuples.codes.insert(tuples.codes.end(), row.begin(), row.end());
        tuples.counts.push_back(run.count);
    }
    return tuples;
}

}  // namespace meterveil::attributes
