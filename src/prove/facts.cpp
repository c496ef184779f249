#include "meterveil/prove/facts.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"

namespace meterveil::prove {
namespace {

std::int64_t smaller_non_zero(std::int64_t a, std::int64_t b) {
    if (a == 0 || b == 0) return std::max(a, b);
    return std::min(a, b);
}

}  // namespace

void insert_top(std::span<std::int64_t> top, std::int64_t value) {
    for (auto& held : top)
        if (value > held) std::swap(value, held);
}

Facts::Facts(const Shape& shape)
    : shape_(shape),
      cells_(std::size_t{shape.num_classes} * shape.num_groups * shape.num_slots),
      top_(cells_.size() * shape.num_top, 0),
      first_part_(shape.num_classes, no_part) {
    EXPECTS(shape.num_top <= most_top && shape.num_groups > 0 && shape.num_slots > 0);
}

void Facts::fold_many(ClassId cls, std::uint32_t group, std::uint32_t slot, const Cell& cell, std::span<const std::int64_t> top) {
    EXPECTS(cls < shape_.num_classes && group < shape_.num_groups && slot < shape_.num_slots && cell.smallest >= 0);
    EXPECTS(cell.contributors == 0 ? cell.total == 0 : cell.total > 0);
    const std::size_t at = index(cls, group, slot);
    cells_[at].contributors += cell.contributors;
    cells_[at].total += cell.total;
    cells_[at].smallest = smaller_non_zero(cells_[at].smallest, cell.smallest);
    for (const auto value : top) insert_top(std::span(top_).subspan(at * shape_.num_top, shape_.num_top), value);
}

void Facts::fold(ClassId cls, std::uint32_t group, std::span<const std::int64_t> quanta) {
    EXPECTS(quanta.size() == shape_.num_slots);
    for (std::uint32_t slot = 0; slot < shape_.num_slots; ++slot)
        fold_many(cls, group, slot, {quanta[slot] != 0 ? 1U : 0U, quanta[slot], quanta[slot]}, quanta.subspan(slot, 1));
}

void Facts::span(ClassId cls, std::uint32_t group, std::uint64_t subject, std::span<const std::int64_t> quanta) {
    EXPECTS(cls < shape_.num_classes && group < shape_.num_groups && quanta.size() == shape_.num_slots);
    EXPECTS(std::all_of(quanta.begin(), quanta.end(), [](std::int64_t value) { return value >= 0; }));
    EXPECTS(parts_.size() < no_part);
    parts_.push_back({cls, group, subject, first_part_[cls]});
    first_part_[cls] = static_cast<std::uint32_t>(parts_.size() - 1);
    part_quanta_.insert(part_quanta_.end(), quanta.begin(), quanta.end());
}

void Facts::merge(const Facts& other) {
    EXPECTS(other.cells_.size() == cells_.size() && other.shape_.num_top == shape_.num_top && other.shape_.num_slots == shape_.num_slots);
    for (ClassId cls = 0; cls < shape_.num_classes; ++cls)
        for (std::uint32_t group = 0; group < shape_.num_groups; ++group)
            for (std::uint32_t slot = 0; slot < shape_.num_slots; ++slot)
                fold_many(cls, group, slot, other.cell(cls, group, slot), other.top(cls, group, slot));
    for (std::uint32_t p = 0; p < other.parts_.size(); ++p) {
        const Part& part = other.parts_[p];
        span(part.cls, part.group, part.subject, std::span(other.part_quanta_).subspan(std::size_t{p} * shape_.num_slots, shape_.num_slots));
    }
}

}  // namespace meterveil::prove
