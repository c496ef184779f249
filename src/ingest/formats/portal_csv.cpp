// Exports of customer portals, apps and loggers. docs/formats/portal-csv.md

#include "ingest/portal.hpp"

namespace meterveil::ingest {
namespace {

Sniffed sniff(std::string_view head) {
    const auto guess = portal_layout_of(head, Source{});
    if (guess.ok()) return guess.value().sniffed;
    if (guess.error().code == Code::usage) return {0.6, "a table with a time and an energy; the job has to say more"};
    return {};
}

/// What the head leaves open, the job has to say.
Result<> check_told(const PortalLayout& layout, const Source& source) {
    if (!layout.meter && layout.meter_above.empty() && source.meter.empty())
        return Error{Code::usage, "nothing in the file names the meter", "",
                     "say whose the readings are: meter = \"...\", or which column it is: columns = { meter = \"...\" }"};
    if (!layout.is_order_told)
        return Error{Code::usage, "its dates could have the day or the month first", "",
                     "say which: date_order = \"day-month\" or date_order = \"month-day\""};
    if (!layout.style.is_told)
        return Error{Code::usage, "the mark in its numbers could be that of decimals or of thousands", "",
                     "say which marks decimals: decimal = \",\" or decimal = \".\""};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    TRY(auto guess, portal_layout_of(head, options.source));
    TRY_DO(check_told(guess.layout, options.source));
    return make_portal(std::move(guess.layout), options);
}

}  // namespace

extern const Format portal_csv_format;
const Format portal_csv_format = {"portal-csv",
                                  "exports of customer portals, apps and loggers: intervals or counters, with or without a header",
                                  Blocks::ordered_lines,
                                  false,
                                  sniff,
                                  open};

}  // namespace meterveil::ingest
