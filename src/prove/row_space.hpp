#pragma once
// A space of derivable sums as sparse rows modulo a prime.

#include <cstdint>
#include <vector>

#include "meterveil/prove/facts.hpp"
#include "prove/prime_field.hpp"

namespace meterveil::prove {

/// What remains of Limits::combination_work; everything that eliminates or searches takes from it.
struct Work {
    std::uint64_t left = 0;
    /// @return false once there is not enough left
    bool take(std::uint64_t amount) {
        if (amount > left) {
            left = 0;
            return false;
        }
        left -= amount;
        return true;
    }
};

/// Vectors over classes: all linear combinations of the rows.
struct RowSpace {
    struct Entry {
        std::uint32_t column;
        field::Value value;  ///< not 0
    };
    using Row = std::vector<Entry>;  ///< by column

    std::vector<ClassId> classes;  ///< [column]
    std::vector<Row> rows;

    [[nodiscard]] bool is_null() const { return rows.empty(); }
    /// The vectors that are zero on the marked columns. Marked and unused columns are gone from the result.
    [[nodiscard]] RowSpace zero_on(const std::vector<bool>& marked, Work& work) const;
    /// The vectors without their entries in the marked columns.
    [[nodiscard]] RowSpace without(const std::vector<bool>& marked) const;
    /// Parts that share no column; the space is their direct sum.
    [[nodiscard]] std::vector<RowSpace> split() const;
};

/// a + factor b
RowSpace::Row add_scaled(const RowSpace::Row& a, field::Value factor, const RowSpace::Row& b);

}  // namespace meterveil::prove
