#pragma once
// A utility that changes: meters that come, go, move, are exchanged and corrected; feeders that get another name or are taken down.

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::sequences {

inline constexpr std::uint32_t intervals_per_month = 2;

/// A meter as it is at some time.
struct Meter {
    std::uint32_t leaf = 0, street = 0, tariff = 0, subject = 0;
    std::int32_t wh = 0;     ///< in each interval
    std::map<std::uint32_t, std::int32_t> corrected;  ///< by month: what corrections added to its second interval; another number is another version
    [[nodiscard]] std::int32_t extra(std::uint32_t month) const { return corrected.contains(month) ? corrected.at(month) : 0; }
};
using Meters = std::map<std::uint32_t, Meter>;  ///< by number

model::Pseudonym pseudonym(std::uint32_t number);

/// What a release is of: feeders; streets, which know nothing of them; or feeders that tariffs cross.
enum class Kind : std::uint8_t { feeders, streets, tariffs };

class World {
public:
    /// @param corrected_months corrections are of the first so many
    World(std::mt19937& random, std::uint32_t corrected_months);

    /// @param nobody_moves readings are corrected, and that is all
    void change(bool nobody_moves);

    [[nodiscard]] const model::Hierarchy& hierarchy(Kind kind) const { return hierarchies_[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] model::NodeId leaf_of(const Meter& meter, Kind kind) const;
    Meters meters;

private:
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
    void join(std::uint32_t leaf, std::uint32_t count);
    void exchange(std::uint32_t number);
    void rename(std::uint32_t leaf);
    void take_down(std::uint32_t leaf);
    void build_feeders();
    std::vector<std::uint32_t> some_of(std::uint32_t leaf, std::uint32_t count);

    std::mt19937& random_;
    model::Hierarchy hierarchies_[3];
    std::uint32_t corrected_months_, last_number_ = 0;
    std::vector<std::vector<std::string>> paths_;  ///< [leaf] ascending
};

}  // namespace meterveil::sequences
