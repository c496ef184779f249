#pragma once
// The rows of all forests, each different one once, in connected blocks.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove {

/// Rows that are linked by shared classes. No sum over several blocks can be more than the sum of its parts.
struct Block {
    struct Source {
        std::uint32_t forest;
        UnitId unit;
    };
    std::vector<Source> sources;                    ///< [row] whose own classes it is
    std::vector<std::span<const ClassId>> rows;     ///< [row] ascending
    std::vector<ClassId> classes;                   ///< ascending
};

/// Own classes of all units, without repetition.
class Rows {
public:
    explicit Rows(const Problem& problem);
    /// Calls visit(block) for each block of at least so many different rows.
    template <class Visit>
    void for_each_block(std::size_t least_rows, Visit visit) const {
        std::vector<bool> is_seen(sources_.size(), false);
        for (std::uint32_t row = 0; row < sources_.size(); ++row)
            if (is_kept_[row] && !is_seen[row]) {
                const Block block = block_of(row, is_seen);
                if (block.rows.size() >= least_rows) visit(block);
            }
    }

private:
    [[nodiscard]] std::span<const ClassId> row(std::uint32_t r) const {
        return std::span(classes_).subspan(first_class_[r], first_class_[r + 1] - first_class_[r]);
    }
    [[nodiscard]] std::span<const std::uint32_t> rows_of(ClassId cls) const {
        return std::span(rows_).subspan(first_row_[cls], first_row_[cls + 1] - first_row_[cls]);
    }
    [[nodiscard]] bool is_repeated(std::uint32_t r) const;
    [[nodiscard]] Block block_of(std::uint32_t row, std::vector<bool>& is_seen) const;

    std::vector<Block::Source> sources_;       ///< [row]
    std::vector<std::uint64_t> first_class_;   ///< [row + 1]
    std::vector<ClassId> classes_;
    std::vector<std::uint64_t> first_row_;     ///< [class + 1]
    std::vector<std::uint32_t> rows_;
    std::vector<bool> is_kept_;                ///< [row] no earlier row has the same classes
};

}  // namespace meterveil::prove
