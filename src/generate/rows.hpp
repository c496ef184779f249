#pragma once
// Rows of readings as text: the kernel that makes a utility's files.

#include <cstdint>
#include <string>
#include <vector>

#include "generate/grid.hpp"
#include "generate/people.hpp"
#include "generate/premise.hpp"
#include "generate/weather.hpp"

namespace meterveil::generate {

/// All that a row depends on; the same on every rank.
struct World {
    Spec spec;
    model::Calendar calendar;
    model::Axis axis;
    std::vector<model::Date> holidays;  ///< of the span and the week after it
    std::vector<Moment> moments;        ///< [axis.count]
    Grid grid;
};

/// Pure. @errors usage: a share outside 0 .. 1, no meters, unknown zone, empty span, interval not a part of a day
Result<World> make_world(const Spec& spec);

inline constexpr std::string_view readings_header = "meter_id,timestamp,channel,kwh\n";

/// Appends the rows of a premise, in order of time; import before export. Pure. Rows that are sent
/// twice are appended to `resent` a second time. Gaps: runs of 1 to 23 intervals.
void append_rows(const World& world, const Premises& premises, std::uint32_t premise, std::string& text, std::string& resent);

}  // namespace meterveil::generate
