// Monash time series: a header of "@" lines, then a series a line. docs/formats/tsf.md

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "ingest/dates.hpp"
#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

constexpr std::int64_t day_s = 86400, week_s = 7 * day_s;
constexpr std::size_t max_field_bytes = 4096;  ///< of an attribute or a value: longer ones are none

/// What stands above "@data".
struct Header {
    std::vector<std::string> attributes;  ///< names, in the order of the fields before the values
    std::string frequency;
    bool is_tsf = false, has_data = false;
};

Header header_of(std::string_view head) {
    Header header;
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    bool has_relation = false;
    for (std::size_t at = 0; at < head.size() && !header.has_data;) {
        const Line line = line_at(head, at);
        at = line.next;
        const std::string text = lower(trimmed(line.text));
        if (text.empty() || text[0] == '#') continue;
        if (text[0] != '@') break;
        const std::size_t space = text.find_first_of(" \t");
        const std::string key = text.substr(0, space);
        const std::string value(space == std::string::npos ? std::string_view{} : trimmed(std::string_view(text).substr(space)));
        if (key == "@relation") has_relation = true;
        if (key == "@attribute") header.attributes.push_back(value.substr(0, value.find_first_of(" \t")));
        if (key == "@frequency") header.frequency = value;
        header.is_tsf = header.is_tsf || key == "@frequency" || key == "@horizon" || key == "@missing" || key == "@equallength";
        header.has_data = key == "@data";
    }
    header.is_tsf = header.is_tsf && has_relation;
    return header;
}

/// Seconds of "half_hourly", "10_minutes", "weekly"; 0: no fixed length.
std::int64_t step_of(std::string_view frequency) {
    std::int64_t count = 1;
    const std::size_t mark = frequency.find('_');
    if (const auto parsed = std::from_chars(frequency.data(), frequency.data() + frequency.size(), count); parsed.ec == std::errc{}) {
        if (mark == std::string_view::npos || parsed.ptr != frequency.data() + mark || count < 1 || count > 100000) return 0;
        frequency.remove_prefix(mark + 1);
    }
    static constexpr std::pair<std::string_view, std::int64_t> units[] = {
        {"half_hourly", 1800}, {"secondly", 1}, {"seconds", 1}, {"minutely", 60}, {"minutes", 60}, {"hourly", 3600}, {"hours", 3600}, {"daily", day_s}, {"days", day_s}, {"weekly", week_s}};
    for (const auto& [word, seconds] : units)
        if (frequency == word) return count * seconds <= week_s ? count * seconds : 0;
    return 0;
}

/// Reads fields up to ':' or ',' or the end of the line, wherever the blocks end.
class Tsf final : public Decoder {
public:
    Tsf(const Header& header, std::int64_t step_s, const DecodeOptions& options)
        : attributes_(header.attributes), step_s_(step_s), options_(options), timeline_(source_of(options, step_s), options.calendar, options.axis) {
        for (std::size_t i = 0; i < attributes_.size(); ++i) {
            if (attributes_[i] == "series_name") name_ = i;
            if (attributes_[i] == "start_timestamp") start_ = i;
        }
    }

    Result<> decode(std::string_view block, bool is_first, Sink& sink) override {
        if (is_first && block.starts_with("\xef\xbb\xbf")) block.remove_prefix(3);
        kept_.clear();  // looked at until this call
        for (std::size_t at = 0; at < block.size();) {
            const std::size_t end = std::min(is_in_data_ ? block.find_first_of(marks(), at) : block.find('\n', at), block.size());
            std::string_view text = block.substr(at, end - at);
            const std::size_t offset = std::exchange(at, end + 1);
            if (end == block.size() || !field_.empty()) {
                field_ += text.substr(0, max_field_bytes - field_.size());
            }
            if (end == block.size()) break;
            if (field_.empty()) {
                take(text, block[end], offset, sink);
            } else {
                kept_.swap(field_);
                field_.clear();
                take(kept_, block[end], 0, sink);
            }
        }
        return {};
    }

    /// A value without an end behind it may be cut short.
    Result<> finish(Sink& sink) override {
        if (!is_in_data_) return Error{Code::input, "the file ends before its @data", "", "is it whole?"};
        if (!trimmed(field_).empty()) sink.refuse(Reason::malformed, 0, field_);
        return {};
    }

    [[nodiscard]] std::int64_t interval_s() const override { return step_s_ % day_s == 0 && options_.source.clock.kind == Clock::Kind::local ? 3600 : step_s_; }

    [[nodiscard]] std::vector<std::string> columns() const override {
        std::vector<std::string> described;
        for (std::size_t i = 0; i < attributes_.size(); ++i) described.push_back(attributes_[i] + (i == name_ ? ": meter" : i == start_ ? ": time of the first value" : ": not read"));
        described.emplace_back(fmt::format("values: energy of {} s each", step_s_));
        return described;
    }

private:
    static Source source_of(const DecodeOptions& options, std::int64_t step_s) {
        Source source = options.source;
        source.interval_s = step_s;
        return source;
    }

    [[nodiscard]] const char* marks() const { return attribute_ < attributes_.size() ? ":\n" : ",\n"; }

    /// @param mark what ends the text
    void take(std::string_view text, char mark, std::size_t offset, Sink& sink) {
        if (!is_in_data_) {
            is_in_data_ = lower(trimmed(text)).starts_with("@data");
            return;
        }
        const bool ends_line = mark == '\n', is_attribute = attribute_ < attributes_.size();
        const std::string_view word = trimmed(text);
        const bool is_blank = ends_line && word.empty() && attribute_ == 0;
        if (is_attribute && !is_blank) take_attribute(text, word, ends_line, offset, sink);
        if (!is_attribute && !is_bad_) take_value(text, word, offset, sink);
        if (!ends_line) return;
        attribute_ = 0;
        index_ = 0;
        is_bad_ = false;
    }

    /// A series whose attributes cannot be read counts as one row.
    void take_attribute(std::string_view text, std::string_view word, bool ends_line, std::size_t offset, Sink& sink) {
        if (is_bad_) return static_cast<void>(++attribute_);
        if (attribute_ == name_) meter_ = word;
        if (attribute_ == start_ && text.size() < max_field_bytes) {
            const std::size_t space = word.find(' ');
            std::string stamp(word);
            if (space != std::string::npos) std::replace(stamp.begin() + static_cast<std::ptrdiff_t>(space), stamp.end(), '-', ':');  // "2012-01-01 00-00-00"
            const auto parsed = parse_day_and_time(stamp, DateOrder::day_first);
            if (!parsed) return refuse_series(Reason::bad_time, text, offset, sink);
            first_ = *parsed;
        }
        if (ends_line || text.size() >= max_field_bytes || (attribute_ == name_ && meter_.empty())) return refuse_series(Reason::malformed, text, offset, sink);
        ++attribute_;
    }

    void refuse_series(Reason reason, std::string_view text, std::size_t offset, Sink& sink) {
        is_bad_ = true;
        ++attribute_;
        sink.refuse(reason, offset, text);
    }

    void take_value(std::string_view text, std::string_view word, std::size_t offset, Sink& sink) {
        const auto start = instant_of(index_), end = instant_of(index_ + 1);
        ++index_;
        if (!start || !end) return sink.refuse(Reason::nonexistent_time, offset, text);
        Statement statement;
        statement.id = meter_;
        statement.start_s = *start;
        statement.length_s = *end - *start;
        statement.channel = options_.source.channel;
        statement.offset = offset;
        statement.text = text;
        if (word == "?" || lower(word) == "nan") {
            statement.quality = model::Quality::missing;
            return sink.take(statement);
        }
        auto energy = text.size() < max_field_bytes ? to_nwh(word, options_.source.unit) : std::nullopt;
        if (energy && options_.source.is_power) energy = energy_of_power(*energy, statement.length_s);
        if (!energy) return sink.refuse(is_outside(*start) ? Reason::outside_period : Reason::bad_value, offset, text);
        statement.energy_nwh = *energy;
        sink.take(statement);
    }

    /// Start of a value: shorter than a day they follow each other, longer ones begin at the same time of local days.
    [[nodiscard]] std::optional<std::int64_t> instant_of(std::int64_t index) const {
        Stamp stamp = first_;
        if (step_s_ % day_s == 0) {
            stamp.wall_s += index * step_s_;
            return timeline_.instant_s(stamp);
        }
        const auto first = timeline_.instant_s(stamp);
        return first ? std::optional(*first + index * step_s_) : std::nullopt;
    }

    [[nodiscard]] bool is_outside(std::int64_t start_s) const {
        return start_s < options_.axis.start.time_since_epoch().count() || start_s >= options_.axis.end().time_since_epoch().count();
    }

    std::vector<std::string> attributes_;
    std::int64_t step_s_;
    DecodeOptions options_;
    Timeline timeline_;
    std::size_t name_ = SIZE_MAX, start_ = SIZE_MAX;

    std::string field_, kept_;   ///< a field that a block began; the same, when it is whole
    bool is_in_data_ = false;
    std::size_t attribute_ = 0;  ///< the next of the line; behind the last: values
    std::int64_t index_ = 0;     ///< of the next value
    bool is_bad_ = false;        ///< the series is not read
    std::string meter_;
    Stamp first_;
};

Sniffed sniff(std::string_view head) {
    if (header_of(head).is_tsf) return {0.95, "a header of @relation and what Monash series say of themselves"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    const Header header = header_of(head);
    const auto has = [&](const char* name) { return std::find(header.attributes.begin(), header.attributes.end(), name) != header.attributes.end(); };
    if (!header.is_tsf || !header.has_data) return Error{Code::input, "the header is not that of a Monash .tsf file", "", "@relation, @attribute, @frequency, @data"};
    if (!has("series_name") || !has("start_timestamp")) return Error{Code::input, "its series have no name or no start", "", "@attribute series_name string and @attribute start_timestamp date are wanted"};
    const std::int64_t step_s = step_of(header.frequency);
    if (step_s == 0)
        return Error{Code::input, header.frequency.empty() ? "the file does not say its frequency" : "its frequency is not one of a fixed length up to a week",
                     "", "seconds, minutes, hours, days or weeks: a total of a month or a year cannot be put on intervals"};
    return std::unique_ptr<Decoder>(new Tsf(header, step_s, options));
}

}  // namespace

extern const Format tsf_format;
const Format tsf_format = {"tsf", "Monash time series (.tsf): a series a line, values at a fixed frequency", Blocks::bytes, false, sniff, open};

}  // namespace meterveil::ingest
