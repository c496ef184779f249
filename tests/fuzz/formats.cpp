// Interval data in every format of the table: any bytes are rows or rows set aside, wherever the blocks end.
#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "ingest/delimited.hpp"
#include "ingest/fields.hpp"
#include "ingest/format.hpp"
#include "ingest/wide.hpp"
#include "lane_ids.hpp"
#include "property.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::size_t head_bytes = 65536;

DecodeOptions options(Clock::Kind clock, Label label, std::int32_t quantum_wh, std::int64_t max_wh) {
    const auto calendar = model::Calendar::make("Europe/London").value();
    const auto axis = model::make_axis(calendar, model::parse_date("2013-10-26").value(), model::parse_date("2013-10-29").value(), std::chrono::minutes(30)).value();
    Source source;
    source.clock.kind = clock;
    source.label = label;
    if (label == Label::end) {  // and more of what a job may say
        source.meter = "m";
        source.factor = "-0.1";
        source.register_digits = 5;
        source.date_order = DateOrder::month_first;
    }
    return {source, calendar, axis, quantum_wh, max_wh};
}

/// What a text means, however it was cut.
struct Rows {
    std::vector<std::tuple<std::string, unsigned, unsigned, std::int32_t, std::uint64_t>> readings;  ///< id, interval, channel, quanta, offset
    std::vector<std::tuple<model::Reason, std::uint64_t, std::string>> set_aside;
    model::RowAccount account;
    bool is_refused = false;
    bool operator==(const Rows&) const = default;
};

/// Where a reading stands is told for formats of lines that mean the same alone; elsewhere its text may begin in an earlier block.
void add(const BatchSink& sink, std::string_view block, std::uint64_t offset, Blocks blocks, const DecodeOptions& asked, testing::LaneIds& ids, Rows& rows) {
    const bool of_lines = blocks == Blocks::lines;
    const auto& batch = sink.batch();
    ids.learn(batch);
    std::size_t parts = 0;
    HOLDS(batch.account.num_quarantined() == sink.set_aside().size());
    HOLDS(batch.offsets.size() == batch.rows.size());
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        const auto& r = batch.rows[i];
        parts += r.is_part;
        HOLDS(ids.knows(r.who));
        HOLDS(r.interval < asked.axis.count);
        HOLDS(r.quanta >= 0 && r.quanta <= asked.max_wh / asked.energy_quantum_wh);
        HOLDS(!of_lines || batch.offsets[i] < block.size());
        rows.readings.emplace_back(ids[r.who], r.interval, r.channel, r.quanta, of_lines ? offset + batch.offsets[i] : 0);
    }
    HOLDS(batch.account.read == batch.rows.size() - parts + batch.account.num_quarantined());
    for (const SetAside& s : sink.set_aside()) {
        HOLDS(!of_lines || s.line.empty() || (s.offset < block.size() && block.substr(s.offset, s.line.size()) == s.line));
        rows.set_aside.emplace_back(s.reason, of_lines ? offset + s.offset : 0, of_lines ? s.line : "");
    }
    rows.account += batch.account;
}

/// Decodes `text` in blocks that end at the cuts or, for a format of lines, at the line ends at or after them.
Rows decode(Decoder& decoder, std::string_view text, std::vector<std::size_t> cuts, Blocks blocks, const DecodeOptions& asked) {
    Rows rows;
    BatchSink sink(asked);
    testing::LaneIds ids;
    cuts.push_back(text.size());
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
        if (cut < begin) continue;
        const std::size_t line_end = blocks != Blocks::bytes ? text.find('\n', cut) : cut - 1;
        const std::size_t end = line_end == std::string_view::npos ? text.size() : std::min(line_end + 1, text.size());
        sink.clear();
        const std::string_view block = text.substr(begin, end - begin);
        rows.is_refused = !decoder.decode(block, begin == 0, sink).ok();
        add(sink, block, begin, blocks, asked, ids, rows);
        if (rows.is_refused) return rows;
        begin = end;
    }
    sink.clear();
    rows.is_refused = !decoder.finish(sink).ok();
    add(sink, {}, text.size(), blocks, asked, ids, rows);
    return rows;
}

void check_format(const Format& format, std::string_view text, const DecodeOptions& asked) {
    const std::string_view head = text.substr(0, head_bytes);
    const double confidence = format.sniff(head).confidence;
    HOLDS(confidence >= 0 && confidence <= 1);
    const auto open = [&] { return format.open(head, asked); };
    auto decoder = open();
    if (!decoder.ok()) {
        HOLDS(!decoder.error().what.empty());
        return;
    }
    const Rows whole = decode(*decoder.value(), text, {}, format.blocks, asked);
    const std::size_t cut = 1 + fuzz::choice(text, text.size());
    const Rows pieces = decode(*open().value(), text, {(cut + 1) / 2, cut}, format.blocks, asked);
    HOLDS(pieces.is_refused == whole.is_refused);
    HOLDS(whole.is_refused || pieces == whole);
}

/// The quick ways and the plain way read the same.
void check_shortcuts(std::string_view text, bool has_channel, const DecodeOptions& asked) {
    Layout layout;
    layout.delimiter = delimiter_of(first_line(text));
    layout.time = 1;
    layout.energy = 2;
    if (has_channel) layout.channel = 3;
    HOLDS(decode(*make_delimited(layout, asked, true), text, {}, Blocks::lines, asked) == decode(*make_delimited(layout, asked, false), text, {}, Blocks::lines, asked));
}

void check_wide_shortcuts(std::string_view text, const DecodeOptions& asked) {
    const auto guess = wide_layout_of(text.substr(0, head_bytes), {});
    if (!guess.ok()) return;
    HOLDS(decode(*make_wide(guess.value().layout, asked, true), text, {}, Blocks::lines, asked) == decode(*make_wide(guess.value().layout, asked, false), text, {}, Blocks::lines, asked));
}

}  // namespace
}  // namespace meterveil::ingest

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meterveil::ingest;
    static const DecodeOptions all[] = {options(Clock::Kind::utc, Label::start, 1, 5000), options(Clock::Kind::local, Label::end, 1000000, 2000000000)};
    const std::string_view text = meterveil::fuzz::text_of(data, size);
    for (const DecodeOptions& asked : all) {
        for (const Format& format : formats()) check_format(format, text, asked);
        check_shortcuts(text, false, asked);
        check_shortcuts(text, true, asked);
        check_wide_shortcuts(text, asked);
    }
    return 0;
}
