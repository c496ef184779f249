// IEC 61968-9 MeterReadings, bare or in a message. What a value is, is in the 18 numbers of its ReadingType. docs/formats/cim-meter-readings.md

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <unordered_map>
#include <utility>

#include "ingest/timeline.hpp"
#include "ingest/xml_parts.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::string_view iec = "http://iec.ch/TC57/";

enum class Part : std::uint8_t {
    other, document, envelope, message, header, created, payload, readings, meter_reading, meter, meter_id, meter_names, meter_name, point, point_id,
    block, block_type, reading, reading_type, value, stamp, reported, quality, quality_type, period, period_start, period_end, count
};

const Grammar<Part>& grammar() {
    static const Grammar<Part> rules = {
        {Part::document, "", "MeterReadings", Part::readings},
        {Part::document, "", "Envelope", Part::envelope},
        {Part::document, "", "*", Part::message},
        {Part::envelope, "", "Body", Part::document},
        {Part::message, "", "Header", Part::header},
        {Part::message, "", "Payload", Part::payload},
        {Part::header, "", "Timestamp", Part::created},
        {Part::header, "", "createdDateTime", Part::created},
        {Part::payload, "", "MeterReadings", Part::readings},
        {Part::readings, "", "createdDateTime", Part::created},
        {Part::readings, "", "MeterReading", Part::meter_reading},
        {Part::meter_reading, "", "IntervalBlocks", Part::block},
        {Part::meter_reading, "", "Readings", Part::reading},
        {Part::meter_reading, "", "Meter", Part::meter},
        {Part::meter_reading, "", "UsagePoint", Part::point},
        {Part::meter, "", "mRID", Part::meter_id},
        {Part::meter, "", "Names", Part::meter_names},
        {Part::meter_names, "", "name", Part::meter_name},
        {Part::point, "", "mRID", Part::point_id},
        {Part::block, "", "IntervalReadings", Part::reading},
        {Part::block, "", "ReadingType", Part::block_type},
        {Part::reading, "", "timeStamp", Part::stamp},
        {Part::reading, "", "value", Part::value},
        {Part::reading, "", "reportedDateTime", Part::reported},
        {Part::reading, "", "ReadingType", Part::reading_type},
        {Part::reading, "", "timePeriod", Part::period},
        {Part::reading, "", "ReadingQualities", Part::quality},
        {Part::quality, "", "ReadingQualityType", Part::quality_type},
        {Part::period, "", "start", Part::period_start},
        {Part::period, "", "end", Part::period_end},
    };
    return rules;
}

/// Numbers with points between. @return how many; 0: something else
template <std::size_t N>
std::size_t numbers_of(std::string_view text, std::array<int, N>& numbers) {
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (count < N) {
        const auto read = std::from_chars(at, end, numbers[count]);
        if (read.ec != std::errc()) return 0;
        ++count;
        at = read.ptr;
        if (at == end) return count;
        if (*at++ != '.') return 0;
    }
    return 0;
}

/// The fields of a reading type that matter here.
/// @source IEC 61968-9:2013, Annex C
struct ReadingType {
    enum class Is : std::uint8_t { other, energy, energy_register } is = Is::other;
    Channel channel = Channel::import;
    bool has_direction = false, is_net = false;
    std::int64_t length_s = 0;  ///< measuring period; 0: none
    int multiplier = 0;         ///< power of ten of Wh
};

std::int64_t measuring_period_s(int code) {
    switch (code) {
        case 1: return 600;
        case 2: return 900;
        case 3: return 60;
        case 4: return 86400;
        case 5: return 1800;
        case 6: return 300;
        case 7: return 3600;
        case 10: return 120;
        case 14: return 180;
        case 31: return 1200;
        default: return 0;
    }
}

ReadingType reading_type_of(std::string_view code) {
    std::array<int, 18> field{};  // 0 macro period, 2 measuring period, 3 accumulation, 4 flow, 5 commodity, 6 kind, 15 multiplier, 16 unit
    ReadingType type;
    if (numbers_of(code, field) != field.size()) return type;
    const int accumulation = field[3], flow = field[4];
    const bool is_electricity = field[5] == 0 || field[5] == 1 || field[5] == 2, is_energy = (field[6] == 12 || field[6] == 0) && field[16] == 72;
    const bool is_interval = accumulation == 0 || accumulation == 4 || accumulation == 6;   // unstated, delta data, indicating
    const bool is_register = accumulation == 1 || accumulation == 3 || accumulation == 9;   // bulk quantity, cumulative, summation
    const bool is_one_way = flow == 0 || flow == 1 || flow == 4 || flow == 19;              // unstated, forward, net, reverse
    type.length_s = measuring_period_s(field[2]);
    if (type.length_s == 0 && field[0] == 11) type.length_s = 86400;                        // macro period: daily
    type.multiplier = field[15];
    type.is_net = flow == 4;
    type.has_direction = flow == 1 || flow == 19;
    type.channel = flow == 19 ? Channel::export_ : Channel::import;
    if (is_electricity && is_energy && is_one_way && is_interval) type.is = ReadingType::Is::energy;
    if (is_electricity && is_energy && is_one_way && is_register) type.is = ReadingType::Is::energy_register;
    return type;
}

/// "system.category.index" of a quality.
Quality quality_of(std::string_view code) {
    std::array<int, 3> field{};
    if (numbers_of(code, field) != field.size()) return Quality::measured;
    const int category = field[1], index = field[2];
    constexpr int known_missing = 259;
    switch (category) {
        case 5: return index == known_missing ? Quality::missing : Quality::measured;
        case 6: case 8: case 10: case 11: return Quality::estimated;  // failed validation, estimated, questionable, derived
        case 7: return Quality::substituted;                          // edited
        case 12: return Quality::missing;                             // projected: nobody measured it
        default: return Quality::measured;                            // valid, diagnostics, power quality, tamper, collection
    }
}

struct Reading {
    std::string stamp, period_start, period_end, value, type, row;
    Quality quality = Quality::measured;
    std::uint32_t version = 0;
};

/// A meter and a type; the number stays with them through the file.
struct Series {
    std::string id, code;
    ReadingType type;
    std::size_t number = 0;
    bool is_known = false;
};

/// A register as it was read last.
struct Register {
    std::int64_t at_s = std::numeric_limits<std::int64_t>::min(), nwh = 0;
    Quality quality = Quality::measured;
};

Source labelled_at_start(Source source) {
    source.label = Label::start;
    return source;
}

class CimMeterReadings final : public PartDecoder<Part> {
public:
    /// A stamp ends its interval, whatever the job says of labels: that is the standard's rule.
    explicit CimMeterReadings(const DecodeOptions& options)
        : PartDecoder(grammar()), options_(options), timeline_(labelled_at_start(options.source), options.calendar, options.axis) {}
    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"UsagePoint or Meter mRID: meter", "timeStamp: time, end of the interval", "value: energy",
                "ReadingType ref: unit, channel, interval", "ReadingQualityType ref: quality", "Timestamp or reportedDateTime: version"};
    }

private:
    static constexpr std::size_t max_waiting_bytes = std::size_t{64} << 20, max_series = 2'000'000;

    void opened(Part part, const xml::Attributes& attributes) override {
        switch (part) {
            case Part::meter_reading: meter_ = name_ = point_ = {}; break;
            case Part::block: block_type_ = {}; first_of_block_ = waiting_.size(); break;
            case Part::reading: reading_ = {}; begin_row(); break;
            case Part::block_type: block_type_ = attributes.find("ref"); break;
            case Part::reading_type: reading_.type = attributes.find("ref"); break;
            case Part::quality_type: reading_.quality = worse(reading_.quality, quality_of(attributes.find("ref"))); break;
            default: break;
        }
    }

    void closed(Part part, std::string_view text) override {
        switch (part) {
            case Part::created: version_ = version_of(text, options_.source.clock, options_.calendar); break;
            case Part::meter_id: meter_ = text; break;
            case Part::meter_name: if (name_.empty()) name_ = text; break;
            case Part::point_id: point_ = text; break;
            case Part::stamp: reading_.stamp = text; break;
            case Part::value: reading_.value = text; break;
            case Part::reported: reading_.version = version_of(text, options_.source.clock, options_.calendar); break;
            case Part::period_start: reading_.period_start = text; break;
            case Part::period_end: reading_.period_end = text; break;
            case Part::reading: close_reading(); break;
            case Part::block: close_block(); break;
            case Part::meter_reading: state_waiting(); break;
            default: break;
        }
    }

    /// Type and meter may come behind the readings.
    void close_reading() {
        reading_.row = end_row();
        if (reading_.version == 0) reading_.version = version_;
        waiting_bytes_ += sizeof(Reading) + reading_.row.size();
        waiting_.push_back(std::move(reading_));
        if (waiting_bytes_ > max_waiting_bytes) refuse("a MeterReading has more readings than 64 MiB hold", "split it by time");
    }

    void close_block() {
        for (std::size_t i = first_of_block_; i < waiting_.size(); ++i)
            if (waiting_[i].type.empty()) waiting_[i].type = block_type_;
    }

    void state_waiting() {
        waiting_bytes_ = 0;
        stated_.push_back(std::exchange(waiting_, {}));
        const std::string& id = !point_.empty() ? point_ : !meter_.empty() ? meter_ : name_;
        for (const Reading& reading : stated_.back()) state(id, reading);
    }

    void at_block() override { stated_.clear(); }

    void state(const std::string& id, const Reading& reading) {
        look_up(id, reading.type);
        const ReadingType& type = series_.type;
        if (type.is == ReadingType::Is::other) {
            remark("readings that are not active energy of one direction: they are not taken");
            return sink().refuse(Reason::other_quantity, 0, reading.row);
        }
        Statement s;
        s.id = id;
        s.channel = type.has_direction ? type.channel : options_.source.channel;
        s.quality = reading.quality;
        s.version = reading.version;
        s.text = reading.row;
        const auto energy = scaled_nwh(reading.value, type.multiplier);
        if (!set_time(reading, s)) return sink().refuse(Reason::bad_time, 0, reading.row);
        if (!energy && reading.quality != Quality::missing) return sink().refuse(Reason::bad_value, 0, reading.row);
        s.energy_nwh = energy.value_or(0);
        if (type.is == ReadingType::Is::energy_register) return state_difference(registers_[series_.number], s);
        if (type.is_net) set_direction_of_net(s);
        sink().take(s);
    }

    /// Mostly that of the reading before.
    void look_up(const std::string& id, const std::string& code) {
        if (id == series_.id && code == series_.code && series_.is_known) return;
        const std::size_t number = numbers_.try_emplace(id + '\n' + code, numbers_.size()).first->second;
        if (number >= max_series) refuse("the document has more than 2 million series");
        series_ = {id, code, reading_type_of(code), number, true};
    }

    bool set_time(const Reading& reading, Statement& s) {
        const bool has_period = !reading.period_start.empty() && !reading.period_end.empty();
        const auto from = parse_stamp(reading.period_start), to = parse_stamp(has_period ? reading.period_end : reading.stamp);
        if (!to || (has_period && !from)) return false;
        const auto end = timeline_.start_s(*to, series_.number), start = has_period ? timeline_.instant_s(*from) : end;
        if (!start || !end) return false;
        s.length_s = has_period ? *end - *start : series_.type.length_s > 0 ? series_.type.length_s : options_.source.interval_s;
        s.start_s = *end - s.length_s;
        return s.length_s > 0;
    }

    /// Of a register: what it counted since it was read a measuring period before.
    void state_difference(Register& before, Statement& s) {
        remark("cumulative registers: the energy between two of them that are one measuring period apart is taken");
        if (s.quality == Quality::missing) return sink().take(s);
        const Register now{s.start_s + s.length_s, s.energy_nwh, s.quality}, then = std::exchange(before, now);
        if (then.at_s != s.start_s) return sink().refuse(Reason::other_quantity, 0, s.text);
        s.energy_nwh -= then.nwh;
        s.quality = worse(now.quality, then.quality);
        sink().take(s);
    }

    /// Net: what is fed in is negative.
    void set_direction_of_net(Statement& s) {
        remark("net readings: positive ones are taken as import, negative ones as export");
        s.channel = s.energy_nwh < 0 ? Channel::export_ : Channel::import;
        s.energy_nwh = std::abs(s.energy_nwh);
    }

    DecodeOptions options_;
    Timeline timeline_;
    std::uint32_t version_ = 0;                ///< of the message
    std::string meter_, name_, point_;         ///< of the MeterReading that is open
    std::string block_type_;
    Reading reading_;
    std::vector<Reading> waiting_;
    std::size_t first_of_block_ = 0, waiting_bytes_ = 0;
    std::vector<std::vector<Reading>> stated_; ///< their rows are looked at until the next block of the file
    Series series_;                            ///< of the reading at hand
    std::unordered_map<std::string, std::size_t> numbers_;  ///< of all series
    std::unordered_map<std::size_t, Register> registers_;
};

Sniffed sniff(std::string_view head) {
    const auto root = xml::root_of(head);
    const bool is_iec = root && (root->space.starts_with(iec) || (root->local == "Envelope" && head.find(iec) != std::string_view::npos));
    if (is_iec && head.find("MeterReadings") != std::string_view::npos) return {0.95, "MeterReadings of IEC 61968-9"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    if (sniff(head).confidence == 0)
        return Error{Code::input, "the file has no MeterReadings of IEC 61968-9", "",
                     "root: MeterReadings, or a message with it; namespace " + std::string(iec) + "..."};
    auto decoder = std::make_unique<CimMeterReadings>(options);
    CimMeterReadings probe(options);
    decoder->set_interval_s(interval_in(probe, head));
    return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace

extern const Format cim_meter_readings_format;
const Format cim_meter_readings_format = {"cim-meter-readings", "IEC 61968-9 MeterReadings (CIM XML)", Blocks::bytes, true, sniff, open};

}  // namespace meterveil::ingest
