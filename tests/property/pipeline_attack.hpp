#pragma once
// Published sums attacked by hand: all small combinations of those of the same months, and who came or went between two periods.

#include <cstdint>
#include <map>
#include <random>
#include <unordered_map>
#include <vector>

#include "meterveil/model/partition.hpp"
#include "pipeline_world.hpp"

namespace meterveil::sequences {

inline constexpr std::uint32_t least_subjects = 3;
inline constexpr double most_of_one = 0.6;

struct Period {
    std::uint32_t first = 1, length = 1;  ///< months
    bool operator==(const Period&) const = default;
    [[nodiscard]] std::uint32_t end() const { return first + length; }
    [[nodiscard]] bool has(std::uint32_t month) const { return month >= first && month < end(); }
};

/// What was published, as the test knows it.
struct Published {
    Period period;
    Kind kind = Kind::feeders;
    Meters meters;                                     ///< those in a sum
    std::map<std::uint32_t, model::AtomId> atom;       ///< by meter
    std::vector<model::Unit> units;

    [[nodiscard]] std::int64_t energy(std::uint32_t meter) const {
        const Meter& m = meters.at(meter);
        std::int64_t energy = std::int64_t{m.wh} * period.length * intervals_per_month;
        for (std::uint32_t month = period.first; month < period.first + period.length; ++month) energy += m.extra(month);
        return energy;
    }
    bool operator==(const Published& other) const { return period == other.period && kind == other.kind && atom == other.atom && energies() == other.energies(); }
    [[nodiscard]] std::vector<std::int64_t> energies() const {
        std::vector<std::int64_t> all;
        for (const auto& [number, meter] : meters) all.push_back(energy(number));
        return all;
    }
};

using Energies = std::map<std::uint32_t, std::int64_t>;  ///< by subject

/// Whether a set is too small, or one has too much of it. @param most share that one may have
bool fails(const Energies& energies, double most);

/// All small combinations of the atoms of several releases in one month. A unit is a sum of atoms.
class Attack {
public:
    /// @param month whose corrections are seen; 0: an interval that none touched
    Attack(const std::vector<const Published*>& releases, std::uint32_t month, double most);

    /// Whether every row is combined with every other; else those of a random choice.
    [[nodiscard]] bool is_exhaustive() const { return rows_.size() <= most_rows; }

    [[nodiscard]] bool succeeds(std::mt19937& random);

private:
    static constexpr std::size_t most_rows = 9;

    bool combine(std::size_t row, std::size_t num_rows, int most, std::vector<int>& sum);
    bool leaks(const std::vector<int>& sum);

    double most_;
    std::vector<Energies> classes_;
    std::vector<std::vector<std::uint32_t>> rows_;  ///< [row] its classes
    std::unordered_map<std::uint64_t, bool> known_;
};

/// Whether of some node that both periods published somebody joined or left without passing, nor hidden among those who were in both.
bool tells_who_came(const Published& then, const Published& now, double most);

}  // namespace meterveil::sequences
