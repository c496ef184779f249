// Many readings a row: by time of day, by instant or by meter. docs/formats/wide-csv.md

#include "ingest/wide.hpp"

namespace meterveil::ingest {
namespace {

Sniffed sniff(std::string_view head) {
    auto guess = wide_layout_of(head, {});
    return guess.ok() ? guess.value().sniffed : Sniffed{};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    TRY(auto guess, wide_layout_of(head, options.source.columns));
    if (guess.layout.shape != Shape::meters && !guess.layout.meter && options.source.meter.empty())
        return Error{Code::usage, "no column names the meter", "", "say which column does, columns = { meter = \"...\" }, or whose readings they are, meter = \"...\""};
    return make_wide(std::move(guess.layout), options);
}

}  // namespace

extern const Format wide_csv_format;
const Format wide_csv_format = {"wide-csv", "CSV with many readings a row: a column for each time of day, instant or meter", Blocks::lines, false, sniff, open};

}  // namespace meterveil::ingest
