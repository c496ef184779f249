#include <algorithm>
#include <numeric>

#include "meterveil/core/contract.hpp"
#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove {

Refinement refine(const std::vector<std::vector<UnitId>>& unit_of, const std::vector<std::uint32_t>& num_units) {
    EXPECTS(!unit_of.empty() && unit_of.size() == num_units.size());
    const std::size_t num_members = unit_of[0].size();
    std::vector<std::uint32_t> order(num_members);
    std::iota(order.begin(), order.end(), 0U);
    const auto compare = [&](std::uint32_t a, std::uint32_t b) {
        for (const auto& units : unit_of)
            if (units[a] != units[b]) return units[a] < units[b] ? -1 : 1;
        return 0;
    };
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; });

    Refinement result;
    result.class_of.resize(num_members);
    std::vector<std::uint32_t> sample;  // [class] one of its members
    for (std::size_t i = 0; i < num_members; ++i) {
        if (i == 0 || compare(order[i - 1], order[i]) != 0) sample.push_back(order[i]);
        result.class_of[order[i]] = static_cast<ClassId>(sample.size() - 1);
    }
    result.num_classes = static_cast<std::uint32_t>(sample.size());

    for (std::size_t f = 0; f < unit_of.size(); ++f) {
        std::vector<std::uint64_t> first(std::size_t{num_units[f]} + 1, 0);
        for (const auto member : sample)
            if (unit_of[f][member] != no_unit) ++first[unit_of[f][member] + 1];
        std::partial_sum(first.begin(), first.end(), first.begin());
        std::vector<ClassId> classes(first.back());
        std::vector<std::uint64_t> next = first;
        for (ClassId cls = 0; cls < sample.size(); ++cls)
            if (const UnitId unit = unit_of[f][sample[cls]]; unit != no_unit) classes[next[unit]++] = cls;
        result.first_class.push_back(std::move(first));
        result.classes.push_back(std::move(classes));
    }
    return result;
}

}  // namespace meterveil::prove
