#pragma once
// A forest laid out so that the classes of every unit, with those below it, stand together.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove {

struct Layout {
    std::vector<ClassId> order;                 ///< classes, units depth first
    std::vector<std::uint64_t> begin, end;      ///< [unit] its part of `order`
    std::vector<UnitId> unit_of_class;          ///< [class] smallest unit that holds it, or no_unit

    [[nodiscard]] std::span<const ClassId> classes(UnitId unit) const { return std::span(order).subspan(begin[unit], end[unit] - begin[unit]); }
};

/// @errors input: a parent behind its child, offsets that do not fit, a class that does not exist or stands in two units
Result<Layout> lay_out(const Forest& forest, std::uint32_t num_classes);

/// Classes that a unit holds itself, not by the units below it.
inline std::span<const ClassId> own_classes(const Forest& forest, UnitId unit) {
    return std::span(forest.classes).subspan(forest.first_class[unit], forest.first_class[unit + 1] - forest.first_class[unit]);
}

/// 'name of the unit' of 'name of the release'
std::string named(const Forest& forest, UnitId unit);

}  // namespace meterveil::prove
