// NEM12, interval data of the Australian market (AEMO MDFF). docs/formats/nem12.md
// @source AEMO, Meter Data File Format Specification NEM12 & NEM13

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "ingest/compact_time.hpp"
#include "ingest/fields.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::int64_t day_s = 86400, market_offset_s = 36000;  ///< the market's clock is UTC+10:00 all year
/// Days of registers held for one NMI: eleven years of one.
constexpr std::size_t most_days = 4096;
/// NMIs remembered for one file.
constexpr std::size_t most_nmis = std::size_t{1} << 21;

constexpr std::int64_t unreadable = INT64_MIN;      ///< in place of an energy
constexpr auto not_told = static_cast<Quality>(9);  ///< until the 400 records say

/// Fields of a record, one after another.
class Fields {
public:
    explicit Fields(std::string_view line) : rest_(line) {}
    /// False behind the last one.
    bool next(std::string_view& field) {
        if (is_done_) return false;
        const std::size_t comma = rest_.find(',');
        field = trimmed(rest_.substr(0, comma));
        is_done_ = comma == std::string_view::npos;
        if (!is_done_) rest_.remove_prefix(comma + 1);
        return true;
    }
    /// Empty behind the last one.
    std::string_view next() {
        std::string_view field;
        return next(field) ? field : std::string_view{};
    }

private:
    std::string_view rest_;
    bool is_done_ = false;
};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<unsigned> small_number(std::string_view text) {
    if (text.empty() || text.size() > 4 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    unsigned value = 0;
    for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

/// "A", "S14": a letter and a method of two digits at most. V: the 400 records say.
std::optional<Quality> parse_quality(std::string_view text) {
    if (text.empty() || text.size() > 3 || !std::all_of(text.begin() + 1, text.end(), is_digit)) return std::nullopt;
    switch (text[0]) {
        case 'A': return Quality::measured;
        case 'E': return Quality::estimated;
        case 'F': case 'S': return Quality::substituted;
        case 'N': return Quality::missing;
        case 'V': return not_told;
        default: return std::nullopt;
    }
}

std::optional<EnergyUnit> parse_unit(std::string_view text) {
    const std::string word = lower(text);
    if (word == "kwh") return EnergyUnit::kwh;
    if (word == "wh") return EnergyUnit::wh;
    if (word == "mwh") return EnergyUnit::mwh;
    return std::nullopt;
}

/// What a 200 record says of the 300 records that follow it.
struct Stream {
    std::uint32_t num_intervals = 0;  ///< of a day; 0: no 200 record, or one that cannot be used
    bool is_energy = false;           ///< active energy, taken from or given to the network
    EnergyUnit unit = EnergyUnit::kwh;
    Channel channel = Channel::import;
    unsigned register_number = 0;     ///< 1 of "E1"; letters from 10 on
};

std::optional<unsigned> register_number(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    if (is_letter(c)) return 10 + static_cast<unsigned>((c | 0x20) - 'a');
    return std::nullopt;
}

/// @param nmi set to the NMI. The suffix E1 is the energy that meter 1 took from the network, B1 what it gave; all others are
///   reactive energy, power, or check meters.
Stream parse_stream(Fields& fields, std::string_view& nmi) {
    Stream stream;
    nmi = fields.next();
    fields.next();  // configuration
    fields.next();  // register
    const std::string_view suffix = fields.next();
    fields.next();  // data stream of the market
    fields.next();  // serial number of the meter
    const auto unit = parse_unit(fields.next());
    const auto minutes = small_number(fields.next());
    if (nmi.empty() || suffix.empty() || !minutes || (*minutes != 5 && *minutes != 15 && *minutes != 30)) return stream;
    stream.num_intervals = 1440 / *minutes;
    const auto number = suffix.size() == 2 ? register_number(suffix[1]) : std::nullopt;
    stream.is_energy = unit && number && (suffix[0] == 'E' || suffix[0] == 'B');
    stream.channel = suffix[0] == 'B' ? Channel::export_ : Channel::import;
    stream.unit = unit.value_or(EnergyUnit::kwh);
    stream.register_number = number.value_or(0);
    return stream;
}

/// A day of one register.
struct Day {
    std::int64_t date_s = 0;     ///< midnight on the file's clock
    std::size_t values = 0;      ///< index of its first value
    std::uint64_t position = 0;  ///< of its 300 record in the file
    std::uint32_t version = 0, num_intervals = 0;
    Channel channel = Channel::import;
    unsigned register_number = 0;
    bool is_loser = false;       ///< a newer statement of the same register is there
};

struct Value {
    std::int64_t energy_nwh = 0;
    Quality quality = Quality::measured;
};

/// What an NMI had in the file before, of one channel.
struct Past {
    std::uint64_t registers = 0;  ///< bit set
    std::int64_t first_s = INT64_MAX, last_s = INT64_MIN;
};

Error wrong(std::string what) { return {Code::input, std::move(what), "", "ask for the file again, or leave it out"}; }

class Nem12 final : public Decoder {
public:
    Nem12(std::int64_t offset_s, std::int64_t interval_s) : offset_s_(offset_s), interval_s_(interval_s) {}

    Result<> decode(std::string_view block, bool is_first, Sink& sink) override {
        std::size_t begin = is_first && block.starts_with("\xef\xbb\xbf") ? 3 : 0;
        while (begin < block.size()) {
            const Line line = line_at(block, begin);
            offset_ = begin;
            if (trimmed(line.text).empty()) has_blank_lines_ = true;
            else TRY_DO(record(line.text, sink));
            begin = line.next;
        }
        block_begin_ += block.size();
        return {};
    }

    Result<> finish(Sink& sink) override {
        offset_ = 0;
        TRY_DO(close_day());
        if (num_headers_ > num_ends_) return wrong("the file has a header record (100) and no end record (900): it was cut off");
        flush(sink);
        return {};
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"NMI: meter",
                "NMI suffix: channel, register",
                "interval date and place in the record: time",
                "interval values: energy",
                "quality method: quality",
                "update date and time: version",
                "meter serial number, reasons: not read"};
    }

    [[nodiscard]] std::vector<std::string> remarks() const override {
        std::vector<std::string> said;
        const auto say = [&](bool is_so, const char* what) { if (is_so) said.emplace_back(what); };
        say(num_headers_ == 0, "no header record (100)");
        say(num_headers_ > 1, "several files one behind another");
        say(num_ends_ == 0, "no end record (900)");
        say(has_blank_lines_, "blank lines");
        say(num_days_ == 0, "no interval data");
        say(has_other_quantities_, "streams of other quantities than active energy, or of check meters: not used");
        say(has_sums_, "several registers of an NMI: added up");
        say(has_partial_sums_, "days on which an NMI has not all of its registers: the sum of those that are there");
        say(has_orders_, "numbers of service orders in 500 records: not read");
        say(has_unversioned_, "days without the time of their update");
        return said;
    }

    [[nodiscard]] std::int64_t interval_s() const override { return interval_s_; }

private:
    Result<> record(std::string_view line, Sink& sink) {
        Fields fields(line);
        const std::string_view kind = fields.next();
        if (kind == "400") return quality_record(fields, line, sink);
        TRY_DO(close_day());
        if (kind == "300") return day_record(fields, line, sink);
        if (kind == "500") {
            has_orders_ = true;
            return {};
        }
        if (kind == "200") return stream_record(fields, sink);
        if (kind == "100" || kind == "900") return frame_record(kind, fields, sink);
        sink.refuse(Reason::malformed, offset_, line);  // also what is left of a record that was broken up
        return {};
    }

    Result<> frame_record(std::string_view kind, Fields& fields, Sink& sink) {
        flush(sink);
        stream_ = {};
        expects_quality_ = false;
        if (kind == "900") {
            num_ends_ = std::max(num_ends_ + 1, num_headers_);
            return {};
        }
        ++num_headers_;
        if (lower(fields.next()) != "nem12") return wrong("a header record (100) says another format than NEM12");
        file_version_ = version_of(fields.next());
        return {};
    }

    Result<> stream_record(Fields& fields, Sink& sink) {
        std::string_view nmi;
        stream_ = parse_stream(fields, nmi);
        expects_quality_ = false;
        if (nmi != nmi_) {
            flush(sink);
            nmi_ = nmi;
        }
        return {};
    }

    /// 300, date, values, quality, reason, its description, update, load
    Result<> day_record(Fields& fields, std::string_view line, Sink& sink) {
        expects_quality_ = true;
        const auto refuse = [&](Reason reason) -> Result<> {
            sink.refuse(reason, offset_, line);
            return {};
        };
        if (stream_.num_intervals == 0) return refuse(Reason::malformed);
        const std::string_view date = fields.next();
        const Fields behind_date = fields;
        cells_.resize(stream_.num_intervals);
        std::size_t num_cells = 0;
        while (num_cells < cells_.size() && fields.next(cells_[num_cells])) ++num_cells;
        const auto quality = num_cells == cells_.size() ? parse_quality(fields.next()) : std::nullopt;
        if (!quality) {
            TRY_DO(check_count(behind_date));
            return refuse(Reason::malformed);
        }
        ++num_days_;
        const auto date_s = date.size() == 8 ? parse_compact(date) : std::nullopt;
        if (!date_s) return refuse(Reason::bad_time);
        if (!stream_.is_energy) {
            has_other_quantities_ = true;
            for (std::size_t i = 0; i < cells_.size(); ++i) sink.refuse(Reason::other_quantity, offset_, {});
            return {};
        }
        if (days_.size() == most_days) flush(sink);
        open_day(*date_s, *quality, fields);
        return {};
    }

    /// A record that holds the values of another interval length belies its 200 record: then nothing of the file can be believed.
    [[nodiscard]] Result<> check_count(Fields fields) const {
        std::size_t count = 0;
        std::string_view field;
        while (fields.next(field) && (field.empty() || !is_letter(field[0]))) ++count;
        const bool is_other_length = count == 48 || count == 96 || count == 288;
        if (!is_other_length || count == stream_.num_intervals) return {};
        return wrong(fmt::format("a 300 record has {} values where the interval length of its 200 record asks for {}", count, stream_.num_intervals));
    }

    void open_day(std::int64_t date_s, Quality quality, Fields& fields) {
        fields.next();  // reason
        fields.next();  // its description
        Day day{date_s,
                values_.size(),
                block_begin_ + offset_,
                version_of(fields.next()),
                stream_.num_intervals,
                stream_.channel,
                stream_.register_number,
                false};
        if (day.version == 0) day.version = version_of(fields.next());
        has_unversioned_ = has_unversioned_ || day.version == 0;
        if (day.version == 0) day.version = file_version_;
        for (const std::string_view cell : cells_) values_.push_back({to_nwh(cell, stream_.unit).value_or(unreadable), quality});
        days_.push_back(day);
        is_open_ = quality == not_told;
        num_told_ = 0;
    }

    /// 400, first interval, last interval, quality, reason, its description
    Result<> quality_record(Fields& fields, std::string_view line, Sink& sink) {
        if (!is_open_) {  // of a day that was not taken, or of one that has its quality
            if (!expects_quality_) sink.refuse(Reason::malformed, offset_, line);
            return {};
        }
        const auto first = small_number(fields.next()), last = small_number(fields.next());
        const auto quality = parse_quality(fields.next());
        const Day& day = days_.back();
        if (!first || !last || !quality || *quality == not_told || *first != num_told_ + 1 || *last < *first || *last > day.num_intervals)
            return wrong("400 records do not follow one another over the intervals of their day");
        for (; num_told_ < *last; ++num_told_) values_[day.values + num_told_].quality = *quality;
        return {};
    }

    Result<> close_day() {
        if (std::exchange(is_open_, false) && num_told_ != days_.back().num_intervals)
            return wrong(
                fmt::format("400 records cover {} of the {} intervals that the 200 record's interval length makes",
                            num_told_, days_.back().num_intervals));
        return {};
    }

    /// States the days of an NMI.
    void flush(Sink& sink) {
        if (days_.empty()) return;
        std::stable_sort(days_.begin(), days_.end(), [](const Day& a, const Day& b) {
            return std::tuple(a.channel, a.date_s, a.register_number, a.version) < std::tuple(b.channel, b.date_s, b.register_number, b.version);
        });
        for (std::size_t begin = 0; begin < days_.size();) {
            std::size_t end = begin;
            while (end < days_.size() && days_[end].channel == days_[begin].channel) ++end;
            flush_channel(begin, end, sink);
            begin = end;
        }
        days_.clear();
        values_.clear();
    }

    void flush_channel(std::size_t first, std::size_t last, Sink& sink) {
        Past now;
        for (std::size_t i = first; i < last; ++i) {
            now.registers |= std::uint64_t{1} << days_[i].register_number;
            now.first_s = std::min(now.first_s, days_[i].date_s);
            now.last_s = std::max(now.last_s, days_[i].date_s);
        }
        const bool is_known = remember(days_[first].channel, now);
        for (std::size_t begin = first; begin < last;) {
            std::size_t end = begin;
            std::uint64_t registers = 0;
            for (; end < last && days_[end].date_s == days_[begin].date_s; ++end) registers |= std::uint64_t{1} << days_[end].register_number;
            if (!is_known) for (std::size_t i = begin; i < end; ++i) refuse_day(days_[i], sink);
            else if ((registers & (registers - 1)) == 0) for (std::size_t i = begin; i < end; ++i) state_day(days_[i], sink);
            else state_sum(begin, end, sink);
            has_partial_sums_ = has_partial_sums_ || registers != now.registers;
            begin = end;
        }
    }

    /// False if the NMI came before with other registers for some of these days: their sum cannot be made any more.
    bool remember(Channel channel, const Past& now) {
        if (past_.size() == most_nmis && !past_.contains(nmi_)) return true;  // no file of the market has as many
        Past& past = past_[nmi_][channel == Channel::export_ ? 1 : 0];
        const bool is_known = past.registers == 0 || past.registers == now.registers || now.first_s > past.last_s || now.last_s < past.first_s;
        past.registers |= now.registers;
        past.first_s = std::min(past.first_s, now.first_s);
        past.last_s = std::max(past.last_s, now.last_s);
        return is_known;
    }

    void state_day(const Day& day, Sink& sink) const { state(day, day.version, &values_[day.values], sink); }

    void refuse_day(const Day& day, Sink& sink) const {
        for (std::size_t i = 0; i < day.num_intervals; ++i) sink.refuse(Reason::conflict, offset_of(day), {});
    }

    /// Several registers of one day: the newest statement of each, added up.
    void state_sum(std::size_t begin, std::size_t end, Sink& sink) {
        bool is_conflict = false;
        for (std::size_t i = begin; i + 1 < end; ++i) {
            const Day& newer = days_[i + 1];
            days_[i].is_loser = newer.register_number == days_[i].register_number;
            is_conflict = is_conflict || newer.num_intervals != days_[i].num_intervals ||
                          (days_[i].is_loser && newer.version == days_[i].version && !is_same(days_[i], newer));
        }
        Day sum = days_[end - 1];
        sums_.assign(sum.num_intervals, {});
        for (std::size_t i = begin; i < end; ++i) {
            const Day& day = days_[i];
            if (is_conflict || day.is_loser) {
                refuse_day(day, sink);
                continue;
            }
            sum.version = std::max(sum.version, day.version);
            sum.position = std::min(sum.position, day.position);
            for (std::size_t k = 0; k < sums_.size(); ++k) add(values_[day.values + k], sums_[k]);
        }
        has_sums_ = true;
        if (!is_conflict) state(sum, sum.version, sums_.data(), sink);
    }

    [[nodiscard]] bool is_same(const Day& a, const Day& b) const {
        const auto equal = [](const Value& x, const Value& y) { return x.energy_nwh == y.energy_nwh; };
        return std::equal(values_.begin() + static_cast<std::ptrdiff_t>(a.values),
                          values_.begin() + static_cast<std::ptrdiff_t>(a.values + a.num_intervals),
                          values_.begin() + static_cast<std::ptrdiff_t>(b.values), equal);
    }

    /// A sum is as good as the worst of its parts, and negative if one of them is.
    static void add(const Value& part, Value& sum) {
        sum.quality = std::max(sum.quality, part.quality);
        if (sum.energy_nwh < 0) sum.energy_nwh = std::min(sum.energy_nwh, part.energy_nwh);
        else if (part.energy_nwh < 0) sum.energy_nwh = part.energy_nwh;
        else if (__builtin_add_overflow(sum.energy_nwh, part.energy_nwh, &sum.energy_nwh)) sum.energy_nwh = INT64_MAX;
    }

    void state(const Day& day, std::uint32_t version, const Value* values, Sink& sink) const {
        Statement statement;
        statement.id = nmi_;
        statement.channel = day.channel;
        statement.version = version;
        statement.offset = offset_of(day);
        statement.length_s = day_s / day.num_intervals;
        statement.start_s = day.date_s - offset_s_;
        for (std::size_t i = 0; i < day.num_intervals; ++i, statement.start_s += statement.length_s) {
            const Value& value = values[i];
            statement.quality = value.quality;
            statement.energy_nwh = value.energy_nwh == unreadable ? 0 : value.energy_nwh;
            if (value.energy_nwh == unreadable && value.quality != Quality::missing) sink.refuse(Reason::bad_value, statement.offset, {});
            else sink.take(statement);
        }
    }

    /// Of the day's record in this block; of one in an earlier block, 0.
    [[nodiscard]] std::uint64_t offset_of(const Day& day) const { return day.position > block_begin_ ? day.position - block_begin_ : 0; }

    std::int64_t offset_s_, interval_s_;
    std::uint64_t block_begin_ = 0, offset_ = 0;  ///< of the block in the file, of the record in the block
    std::string nmi_;
    Stream stream_;
    std::vector<std::string_view> cells_;         ///< of a record
    std::vector<Day> days_;                       ///< of the NMI
    std::vector<Value> values_, sums_;            ///< of the days
    bool is_open_ = false;                        ///< the last day's quality is not told yet
    bool expects_quality_ = false;                ///< there is a 300 record for the 400 records to follow
    unsigned num_told_ = 0;
    std::uint32_t file_version_ = 0;
    std::unordered_map<std::string, std::array<Past, 2>> past_;
    std::uint64_t num_headers_ = 0, num_ends_ = 0, num_days_ = 0;
    bool has_blank_lines_ = false, has_other_quantities_ = false, has_sums_ = false, has_partial_sums_ = false,
         has_orders_ = false, has_unversioned_ = false;
};

/// First line that is not blank.
std::string_view first_record(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    return trimmed(head).substr(0, trimmed(head).find_first_of("\r\n"));
}

/// Seconds that the intervals of all 200 records here are multiples of; 0: there is none that can be read.
std::int64_t interval_of(std::string_view head) {
    std::int64_t interval_s = 0;
    for_each_line(head, [&](std::string_view line, std::size_t) {
        Fields fields(line);
        std::string_view nmi;
        if (fields.next() != "200") return;
        const Stream stream = parse_stream(fields, nmi);
        if (stream.num_intervals != 0) interval_s = std::gcd(interval_s, day_s / stream.num_intervals);
    });
    return interval_s;
}

Sniffed sniff(std::string_view head) {
    const std::string_view record = first_record(head);
    Fields fields(record);
    const std::string_view kind = fields.next();
    std::string_view nmi;
    if (kind == "100" && lower(fields.next()) == "nem12") return {0.98, "the header record says NEM12"};
    if (kind == "200" && parse_stream(fields, nmi).num_intervals != 0) return {0.9, "the first record is a 200 of an NMI and an interval length"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    const Clock& clock = options.source.clock;
    const std::int64_t offset_s = clock.kind == Clock::Kind::fixed_offset ? clock.offset_s : market_offset_s;
    return std::unique_ptr<Decoder>(std::make_unique<Nem12>(offset_s, interval_of(head)));
}

}  // namespace

extern const Format nem12_format;
const Format nem12_format = {"nem12", "AEMO NEM12 interval data", Blocks::ordered_lines, true, sniff, open};

}  // namespace meterveil::ingest
