#pragma once
// What the proof knows of the members: per class, subject group and slot, enough to judge any union of classes exactly.

#include <cstdint>
#include <span>
#include <vector>

namespace meterveil::prove {

/// A class: the members that lie in the same atom of every release. Classes are disjoint.
using ClassId = std::uint32_t;

/// Sizes of a table of facts.
struct Shape {
    std::uint32_t num_classes = 0;
    std::uint32_t num_groups = 1;  ///< groups of subjects with rules of their own ("class residential: ..."); 1 if there are none
    std::uint32_t num_slots = 1;   ///< cells of the rules' scope: 1, months, or intervals
    std::uint32_t num_top = 2;     ///< how many of the largest contributions are kept, at most most_top
};
inline constexpr std::uint32_t most_top = 16;

/// Facts of every class. A subject whose meters all lie in one class is folded into counts, totals and largest; one that
/// has meters in several classes is kept by its number, so that a union counts it once.
class Facts {
public:
    /// One cell's folded subjects. `smallest` is the smallest non-zero contribution, 0 if there is none.
    struct Cell {
        std::uint64_t contributors = 0;
        std::int64_t total = 0, smallest = 0;
    };
    /// A subject's part in one class; its energy per slot is `part_quanta`.
    struct Part {
        ClassId cls = 0;
        std::uint32_t group = 0;
        std::uint64_t subject = 0;
        std::uint32_t next = 0;  ///< next part of the class, or no_part
    };
    static constexpr std::uint32_t no_part = 0xffffffffU;

    Facts() : Facts(Shape{}) {}
    explicit Facts(const Shape& shape);

    /// Adds a subject that lies wholly in the class. @param quanta [slot], >= 0
    void fold(ClassId cls, std::uint32_t group, std::span<const std::int64_t> quanta);
    /// Adds several such subjects of one cell. @param top their largest contributions, descending
    void fold_many(ClassId cls, std::uint32_t group, std::uint32_t slot, const Cell& cell, std::span<const std::int64_t> top);
    /// Adds a part of a subject that has meters in other classes too. Parts of one subject in one class add up.
    void span(ClassId cls, std::uint32_t group, std::uint64_t subject, std::span<const std::int64_t> quanta);
    /// Adds the facts of other members of the same classes. Exact in any order.
    void merge(const Facts& other);

    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] const Cell& cell(ClassId cls, std::uint32_t group, std::uint32_t slot) const { return cells_[index(cls, group, slot)]; }
    [[nodiscard]] std::span<const std::int64_t> top(ClassId cls, std::uint32_t group, std::uint32_t slot) const {
        return std::span(top_).subspan(index(cls, group, slot) * shape_.num_top, shape_.num_top);
    }
    [[nodiscard]] bool has_parts() const { return !parts_.empty(); }
    [[nodiscard]] std::uint32_t first_part(ClassId cls) const { return first_part_[cls]; }
    [[nodiscard]] const Part& part(std::uint32_t number) const { return parts_[number]; }
    [[nodiscard]] std::int64_t part_quanta(std::uint32_t number, std::uint32_t slot) const {
        return part_quanta_[std::size_t{number} * shape_.num_slots + slot];
    }

private:
    [[nodiscard]] std::size_t index(ClassId cls, std::uint32_t group, std::uint32_t slot) const {
        return (std::size_t{cls} * shape_.num_groups + group) * shape_.num_slots + slot;
    }
    Shape shape_;
    std::vector<Cell> cells_;                 ///< [class][group][slot]
    std::vector<std::int64_t> top_;           ///< [class][group][slot][num_top], descending, zero-padded
    std::vector<std::uint32_t> first_part_;   ///< [class]
    std::vector<Part> parts_;
    std::vector<std::int64_t> part_quanta_;   ///< [part][slot]
};

/// Puts `value` into a descending list, dropping the smallest. Zero is padding.
void insert_top(std::span<std::int64_t> top, std::int64_t value);

}  // namespace meterveil::prove
