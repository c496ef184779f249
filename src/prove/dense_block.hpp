#pragma once
// A small space of derivable sums as a dense matrix in reduced echelon form.

#include <vector>

#include "prove/row_space.hpp"

namespace meterveil::prove {

/// Columns are sets of classes that are in a vector together or not at all.
struct DenseBlock {
    struct Column {
        std::vector<ClassId> classes;
        bool is_included = false;  ///< only vectors that are not zero here are of interest
    };
    std::vector<Column> columns;
    std::vector<std::vector<field::Value>> rows;

    /// @return an empty block if work ran out
    static DenseBlock of(const RowSpace& space, Work& work);
    /// Reduced echelon form without empty rows.
    void reduce(Work& work);
    /// Only the vectors that are zero on this column, which goes. Needs reduce() afterwards.
    void make_zero(std::size_t column);
    /// Removes columns on which every vector is zero. @return false if one of them was included: no vector is of interest
    bool drop_zero_columns();
    /// Joins columns of which one is a multiple of the other.
    void join_parallel();
    /// Parts without common rows; the space is their direct sum. After reduce() no finer division exists.
    [[nodiscard]] std::vector<DenseBlock> split() const;
    [[nodiscard]] std::vector<ClassId> classes() const;
    [[nodiscard]] std::size_t num_classes() const;
};

}  // namespace meterveil::prove
