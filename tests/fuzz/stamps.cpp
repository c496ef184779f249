// Time stamps: what is read can be written and read again, and lies on the axis or not for a reason.
#include <fmt/format.h>

#include <cstdint>

#include "ingest/timeline.hpp"
#include "property.hpp"

namespace {

using namespace meterveil;
using ingest::Clock;

/// The stamp's wall time in the plainest writing.
std::string written(std::int64_t wall_s) {
    const std::string text = model::format_instant(model::Instant(std::chrono::seconds(wall_s)));
    return text.substr(0, text.size() - 1);
}

void check_placing(const ingest::Stamp& stamp, Clock::Kind kind, ingest::Label label) {
    static const auto calendar = model::Calendar::make("Europe/London").value();
    static const auto axis = model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2014-01-01").value(), std::chrono::minutes(30)).value();
    ingest::Source source;
    source.clock = {kind, 3600};
    source.label = label;
    ingest::Timeline timeline(source, calendar, axis);
    const auto first = timeline.place(stamp, 1), second = timeline.place(stamp, 1);
    if (const auto* interval = std::get_if<std::uint32_t>(&first)) HOLDS(*interval < axis.count);
    HOLDS(!timeline.is_unique(stamp) || first == second);
    HOLDS(!timeline.is_stateless() || timeline.is_unique(stamp));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto stamp = ingest::parse_stamp(fuzz::text_of(data, size));
    if (!stamp) return 0;
    if (const auto again = ingest::parse_stamp(written(stamp->wall_s))) HOLDS(again->wall_s == stamp->wall_s && !again->offset_s);
    else HOLDS(stamp->wall_s > 253402300799 || stamp->wall_s < -62167219200);  // past four digits of a year
    for (const Clock::Kind kind : {Clock::Kind::utc, Clock::Kind::local, Clock::Kind::fixed_offset})
        for (const ingest::Label label : {ingest::Label::start, ingest::Label::end}) check_placing(*stamp, kind, label);
    return 0;
}
