// MSCONS, metered values of the German and Swiss markets as UN/EDIFACT. docs/formats/mscons.md
// @source ISO 9735 (syntax); BDEW, MSCONS message implementation guide 2.4c; UN/EDIFACT D.99A and D.04B

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "ingest/compact_time.hpp"
#include "ingest/fields.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::size_t longest_segment = 8192;

/// The characters that a UNA segment may set.
struct Syntax {
    char component = ':', element = '+', decimal = '.', release = '?', terminator = '\'';
};

/// One segment, cut into elements and components. A component that is not there is empty.
class Segment {
public:
    /// @param raw without its terminator, with release characters
    void assign(std::string_view raw, const Syntax& syntax) {
        text_.clear();
        parts_.assign(1, {0, 0, 0, 0});
        for (std::size_t i = 0; i < raw.size(); ++i) {
            const char c = raw[i];
            if (c == syntax.release && i + 1 < raw.size()) text_ += raw[++i];
            else if (c == syntax.element) begin_part(parts_.back().element + 1, 0);
            else if (c == syntax.component) begin_part(parts_.back().element, parts_.back().component + 1);
            else text_ += c;
        }
        parts_.back().end = text_.size();
    }

    [[nodiscard]] std::string_view part(std::size_t element, std::size_t component = 0) const {
        for (const Part& part : parts_)
            if (part.element == element && part.component == component) return std::string_view(text_).substr(part.begin, part.end - part.begin);
        return {};
    }
    [[nodiscard]] std::string_view tag() const { return part(0); }
    [[nodiscard]] std::size_t num_elements() const { return parts_.back().element + 1; }

private:
    struct Part {
        std::size_t element, component, begin, end;
    };
    void begin_part(std::size_t element, std::size_t component) {
        parts_.back().end = text_.size();
        parts_.push_back({element, component, text_.size(), text_.size()});
    }

    std::string text_;
    std::vector<Part> parts_;
};

/// What a value is, by its OBIS code: "1-1:1.29.0" is the energy of each interval taken from the network, 2.29.0 given to it. Of
/// another code (reactive 5 to 8, register 8, a tariff's share) nothing.
std::optional<Channel> channel_of(std::string_view obis) {
    const std::size_t colon = obis.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view value = obis.substr(colon + 1);
    value = value.substr(0, value.find_first_of("*&"));
    if (value == "1.29.0") return Channel::import;
    if (value == "2.29.0") return Channel::export_;
    return std::nullopt;
}

/// Without a unit the code's own is meant: kWh.
std::optional<EnergyUnit> parse_unit(std::string_view text) {
    const std::string word = lower(text);
    if (word.empty() || word == "kwh") return EnergyUnit::kwh;
    if (word == "wh" || word == "whr") return EnergyUnit::wh;
    if (word == "mwh") return EnergyUnit::mwh;
    return std::nullopt;
}

/// Of the qualifier of a quantity; nothing: no metered energy (a forecast, a proposal, a code not known).
std::optional<Quality> quality_of(std::string_view qualifier) {
    if (qualifier == "220" || qualifier == "46") return Quality::measured;
    if (qualifier == "67") return Quality::substituted;
    if (qualifier == "79" || qualifier == "Z18") return Quality::estimated;
    if (qualifier == "20" || qualifier == "Z30") return Quality::missing;
    return std::nullopt;
}

/// "201912140000+01", "201406031854": digits, then an offset if the format has one.
std::optional<Stamp> parse_time(std::string_view text) {
    const std::size_t zone = text.find_first_of("+-");
    const auto wall_s = parse_compact(text.substr(0, zone));
    if (!wall_s) return std::nullopt;
    Stamp stamp{*wall_s, std::nullopt};
    if (zone == std::string_view::npos) return stamp;
    const std::string_view digits = text.substr(zone + 1);
    if ((digits.size() != 2 && digits.size() != 4) ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    int minutes = 600 * (digits[0] - '0') + 60 * (digits[1] - '0');
    if (digits.size() == 4) minutes += 10 * (digits[2] - '0') + (digits[3] - '0');
    if (minutes > 14 * 60) return std::nullopt;
    stamp.offset_s = (text[zone] == '-' ? -60 : 60) * minutes;
    return stamp;
}

/// Minutes of a DTM+672 in format 806.
std::int64_t parse_step_s(std::string_view text) {
    std::int64_t minutes = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || minutes > 1440) return 0;
        minutes = minutes * 10 + (c - '0');
    }
    return minutes <= 1440 ? minutes * 60 : 0;
}

Error wrong(std::string what) { return {Code::input, std::move(what), "", "ask for the file again, or leave it out"}; }

/// From when until when, as far as segments said.
struct Period {
    std::optional<std::int64_t> start_s, end_s;
    bool is_wrong = false;  ///< a time that cannot be read
};

/// A QTY segment; the segments behind it may add to it.
struct Quantity {
    std::string qualifier, value, unit;
    Period period;
    std::uint64_t begin = 0, end = 0;  ///< in the file
    std::int64_t place = 0;            ///< number within its line
};

class Mscons final : public Decoder {
public:
    explicit Mscons(const DecodeOptions& options) : timeline_(options.source, options.calendar, options.axis) {}

    Result<> decode(std::string_view block, bool, Sink& sink) override {
        block_ = block;
        for (std::size_t i = 0; i < block.size(); ++i) TRY_DO(take(block[i], block_begin_ + i, sink));
        block_begin_ += block.size();
        return {};
    }

    Result<> finish(Sink&) override {
        if (is_in_message_) return wrong("the file ends within a message: its end (UNT) is missing");
        if (is_in_interchange_) return wrong("the file ends within an interchange: its end (UNZ) is missing");
        if (!raw_.empty() || !has_interchange_) return wrong("the file ends within a segment, or has none");
        return {};
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"LOC+172: meter",
                "PIA+5: channel",
                "QTY: energy, quality",
                "DTM+163, DTM+164, DTM+672: time",
                "DTM+137, DTM+293: version",
                "NAD, CTA, COM: not read"};
    }

    [[nodiscard]] std::vector<std::string> remarks() const override {
        std::vector<std::string> said;
        const auto say = [&](bool is_so, const char* what) { if (is_so) said.emplace_back(what); };
        say(has_contacts_, "names of people in CTA");
        say(has_channels_, "telephone numbers or e-mail addresses in COM");
        say(has_addresses_, "names or addresses in NAD");
        say(has_wrong_counts_, "a message states another number of segments than it has");
        say(has_steps_, "values without times of their own: start and step of the series");
        say(has_other_quantities_, "other quantities than active energy of intervals: not used");
        say(has_withdrawn_, "a message takes back an earlier one: its values are counted as missing");
        return said;
    }

    [[nodiscard]] std::int64_t interval_s() const override { return interval_s_; }
    void expect_interval(std::int64_t seconds) { interval_s_ = seconds; }

private:
    enum class State : std::uint8_t { start, una, segments };

    Result<> take(char c, std::uint64_t position, Sink& sink) {
        if (state_ != State::segments) return take_start(c, position, sink);
        if (raw_.empty() && (c == '\r' || c == '\n' || c == ' ' || c == '\t')) return {};
        if (!std::exchange(is_released_, false)) {
            if (c == '\r' || c == '\n') return {};  // a line of fixed width ends anywhere
            if (c == syntax_.terminator) return end_segment(position + 1, sink);
            is_released_ = c == syntax_.release;
        }
        if (raw_.empty()) segment_begin_ = position;
        raw_ += c;
        if (raw_.size() > longest_segment) return wrong(fmt::format("a segment is longer than {} bytes", longest_segment));
        return {};
    }

    /// "UNA" and the six characters behind it, or the first three of the first segment.
    Result<> take_start(char c, std::uint64_t position, Sink& sink) {
        if (raw_.empty() && std::string_view(" \r\n\xef\xbb\xbf").find(c) != std::string_view::npos) return {};  // blanks, a byte order mark
        raw_ += c;
        if (state_ == State::start && raw_.size() == 3) {
            state_ = raw_ == "UNA" ? State::una : State::segments;
            if (state_ == State::una) return {};
            for (const char again : std::exchange(raw_, {})) TRY_DO(take(again, position, sink));
        }
        if (state_ == State::una && raw_.size() == 9) {
            syntax_ = {raw_[3], raw_[4], raw_[5], raw_[6], raw_[8]};
            state_ = State::segments;
            raw_.clear();
            if (!is_usable(syntax_)) return wrong("the UNA segment sets characters that cannot be told apart");
        }
        return {};
    }

    static bool is_usable(const Syntax& syntax) {
        std::string set{syntax.component, syntax.element, syntax.release, syntax.terminator};
        std::sort(set.begin(), set.end());
        const bool is_plain = std::none_of(set.begin(), set.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        });
        return is_plain && std::adjacent_find(set.begin(), set.end()) == set.end() && (syntax.decimal == '.' || syntax.decimal == ',');
    }

    Result<> end_segment(std::uint64_t end, Sink& sink) {
        if (raw_.empty()) return wrong("an empty segment");
        segment_.assign(raw_, syntax_);
        raw_.clear();
        const std::string_view tag = segment_.tag();
        if (!is_in_message_) return envelope(tag);
        ++num_segments_;
        if (tag != "DTM" && tag != "STS") close_quantity(sink);
        if (tag == "UNT") return end_message();
        if (tag == "UNH" || tag == "UNB" || tag == "UNZ") return wrong("a message has no end (UNT)");
        if (tag == "QTY") open_quantity(end);
        else if (tag == "DTM") date();
        else if (tag == "BGM") is_withdrawal_ = segment_.part(3) == "1";
        else place(tag);
        return {};
    }

    Result<> envelope(std::string_view tag) {
        if (tag == "UNB" && !is_in_interchange_) {
            has_interchange_ = is_in_interchange_ = true;
            num_messages_ = 0;
            interchange_ = segment_.part(5);
            return {};
        }
        if (tag == "UNH" && is_in_interchange_) return begin_message();
        if (tag != "UNZ" || !is_in_interchange_) return wrong("a segment stands outside of a message (UNH) or interchange (UNB)");
        is_in_interchange_ = false;
        if (segment_.part(1) != std::to_string(num_messages_))
            return wrong("the interchange's end (UNZ) states another number of messages than it has");
        if (segment_.part(2) != interchange_) return wrong("the interchange's end (UNZ) has the number of another interchange");
        return {};
    }

    Result<> begin_message() {
        if (segment_.part(2) != "MSCONS") return wrong("a message that is not MSCONS");
        is_in_message_ = true;
        ++num_messages_;
        num_segments_ = 1;
        message_ = segment_.part(1);
        version_ = 0;
        is_withdrawal_ = false;
        begin_location();
        return {};
    }

    /// The number of segments is wrong in real files: said, and no reason to refuse one.
    Result<> end_message() {
        is_in_message_ = false;
        has_wrong_counts_ = has_wrong_counts_ || segment_.part(1) != std::to_string(num_segments_);
        if (segment_.part(2) != message_) return wrong("a message's end (UNT) has the number of another message");
        return {};
    }

    void begin_location() {
        location_.clear();
        series_ = {};
        step_s_ = 0;
        begin_line();
    }

    void begin_line() {
        obis_.clear();
        num_quantities_ = 0;
    }

    /// Segments that say of what and where the quantities are.
    void place(std::string_view tag) {
        if (tag == "NAD") {
            has_addresses_ = has_addresses_ || segment_.num_elements() > 4;
            begin_location();
        } else if (tag == "LOC" && segment_.part(1) == "172") {
            begin_location();
            location_ = segment_.part(2).empty() ? segment_.part(2, 3) : segment_.part(2);
        } else if (tag == "LIN") {
            begin_line();
        } else if (tag == "PIA" && segment_.part(1) == "5") {
            obis_ = segment_.part(2);
            if (obis_.find(':') == std::string::npos) obis_ += fmt::format(":{}", segment_.part(2, 1));  // the colon without its release character
        }
        has_contacts_ = has_contacts_ || tag == "CTA";
        has_channels_ = has_channels_ || tag == "COM";
    }

    void date() {
        const std::string_view kind = segment_.part(1), text = segment_.part(1, 1);
        if (kind == "672") {
            step_s_ = segment_.part(1, 2) == "806" ? parse_step_s(text) : 0;
            return;
        }
        if (kind != "137" && kind != "293" && kind != "163" && kind != "164") return;
        const auto stamp = parse_time(text);
        const auto instant = stamp ? timeline_.instant_s(*stamp) : std::nullopt;
        if (kind == "137" || kind == "293") {
            const bool is_version = instant && *instant > 0 && *instant <= UINT32_MAX;
            if (is_version && (kind == "293" || version_ == 0)) version_ = static_cast<std::uint32_t>(*instant);
            return;
        }
        Period& period = is_open_ ? quantity_.period : series_;
        (kind == "163" ? period.start_s : period.end_s) = instant;
        period.is_wrong = period.is_wrong || !instant;
    }

    void open_quantity(std::uint64_t end) {
        is_open_ = true;
        quantity_.qualifier = segment_.part(1);
        quantity_.value = segment_.part(1, 1);
        quantity_.unit = segment_.part(1, 2);
        std::replace(quantity_.value.begin(), quantity_.value.end(), syntax_.decimal, '.');
        quantity_.period = {};
        quantity_.begin = segment_begin_;
        quantity_.end = end;
        quantity_.place = num_quantities_++;
    }

    void close_quantity(Sink& sink) {
        if (!std::exchange(is_open_, false)) return;
        Statement statement;
        const bool is_here = quantity_.begin >= block_begin_;
        statement.offset = is_here ? quantity_.begin - block_begin_ : 0;
        if (is_here) statement.text = block_.substr(statement.offset, quantity_.end - quantity_.begin);
        const auto reason = read(statement);
        has_other_quantities_ = has_other_quantities_ || reason == Reason::other_quantity;
        if (reason) sink.refuse(*reason, statement.offset, statement.text);
        else sink.take(statement);
    }

    /// @return why the quantity states no reading, if so
    std::optional<Reason> read(Statement& statement) {
        const auto channel = channel_of(obis_);
        const auto unit = parse_unit(quantity_.unit);
        const auto quality = quality_of(quantity_.qualifier);
        if (!channel || !unit || !quality) return Reason::other_quantity;
        if (location_.empty()) return Reason::malformed;
        if (!read_time(statement)) return Reason::bad_time;
        statement.id = location_;
        statement.channel = *channel;
        statement.quality = is_withdrawal_ ? Quality::missing : *quality;
        statement.version = version_;
        has_withdrawn_ = has_withdrawn_ || is_withdrawal_;
        const auto energy = to_nwh(quantity_.value, *unit);
        if (!energy && statement.quality != Quality::missing) return Reason::bad_value;
        statement.energy_nwh = energy.value_or(0);
        return std::nullopt;
    }

    /// By its own two times or, if it has none, by its place in the series.
    bool read_time(Statement& statement) {
        const Period& own = quantity_.period;
        if (own.is_wrong || own.start_s.has_value() != own.end_s.has_value()) return false;
        if (own.start_s) {
            statement.start_s = *own.start_s;
            statement.length_s = *own.end_s - *own.start_s;
            return statement.length_s > 0;
        }
        if (series_.is_wrong || !series_.start_s || step_s_ == 0) return false;
        has_steps_ = true;
        statement.start_s = *series_.start_s + quantity_.place * step_s_;
        statement.length_s = step_s_;
        return !series_.end_s || *series_.end_s <= *series_.start_s || statement.start_s < *series_.end_s;
    }

    Timeline timeline_;
    std::int64_t interval_s_ = 0;
    // Text.
    State state_ = State::start;
    Syntax syntax_;
    std::string raw_;           ///< of the segment, as far as it was read
    bool is_released_ = false;  ///< the character before was the release character
    std::string_view block_;
    std::uint64_t block_begin_ = 0, segment_begin_ = 0;
    Segment segment_;
    // Envelopes.
    bool has_interchange_ = false, is_in_interchange_ = false, is_in_message_ = false;
    std::string interchange_, message_;
    std::uint64_t num_messages_ = 0, num_segments_ = 0;
    // The message.
    std::uint32_t version_ = 0;
    bool is_withdrawal_ = false;
    std::string location_, obis_;
    Period series_;
    std::int64_t step_s_ = 0, num_quantities_ = 0;
    Quantity quantity_;
    bool is_open_ = false;
    bool has_contacts_ = false, has_channels_ = false, has_addresses_ = false, has_wrong_counts_ = false,
         has_steps_ = false, has_other_quantities_ = false, has_withdrawn_ = false;
};

/// Length that all statements of a text are multiples of; 0: there is none.
class Lengths final : public Sink {
public:
    void take(const Statement& statement) override { common_s = std::gcd(common_s, statement.length_s); }
    void refuse(Reason, std::uint64_t, std::string_view) override {}
    std::int64_t common_s = 0;
};

Sniffed sniff(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    head = trimmed(head);
    const bool has_envelope = head.starts_with("UNA") || head.starts_with("UNB");
    if (has_envelope && head.substr(0, 4096).find("MSCONS") != std::string_view::npos) return {0.98, "an EDIFACT interchange of MSCONS messages"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    Mscons probe(options);
    Lengths lengths;
    static_cast<void>(probe.decode(head, true, lengths).ok());  // what is wrong is told when the file is read
    auto decoder = std::make_unique<Mscons>(options);
    decoder->expect_interval(lengths.common_s);
    return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace

extern const Format mscons_format;
const Format mscons_format = {"mscons", "MSCONS metered values (UN/EDIFACT)", Blocks::bytes, true, sniff, open};

}  // namespace meterveil::ingest
