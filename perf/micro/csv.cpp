// How many rows a second does one thread decode, and how far is that from looking for line ends alone?
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "ingest/delimited.hpp"
#include "ingest/format.hpp"
#include "ingest/wide.hpp"
#include "limits.hpp"

namespace {

using namespace meterveil;

constexpr std::uint32_t meters = 64, days = 60, intervals = days * 48;

/// Rows as `meterveil generate` writes them: a meter after the other, one block.
std::string rows() {
    const auto start = model::parse_date("2013-01-01").value();
    std::string text;
    for (std::uint32_t meter = 0; meter < meters; ++meter)
        for (std::uint32_t t = 0; t < intervals; ++t)
            text += fmt::format("1{:012},{},import,{}.{:03}\n", 382199104637U + meter * 7919ULL, model::format_instant(start + std::chrono::minutes(30 * t)),
                                t % 3, (meter * 31 + t * 7) % 1000);
    return text;
}

ingest::DecodeOptions options() {
    const auto start = model::parse_date("2013-01-01").value();
    return {{}, model::Calendar::make("UTC").value(), {start, std::chrono::minutes(30), intervals}, 1, 50000};
}

void decode(benchmark::State& state, bool use_shortcuts) {
    const std::string text = rows();
    const ingest::Layout layout{',', 0, 1, 3, 2, ingest::EnergyUnit::kwh, {"meter_id", "timestamp", "channel", "kwh"}};
    const auto decoder = ingest::make_delimited(layout, options(), use_shortcuts);
    ingest::BatchSink sink(options());
    for ([[maybe_unused]] auto _ : state) {
        sink.clear();
        if (!decoder->decode(text, false, sink).ok() || sink.batch().rows.size() != std::size_t{meters} * intervals) state.SkipWithError("rows were lost");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * meters * intervals);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

/// The same readings as days of NEM12: a meter after the other, one block.
std::string days_of_nem12() {
    std::string text = "100,NEM12,201303010000,MDP,RETAILER\n";
    for (std::uint32_t meter = 0; meter < meters; ++meter) {
        text += fmt::format("200,6{:09},E1,E1,E1,N1,SERIAL,kWh,30,\n", 100000007U + meter * 7919U);
        for (std::uint32_t day = 0; day < days; ++day) {
            const auto date = model::parse_date("2013-01-01").value() + std::chrono::days(day);
            const std::string written = model::format_date(date);
            text += fmt::format("300,{}{}{}", written.substr(0, 4), written.substr(5, 2), written.substr(8, 2));
            for (std::uint32_t t = 0; t < 48; ++t) text += fmt::format(",{}.{:03}", t % 3, (meter * 31 + t * 7) % 1000);
            text += ",A,,,20130301000000,\n";
        }
    }
    return text + "900\n";
}

void decode_nem12(benchmark::State& state) {
    const std::string text = days_of_nem12();
    auto asked = options();
    asked.source.clock = {ingest::Clock::Kind::fixed_offset, 0};
    asked.source.format = "nem12";
    const auto format = ingest::choose_format(asked.source, text).value();
    ingest::BatchSink sink(asked);
    for ([[maybe_unused]] auto _ : state) {
        const auto decoder = format->open(text.substr(0, 4096), asked).value();
        sink.clear();
        if (!decoder->decode(text, true, sink).ok() || sink.batch().rows.size() != std::size_t{meters} * intervals) state.SkipWithError("rows were lost");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * meters * intervals);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

/// The same readings, a meter and day a row.
std::string wide_rows() {
    const auto start = model::parse_date("2013-01-01").value();
    std::string text = "meter_id,date";
    for (int i = 0; i < 48; ++i) text += fmt::format(",{:02}:{:02}", i / 2, i % 2 * 30);
    text += '\n';
    for (std::uint32_t meter = 0; meter < meters; ++meter)
        for (std::uint32_t day = 0; day < days; ++day) {
            text += fmt::format("1{:012},{}", 382199104637U + meter * 7919ULL, model::format_date(start + std::chrono::days(day)));
            for (std::uint32_t t = day * 48; t < day * 48 + 48; ++t) text += fmt::format(",{}.{:03}", t % 3, (meter * 31 + t * 7) % 1000);
            text += '\n';
        }
    return text;
}

void decode_wide(benchmark::State& state, bool use_shortcuts) {
    const std::string text = wide_rows();
    const auto decoder = ingest::make_wide(ingest::wide_layout_of(text.substr(0, 65536), {}).value().layout, options(), use_shortcuts);
    ingest::BatchSink sink(options());
    for ([[maybe_unused]] auto _ : state) {
        sink.clear();
        if (!decoder->decode(text, true, sink).ok() || sink.batch().rows.size() != std::size_t{meters} * intervals) state.SkipWithError("rows were lost");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * meters * intervals);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    meterveil::perf::register_newline_scan("limit/newline_scan");
    benchmark::RegisterBenchmark("csv/decode", decode, true)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("csv/decode_reference", decode, false)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("nem12/decode", decode_nem12)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("csv/decode_wide", decode_wide, true)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("csv/decode_wide_reference", decode_wide, false)->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
}
