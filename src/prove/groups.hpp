#pragma once
// Disjoint sets under union.

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace meterveil::prove {

inline constexpr std::uint32_t no_group = 0xffffffffU;

class Groups {
public:
    explicit Groups(std::uint32_t count) : above_(count), size_(count, 1) { std::iota(above_.begin(), above_.end(), 0U); }

    std::uint32_t find(std::uint32_t item) {
        while (above_[item] != item) item = above_[item] = above_[above_[item]];
        return item;
    }
    /// @return false if they were together
    bool join(std::uint32_t a, std::uint32_t b) {
        a = find(a), b = find(b);
        if (a == b) return false;
        if (size_[a] < size_[b]) std::swap(a, b);
        above_[b] = a;
        size_[a] += size_[b];
        return true;
    }
    /// Numbers the groups 0, 1, ... by their first item. @return how many
    std::uint32_t number() {
        numbers_.assign(above_.size(), no_group);
        std::uint32_t next = 0;
        for (std::uint32_t item = 0; item < above_.size(); ++item)
            if (auto& number = numbers_[find(item)]; number == no_group) number = next++;
        return next;
    }
    /// After number().
    std::uint32_t number_of(std::uint32_t item) { return numbers_[find(item)]; }

private:
    std::vector<std::uint32_t> above_, size_, numbers_;
};

}  // namespace meterveil::prove
