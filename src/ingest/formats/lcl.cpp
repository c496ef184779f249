// Low Carbon London: LCLid, [stdorToU,] time, energy of a half-hour in kWh. docs/formats/lcl.md

#include <algorithm>

#include "ingest/delimited.hpp"
#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

std::optional<Layout> layout_of(std::string_view head) {
    Layout layout;
    split(first_line(head), ',', layout.names);
    const auto find = [&](auto&& fits) -> std::optional<std::size_t> {
        const auto found = std::find_if(layout.names.begin(), layout.names.end(), [&](const std::string& name) { return fits(lower(name)); });
        if (found == layout.names.end()) return std::nullopt;
        return static_cast<std::size_t>(found - layout.names.begin());
    };
    const auto meter = find([](const std::string& name) { return name == "lclid"; });
    const auto time = find([](const std::string& name) { return name == "tstp" || name == "datetime"; });
    const auto energy = find([](const std::string& name) { return name == "energy(kwh/hh)" || name.starts_with("kwh/hh"); });
    if (!meter || !time || !energy) return std::nullopt;
    layout.meter = *meter;
    layout.time = *time;
    layout.energy = *energy;
    return layout;
}

Sniffed sniff(std::string_view head) {
    if (layout_of(head)) return {0.95, "the header has LCLid, a time and kWh of a half-hour"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    auto layout = layout_of(head);
    if (!layout) return Error{Code::input, "the header is not that of a Low Carbon London file", "", "columns: LCLid, tstp, energy(kWh/hh)"};
    return make_delimited(std::move(*layout), options);
}

}  // namespace

extern const Format lcl_format;
const Format lcl_format = {"lcl", "Low Carbon London half-hourly CSV", Blocks::lines, false, sniff, open};

}  // namespace meterveil::ingest
