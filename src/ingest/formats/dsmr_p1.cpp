// Telegrams of the P1 port of Dutch and Belgian meters: registers become the energy between two telegrams. docs/formats/dsmr-p1.md
// @source Netbeheer Nederland, DSMR P1 companion standard 5.0.2; IEC 62056-21 mode D

#include <algorithm>
#include <array>
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

constexpr std::int64_t summer_s = 3600, winter_offset_s = 3600;
/// A meter sends every second or every ten: the first telegram from a boundary on stands for it.
constexpr std::int64_t late_s = 10;
/// Over a longer gap nothing is known of how the energy was spread: the series starts again.
constexpr std::int64_t longest_gap_s = 86400;
constexpr std::int64_t never = INT64_MIN;
constexpr std::size_t longest_id = 96, most_meters = std::size_t{1} << 20;

/// CRC-16 of the polynomial x^16 + x^15 + x^2 + 1, least bit first, without initial value or inversion.
class Crc16 {
public:
    void add(std::string_view text) {
        for (const char c : text) {
            value_ ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit) value_ = (value_ >> 1) ^ ((value_ & 1U) != 0 ? 0xa001U : 0U);
        }
    }
    [[nodiscard]] unsigned value() const { return value_; }

private:
    unsigned value_ = 0;
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/// Two hexadecimal digits a character; text that does not decode to printable characters is the id as it stands.
std::string decode_id(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]), c = high * 16 + low;
        if (high < 0 || low < 0 || c < 0x21 || c > 0x7e || c == ',' || c == '"') return std::string(text);
        decoded += static_cast<char>(c);
    }
    return text.size() % 2 == 0 ? decoded : std::string(text);
}

/// The four registers that make energies, and the two sums that some meters send instead.
enum Register : std::uint8_t { import_1, import_2, export_1, export_2, import_all, export_all };
constexpr std::array<std::string_view, 6> register_codes = {"1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:2.8.2", "1-0:1.8.0", "1-0:2.8.0"};

/// One telegram, as far as it was read.
struct Telegram {
    std::string id;
    std::string time;                                        ///< "250130211729W"
    std::array<std::optional<std::int64_t>, 6> registers_nwh;
    bool is_wrong = false;                                   ///< a line that cannot be read
    Crc16 crc;                                               ///< up to the line before this one
};

/// A channel of a telegram: its tariffs added up, and which they were.
struct Total {
    std::int64_t nwh = 0;
    unsigned tariffs = 0;  ///< bit set; 0: the telegram has none of them
};

Total total_of(const Telegram& telegram, Channel channel) {
    const bool is_export = channel == Channel::export_;
    if (const auto all = telegram.registers_nwh[is_export ? export_all : import_all]) return {*all, 4};
    const auto low = telegram.registers_nwh[is_export ? export_1 : import_1], high = telegram.registers_nwh[is_export ? export_2 : import_2];
    return {low.value_or(0) + high.value_or(0), (low ? 1U : 0U) | (high ? 2U : 0U)};
}

/// The registers of a meter at its latest boundary.
struct Meter {
    std::int64_t boundary_s = never;
    std::array<Total, 2> totals;
};

class DsmrP1 final : public Decoder {
public:
    explicit DsmrP1(const DecodeOptions& options)
        : winter_offset_s_(options.source.clock.kind == Clock::Kind::fixed_offset ? options.source.clock.offset_s
                                                                                  : winter_offset_s),
          step_s_(options.source.interval_s > 0 ? options.source.interval_s : options.axis.length.count()),
          origin_s_(options.axis.start.time_since_epoch().count()) {}

    Result<> decode(std::string_view block, bool is_first, Sink& sink) override {
        for (std::size_t begin = is_first && block.starts_with("\xef\xbb\xbf") ? 3 : 0; begin < block.size();) {
            const Line read = line_at(block, begin);
            const std::string_view text = trimmed(read.text);
            TRY_DO(line(text, text.empty() ? begin : static_cast<std::size_t>(text.data() - block.data()), sink));
            begin = read.next;
        }
        return {};
    }

    Result<> finish(Sink& sink) override {
        if (std::exchange(is_in_telegram_, false)) sink.refuse(Reason::malformed, 0, {});
        return {};
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"0-0:96.1.1: meter", "0-0:1.0.0: time", "1-0:1.8.x: energy (import), a register",
                "1-0:2.8.x: energy (export), a register", "all others: not read"};
    }

    [[nodiscard]] std::vector<std::string> remarks() const override {
        std::vector<std::string> said = {"registers: energies are the differences between telegrams at the boundaries of intervals"};
        const auto say = [&](bool is_so, const char* what) { if (is_so) said.emplace_back(what); };
        say(has_wrong_crc_, "telegrams whose check sum (CRC16) does not fit: not used");
        say(has_no_crc_, "telegrams without a check sum");
        say(has_messages_, "text messages to the customer: not read");
        say(has_other_meters_, "other meters on the bus (gas, water, heat): not used");
        return said;
    }

private:
    Result<> line(std::string_view text, std::uint64_t offset, Sink& sink) {
        if (text.starts_with('/')) {
            if (is_in_telegram_) sink.refuse(Reason::malformed, offset, text);  // the one before has no end
            telegram_ = {};
            is_in_telegram_ = true;
        } else if (!is_in_telegram_) {
            if (!text.empty()) sink.refuse(Reason::malformed, offset, text);
            return {};
        }
        if (text.starts_with('!')) {
            is_in_telegram_ = false;
            telegram_.crc.add("!");
            return end(text, offset, sink);
        }
        telegram_.crc.add(text);
        telegram_.crc.add("\r\n");  // as the meter sends it, whatever became of the line ends
        if (!text.empty() && text[0] != '/' && text[0] != '(') object(text);
        return {};
    }

    /// "1-0:1.8.1(008901.098*kWh)"; a line that starts with a bracket goes on with the object before it.
    void object(std::string_view text) {
        const std::size_t bracket = text.find('(');
        if (bracket == std::string_view::npos || text.back() != ')') {
            telegram_.is_wrong = true;
            return;
        }
        const std::string_view code = text.substr(0, bracket), value = text.substr(bracket + 1, text.size() - bracket - 2);
        if (code == "0-0:96.1.1") telegram_.id = value.substr(0, longest_id + 1);
        else if (code == "0-0:1.0.0") telegram_.time = value.substr(0, 14);
        else if (const auto known = std::find(register_codes.begin(), register_codes.end(), code); known != register_codes.end())
            read_register(static_cast<std::size_t>(known - register_codes.begin()), value);
        has_messages_ = has_messages_ || (code.starts_with("0-0:96.13.") && !value.empty());
        has_other_meters_ = has_other_meters_ || (code.size() > 4 && code.starts_with("0-") && code[2] != '0' && code.substr(3) == ":24.1.0");
    }

    void read_register(std::size_t which, std::string_view value) {
        const std::size_t star = value.find('*');
        const std::string unit = star == std::string_view::npos ? "" : lower(value.substr(star + 1));
        const auto nwh = to_nwh(value.substr(0, star), unit == "wh" ? EnergyUnit::wh : EnergyUnit::kwh);
        if ((unit != "kwh" && unit != "wh") || !nwh || *nwh < 0 || *nwh > INT64_MAX / 2) telegram_.is_wrong = true;
        else telegram_.registers_nwh[which] = *nwh;
    }

    Result<> end(std::string_view text, std::uint64_t offset, Sink& sink) {
        Statement statement;
        statement.offset = offset;
        statement.text = text;
        const auto refuse = [&](Reason reason) -> Result<> {
            sink.refuse(reason, offset, text);
            return {};
        };
        const std::array<Total, 2> totals = {total_of(telegram_, Channel::import), total_of(telegram_, Channel::export_)};
        if (!fits_crc(text.substr(1)) || telegram_.is_wrong || telegram_.id.empty() || telegram_.id.size() > longest_id)
            return refuse(Reason::malformed);
        if (totals[0].tariffs == 0 && totals[1].tariffs == 0) return refuse(Reason::malformed);
        const auto time_s = instant_s(telegram_.time);
        if (!time_s) return refuse(Reason::bad_time);
        const std::string id = decode_id(telegram_.id);
        if (meters_.size() == most_meters && !meters_.contains(id))
            return Error{Code::input, "the file has telegrams of more meters than can be held", "", "one file for each meter, or a few"};
        statement.id = id;
        state(meters_[id], totals, *time_s, statement, sink);
        return {};
    }

    /// What the registers say that was not said before.
    void state(Meter& meter, const std::array<Total, 2>& totals, std::int64_t time_s, Statement& statement, Sink& sink) const {
        const std::int64_t past = (((time_s - origin_s_) % step_s_) + step_s_) % step_s_, boundary_s = time_s - past;
        const bool is_boundary = past < std::min(late_s, step_s_) && boundary_s > meter.boundary_s;
        const bool is_base = meter.boundary_s == never || boundary_s - meter.boundary_s > longest_gap_s;
        statement.start_s = meter.boundary_s;
        statement.length_s = is_base ? 0 : boundary_s - meter.boundary_s;
        statement.quality = statement.length_s > step_s_ ? Quality::estimated : Quality::measured;
        if (is_boundary) meter.boundary_s = boundary_s;
        for (const Channel channel : {Channel::import, Channel::export_}) {
            const std::size_t c = channel == Channel::export_ ? 1 : 0;
            const Total now = totals[c], before = meter.totals[c];
            if (is_boundary) meter.totals[c] = now;
            if (now.tariffs == 0) continue;
            statement.channel = channel;
            statement.energy_nwh = now.nwh - before.nwh;
            if (!is_boundary || is_base || now.tariffs != before.tariffs) sink.refuse(Reason::register_base, statement.offset, statement.text);
            else sink.take(statement);  // one that went back is negative: out of range, and the base of what follows
        }
    }

    bool fits_crc(std::string_view stated) {
        if (stated.empty()) {
            has_no_crc_ = true;
            return true;
        }
        unsigned value = 0;
        bool is_number = stated.size() == 4;
        for (const char c : stated) {
            is_number = is_number && hex_digit(c) >= 0;
            value = value * 16 + static_cast<unsigned>(hex_digit(c));
        }
        if (is_number && value == telegram_.crc.value()) return true;
        has_wrong_crc_ = true;
        return false;
    }

    /// "250130211729W": year of this century, and S in summer.
    [[nodiscard]] std::optional<std::int64_t> instant_s(std::string_view text) const {
        if (text.size() != 13 || (text[12] != 'S' && text[12] != 'W')) return std::nullopt;
        const auto wall_s = parse_compact("20" + std::string(text.substr(0, 12)));
        if (!wall_s) return std::nullopt;
        return *wall_s - winter_offset_s_ - (text[12] == 'S' ? summer_s : 0);
    }

    std::int64_t winter_offset_s_, step_s_, origin_s_;
    Telegram telegram_;
    bool is_in_telegram_ = false;
    std::unordered_map<std::string, Meter> meters_;
    bool has_wrong_crc_ = false, has_no_crc_ = false, has_messages_ = false, has_other_meters_ = false;
};

/// "/ISk5\2MT382-1004", a blank line, and an object of an OBIS code.
Sniffed sniff(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    head = head.substr(std::min(head.size(), head.find_first_not_of(" \t\r\n")));
    if (!head.starts_with('/')) return {};
    const Line name = line_at(head, 0), blank = line_at(head, name.next);
    if (name.text.size() < 4 || !trimmed(blank.text).empty()) return {};
    const std::string_view object = line_at(head, blank.next).text;
    const auto is_digit = [&](std::size_t i) { return i < object.size() && object[i] >= '0' && object[i] <= '9'; };
    if (is_digit(0) && object[1] == '-' && is_digit(2) && object[3] == ':' && is_digit(4))
        return {0.95, "a telegram: a meter's type, a blank line, OBIS codes"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view, const DecodeOptions& options) {
    return std::unique_ptr<Decoder>(std::make_unique<DsmrP1>(options));
}

}  // namespace

extern const Format dsmr_p1_format;
const Format dsmr_p1_format = {"dsmr-p1", "telegrams of DSMR and ESMR P1 ports", Blocks::ordered_lines, false, sniff, open};

}  // namespace meterveil::ingest
