// decode_file FOLDER FILE [key=value...]: what one file says, as a line of the conformance table (tests/golden/formats).
// Options: format, zone, clock (utc | local | +hh:mm), label, unit, interval, meter, channel, date_order, values, factor, decimal,
// register_digits, columns.NAME as in a job. Prints
// file,format,options,read,rows,wh_import,wh_export,superseded,refused   (refused: reason:count, or the error that rejects the file)
// or with readings=all every reading kept: meter,channel,start (UTC seconds),energy (nano-Wh)
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

#include "ingest/format.hpp"
#include "ingest/run_text.hpp"
#include "meterveil/core/integer.hpp"

namespace {

using namespace meterveil;

/// Keeps the newest statement of every interval; of equal versions the first.
class Table final : public ingest::Sink {
public:
    void take(const ingest::Statement& s) override {
        ++read;
        if (s.quality == model::Quality::missing) return count(model::Reason::missing);
        if (s.id.empty()) return count(model::Reason::malformed);
        if (s.energy_nwh == INT64_MAX) return count(model::Reason::out_of_range);  // beyond what a sum can hold
        const auto [known, is_new] = newest_.try_emplace({std::string(s.id), s.channel, s.start_s}, s.version, s.energy_nwh);
        if (is_new) return;
        if (known->second == std::pair(s.version, s.energy_nwh)) ++duplicate;
        else ++superseded;
        if (s.version > known->second.first) known->second = {s.version, s.energy_nwh};
    }
    void refuse(model::Reason reason, std::uint64_t, std::string_view) override {
        ++read;
        count(reason);
    }
    [[nodiscard]] std::int64_t wh(model::Channel channel) const {
        model::uint128 positive = 0, negative = 0;
        for (const auto& [key, value] : newest_) {
            if (std::get<1>(key) != channel) continue;
            (value.second < 0 ? negative : positive) += static_cast<model::uint128>(value.second < 0 ? -value.second : value.second);
        }
        constexpr std::uint64_t nano = 1'000'000'000;
        const bool below = negative > positive;
        const auto wh = static_cast<std::int64_t>(((below ? negative - positive : positive - negative) + nano / 2) / nano);
        return below ? -wh : wh;
    }
    [[nodiscard]] std::string refused() const {
        std::string text;
        for (std::size_t i = 0; i < counts_.size(); ++i)
            if (counts_[i] > 0) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", model::name_of(static_cast<model::Reason>(i)), counts_[i]);
        return duplicate > 0 ? text + fmt::format("{}duplicate:{}", text.empty() ? "" : " ", duplicate) : text;
    }
    [[nodiscard]] std::uint64_t rows() const { return newest_.size(); }
    void print() const {
        for (const auto& [key, value] : newest_) fmt::print("{},{},{},{}\n", std::get<0>(key), std::get<1>(key) == model::Channel::import ? "import" : "export", std::get<2>(key), value.second);
    }
    std::uint64_t read = 0, superseded = 0, duplicate = 0;

private:
    void count(model::Reason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
    std::map<std::tuple<std::string, model::Channel, std::int64_t>, std::pair<std::uint32_t, std::int64_t>> newest_;
    std::array<std::uint64_t, model::num_reasons> counts_{};
};

ingest::Source source_of(std::map<std::string, std::string>& told) {
    ingest::Source source;
    if (told.contains("format")) source.format = told["format"];
    if (told["clock"] == "local") source.clock.kind = ingest::Clock::Kind::local;
    else if (told["clock"].size() == 6) {
        source.clock.kind = ingest::Clock::Kind::fixed_offset;
        source.clock.offset_s = (told["clock"][0] == '-' ? -60 : 60) * (std::stoi(told["clock"].substr(1, 2)) * 60 + std::stoi(told["clock"].substr(4, 2)));
    }
    if (told["label"] == "end") source.label = ingest::Label::end;
    if (told["unit"].starts_with('W')) source.unit = ingest::EnergyUnit::wh;
    if (told["unit"].starts_with('M')) source.unit = ingest::EnergyUnit::mwh;
    source.is_power = told["unit"].ends_with('W');
    source.meter = told["meter"];
    source.factor = told["factor"];
    if (told["channel"] == "export") source.channel = model::Channel::export_;
    if (told.contains("date_order")) source.date_order = told["date_order"] == "month-day" ? ingest::DateOrder::month_first : ingest::DateOrder::day_first;
    if (told.contains("values")) source.values = told["values"] == "register" ? ingest::Values::registers : told["values"] == "net" ? ingest::Values::net : ingest::Values::interval;
    if (told.contains("decimal")) source.decimal_mark = told["decimal"][0];
    if (told.contains("register_digits")) source.register_digits = std::stoi(told["register_digits"]);
    ingest::Columns& c = source.columns;
    for (const auto& [key, column] : std::map<std::string, std::string*>{{"meter", &c.meter}, {"time", &c.time}, {"energy", &c.energy}, {"channel", &c.channel}, {"date", &c.date}, {"end", &c.end},
                                                                        {"export", &c.export_energy}, {"register", &c.register_name}, {"quality", &c.quality}, {"unit", &c.unit}, {"factor", &c.factor}})
        *column = told["columns." + key];
    if (told.contains("interval")) source.interval_s = model::parse_duration(told["interval"]).value().count();
    return source;
}

Result<std::string> decode(const std::string& path, std::map<std::string, std::string> told, Table& table) {
    TRY(const auto calendar, model::Calendar::make(told.contains("zone") ? told["zone"] : "UTC"));
    TRY(const std::string head, ingest::head_of_text(path));
    const ingest::Source source = source_of(told);
    TRY(const ingest::Format* const format, ingest::choose_format(source, head));
    model::Axis axis{model::Instant{}, std::chrono::minutes(30), UINT32_MAX};  // no row is outside
    TRY(auto decoder, format->open(head, {source, calendar, axis, 1, 2000000000}));
    if (const std::int64_t said = decoder->interval_s(); said > 0) {  // a job's axis is as fine as its finest source
        axis.length = std::chrono::seconds(std::gcd(said, axis.length.count()));
        TRY(decoder, format->open(head, {source, calendar, axis, 1, 2000000000}));
    }
    TRY(const auto text, ingest::open_text(path, ingest::whole_file, *format));
    for (io::TextBlock block;;) {
        TRY(const bool more, text->next(block));
        if (!more) break;
        TRY_DO(decoder->decode(block.text, block.is_first, table));
    }
    TRY_DO(decoder->finish(table));
    return std::string(format->name);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    std::map<std::string, std::string> told;
    std::string options;
    for (int i = 3; i < argc; ++i) {
        const std::string option = argv[i];
        told[option.substr(0, option.find('='))] = option.substr(option.find('=') + 1);
        options += (options.empty() ? "" : " ") + option;
    }
    Table table;
    const auto format = decode(std::string(argv[1]) + "/" + argv[2], told, table);
    if (!format.ok()) fmt::print("{},,{},,,,,,rejected: {}\n", argv[2], options, format.error().what);
    else if (told["readings"] == "all") table.print();
    else
        fmt::print("{},{},{},{},{},{},{},{},{}\n", argv[2], format.value(), options, table.read, table.rows(), table.wh(model::Channel::import),
                   table.wh(model::Channel::export_), table.superseded, table.refused());
}
