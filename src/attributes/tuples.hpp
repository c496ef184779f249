#pragma once
// Many rows as few distinct ones with weights: everything after this costs by distinct tuples, not by customers.

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::attributes {

/// A number for each row, equal where the rows are equal, rising in the lexicographic order of the columns.
class Keys {
public:
    explicit Keys(std::size_t num_rows) : values_(num_rows, 0) {}
    /// Joins a column: row r has code column[r * stride], below `base`.
    /// @param label_of what stands for a code; empty: itself
    void add(std::span<const std::uint32_t> column, std::size_t stride, std::uint32_t base, std::span<const std::uint32_t> label_of = {});
    [[nodiscard]] std::span<const std::uint64_t> values() const { return values_; }
    /// All values are below it.
    [[nodiscard]] std::uint64_t bound() const { return bound_; }

private:
    /// Ranks in place of values, so that another column fits into 64 bits.
    void shrink();
    std::vector<std::uint64_t> values_;
    std::uint64_t bound_ = 1;
};

/// Which class each row is in; classes are numbered as they are met first.
struct Grouping {
    std::vector<std::uint32_t> class_of;  ///< [row]
    std::uint32_t num_classes = 0;
};
Grouping group(const Keys& keys);

/// Distinct rows in rising order, and how often each is there.
struct Tuples {
    std::size_t width = 0;
    std::vector<std::uint32_t> codes;   ///< [tuple x width]
    std::vector<std::uint64_t> counts;  ///< [tuple]
    [[nodiscard]] std::size_t size() const { return counts.size(); }
    [[nodiscard]] std::span<const std::uint32_t> row(std::size_t tuple) const { return std::span(codes).subspan(tuple * width, width); }
};

/// Pure. @param codes [row x bases.size()], below `bases`  @param counts [row]; empty: 1 each
Tuples distinct(std::span<const std::uint32_t> codes, std::span<const std::uint64_t> counts, std::span<const std::uint32_t> bases);

}  // namespace meterveil::attributes
