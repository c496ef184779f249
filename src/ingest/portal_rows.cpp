// Rows of a portal's table become statements. docs/formats/portal-csv.md

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>

#include "ingest/fields.hpp"
#include "ingest/portal_sample.hpp"
#include "ingest/portal_series.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::int64_t hour_s = 3600, day_s = 86400, longest_s = 400 * day_s, longest_guess_s = 7 * day_s;
constexpr std::size_t num_ahead = 4, most_series = std::size_t{1} << 16;

/// A number, what it is multiplied with, and its unit.
struct Part {
    Decimal number, factor;
    EnergyUnit unit = EnergyUnit::kwh;
    bool is_power = false;
};

/// One channel of a row.
struct Entry {
    std::string meter;
    Channel channel = Channel::import;
    Quality quality = Quality::measured;
    std::vector<Part> parts;
    std::int64_t wall_s = 0;  ///< of the start; the same clock in all rows of a series
    std::optional<std::int32_t> offset_s;
    std::int64_t start_s = 0;
    std::uint64_t offset = 0;
    std::string_view line;
    std::string kept_line;  ///< where its block has ended
    std::string register_name;
    std::uint32_t section = 0;
};

std::int64_t energy_of(const std::vector<Part>& parts, std::int64_t length_s) {
    std::int64_t sum = 0;
    for (const Part& part : parts)
        if (__builtin_add_overflow(sum, nwh_of(part.number, part.factor, part.unit, part.is_power ? length_s : 3600), &sum)) return INT64_MAX;
    return sum;
}

std::optional<Decimal> product_of(const Decimal& a, const Decimal& b) {
    Decimal product{0, a.exponent + b.exponent};
    const bool fits = !__builtin_mul_overflow(a.mantissa, b.mantissa, &product.mantissa) && product.mantissa != INT64_MIN;  // it has no negative
    return fits ? std::optional(product) : std::nullopt;
}

/// Rows of one series that wait until those behind show how long they are.
struct Waiting {
    std::vector<Entry> entries;
    std::int64_t length_s = 0;  ///< of the rows so far
};

class Portal final : public Decoder {
public:
    Portal(PortalLayout layout, const DecodeOptions& options)
        : layout_(std::move(layout)),
          source_(options.source),
          calendar_(options.calendar),
          timeline_(options.source, options.calendar, options.axis),
          series_(options) {
        step_s_ = layout_.step_s > 0 ? layout_.step_s : source_.interval_s > 0 ? source_.interval_s : options.axis.length.count();
        factor_ = parse_decimal(source_.factor).value_or(Decimal{1, 0});
        is_end_labelled_ = source_.label == Label::end || layout_.says_end;
        default_meter_ = source_.meter.empty() ? layout_.meter_above : source_.meter;
        num_fields_ = std::max(layout_.time.date.value_or(0), layout_.time.time.value_or(0));
        for (const PortalValue& value : layout_.values) num_fields_ = std::max(num_fields_, value.field);
        is_in_table_ = layout_.header.empty();
    }

    Result<> decode(std::string_view block, bool is_first, Sink& sink) override {
        shown_.clear();
        const std::size_t first = is_first && block.starts_with("\xef\xbb\xbf") ? 3 : 0;
        Result<> outcome{};
        for_each_line(block.substr(first), [&](std::string_view line, std::size_t offset) {
            if (outcome.ok()) outcome = take(line, first + offset, sink);
        });
        keep_lines();
        return outcome;
    }

    Result<> finish(Sink& sink) override {
        for (auto& [key, waiting] : waiting_) TRY_DO(release(waiting, true, sink));
        series_.finish(sink);
        return {};
    }

    [[nodiscard]] std::int64_t interval_s() const override {
        const std::int64_t step_s = layout_.step_s;
        if (step_s >= day_s) return step_s % day_s != 0 ? 0 : source_.clock.kind == Clock::Kind::local ? hour_s : day_s;
        return step_s >= 60 && day_s % step_s == 0 ? step_s : 0;
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        std::vector<std::string> described;
        for (std::size_t i = 0; i < layout_.names.size(); ++i) described.push_back(layout_.names[i] + ": " + meaning_of(i));
        return described;
    }

    [[nodiscard]] std::vector<std::string> remarks() const override {
        std::vector<std::string> said;
        const auto say = [&](bool is_so, std::string what) {
            if (is_so) said.push_back(std::move(what));
        };
        const bool has_registers =
            std::any_of(layout_.values.begin(), layout_.values.end(), [](const PortalValue& value) { return value.is_register; });
        say(has_registers, "counters: energies are the differences between reads (values = \"interval\" if they are none)");
        say(series_.num_falls() > 0, "counters fall: a new meter or a reset; the read starts the series again");
        say(series_.num_rollovers() > 0, "counters start again at 0 behind their last digit");
        say(layout_.is_net, "negative values: taken as export");
        say(layout_.header.empty(), "no header: columns are called 1, 2, ...");
        say(layout_.step_s == 0, "too few rows to tell how long the readings are: interval of the job");
        say(layout_.is_descending, "the newest rows come first");
        say(has_other_lengths_, "the length of the readings changes within the file");
        for (const std::string& kind : layout_.personal) said.push_back(kind + " of people in the file: not read");
        return said;
    }

private:
    [[nodiscard]] std::string meaning_of(std::size_t i) const {
        const auto is = [&](std::optional<std::size_t> place) { return place == i; };
        for (const PortalValue& value : layout_.values) {
            if (value.field == i)
                return fmt::format("{} ({}{})", value.is_power ? "power" : "energy", value.channel == Channel::export_ ? "export" : "import",
                                   value.is_register ? ", a counter" : "");
            if (value.unit_field == i) return "unit";
            if (value.length_field == i) return "length";
        }
        const std::pair<std::optional<std::size_t>, const char*> roles[] = {
            {layout_.meter, "meter"},           {layout_.device, "device"},          {layout_.time.date, layout_.time.time ? "date" : "time"},
            {layout_.time.time, "time of day"}, {layout_.time.end_date, "end"},      {layout_.time.end_time, "end"},
            {layout_.direction, "channel"},     {layout_.register_name, "register"}, {layout_.factor, "factor"},
            {layout_.quality, "quality"},       {layout_.kind, "kind of supply"},    {layout_.summer, "summer time"}};
        for (const auto& [place, meaning] : roles)
            if (is(place)) return meaning;
        return "not read";
    }

    Result<> take(std::string_view line, std::uint64_t offset, Sink& sink) {
        const std::string_view text = trimmed(line);
        if (!is_in_table_ || (!layout_.header.empty() && text == layout_.header)) {
            const bool is_header = text == layout_.header;
            is_in_table_ = is_in_table_ || is_header;
            section_ += is_header ? 1 : 0;
            return {};
        }
        const bool is_whole = line.find('\0') == std::string_view::npos && split_cells(line, layout_.delimiter, fields_);
        const auto times = is_whole && fields_.size() > num_fields_ ? read_times(fields_, layout_) : std::nullopt;
        if (times) return take_row(*times, line, offset, sink);
        return take_odd(is_whole, line, offset, sink);
    }

    /// A line without a time.
    Result<> take_odd(bool is_whole, std::string_view line, std::uint64_t offset, Sink& sink) {
        const std::string_view text = trimmed(line);
        const auto is_telling = [](char c) {
            return static_cast<unsigned char>(c) > 0x20 && std::string_view("=-_*#,;|\"'.").find(c) == std::string_view::npos;
        };
        if (layout_.notes.contains(masked(text)) || std::none_of(text.begin(), text.end(), is_telling)) return {};
        PortalSample scratch;
        if (!layout_.header.empty() && is_whole && is_portal_header(line, {}, scratch))
            return Error{Code::input, "a second header, of other columns, is inside the file", "", "divide the file there"};
        sink.refuse(is_whole && is_total(fields_)              ? Reason::other_quantity
                    : is_whole && fields_.size() > num_fields_ ? Reason::bad_time
                                                               : Reason::malformed,
                    offset, line);
        return {};
    }

    [[nodiscard]] std::string_view cell(std::optional<std::size_t> field) const {
        return field && *field < fields_.size() ? without_formula(fields_[*field]) : std::string_view{};
    }

    Result<> take_row(const RowTimes& times, std::string_view line, std::uint64_t offset, Sink& sink) {
        Entry row;
        row.offset = offset;
        row.line = line;
        row.meter = layout_.meter ? std::string(trimmed(cell(layout_.meter))) : default_meter_;
        const auto refuse = [&](Reason reason) -> Result<> {
            sink.refuse(reason, offset, line);
            return {};
        };
        if (row.meter.empty()) return refuse(Reason::malformed);
        if (is_other_supply(cell(layout_.kind)) || is_reactive_register(cell(layout_.register_name))) return refuse(Reason::other_quantity);
        const auto direction = direction_of(cell(layout_.direction));
        if (layout_.direction && !direction) return refuse(Reason::malformed);
        if (layout_.is_unit_in_direction && has_any(words_of(cell(layout_.direction)), register_words))
            return refuse(Reason::other_quantity);  // counters between intervals
        row.quality = row_quality();
        row.register_name = cell(layout_.register_name);
        row.section = section_;
        const bool is_end = is_end_labelled_ && !times.end;
        const auto start = is_end ? end_of(times.start) : instant_of(times.start);
        if (!start) return refuse(Reason::nonexistent_time);
        row.start_s = *start;
        row.wall_s = times.start.wall_s;
        row.offset_s = times.start.offset_s;
        std::int64_t length_s = 0;
        if (times.end) {
            length_s = length_of(*start, times.start, *times.end);
            if (length_s <= 0 || length_s > longest_s) return refuse(Reason::bad_time);
        }
        const auto said = direction ? direction : direction_of(cell(layout_.register_name));
        for (const Channel channel : {Channel::import, Channel::export_}) TRY_DO(take_channel(row, channel, said, length_s, sink));
        return {};
    }

    [[nodiscard]] Quality row_quality() const {
        const std::string_view text = cell(layout_.quality);
        const bool is_flag = layout_.quality && has_any(words_of(layout_.names[*layout_.quality]), "estimated");
        if (is_flag && (text == "1" || text == "true" || text == "True" || text == "TRUE" || text == "yes" || text == "Yes" || text == "Y"))
            return Quality::estimated;
        return quality_of(text);
    }

    /// What the columns of one channel say. @param said the channel that the row itself names
    Result<> take_channel(const Entry& row, Channel channel, std::optional<Channel> said, std::int64_t length_s, Sink& sink) {
        Entry entry = row;
        entry.channel = channel;
        bool has_any_value = false, is_read = false;
        std::size_t num_columns = 0, num_missing = 0;
        std::vector<const PortalValue*> columns;
        for (const PortalValue& value : layout_.values)
            if (said.value_or(value.channel) == channel) columns.push_back(&value);
        for (const PortalValue* value : columns) {
            ++num_columns;
            if (says_nothing(fields_[value->field])) {
                ++num_missing;
                continue;
            }
            has_any_value = true;
            if (const auto reason = add_part(*value, entry)) {
                sink.refuse(*reason, row.offset, row.line);
                return {};
            }
            is_read = is_read || value->is_register;
            if (const auto length = parse_length(cell(value->length_field)); length && length_s == 0) length_s = *length;
        }
        if (num_columns == 0) return {};
        if (!has_any_value || (num_missing > 0 && !layout_.blanks_are_zero)) entry.quality = Quality::missing;
        return is_read && entry.quality != Quality::missing ? take_reads(entry, columns, sink) : take_energy(std::move(entry), length_s, sink);
    }

    /// @return why the cell is none
    std::optional<Reason> add_part(const PortalValue& value, Entry& entry) const {
        Part part{{}, factor_, value.unit, value.is_power};
        if (const std::string_view unit = cell(value.unit_field); !says_nothing(unit)) {
            const auto known = parse_unit(unit);
            if (!known || !known->is_energy) return Reason::other_quantity;
            part.unit = known->unit;
            part.is_power = known->is_power;
        } else if (const auto within = layout_.is_unit_in_direction ? unit_within(cell(layout_.direction)) : std::nullopt) {
            part.unit = within->unit;
            part.is_power = within->is_power;
        }
        const auto number = parse_number(fields_[value.field], layout_.style);
        if (!number) return Reason::bad_value;
        part.number = *number;
        if (layout_.factor) {
            const auto read = parse_number(cell(layout_.factor), layout_.style);
            const auto factor = read ? read : parse_decimal(cell(layout_.factor));
            const auto product = factor ? product_of(*factor, factor_) : std::nullopt;
            if (!product) return Reason::bad_value;
            part.factor = *product;
        }
        if (part.factor.mantissa < 0) {  // a counter of what is fed in
            part.factor.mantissa = -part.factor.mantissa;
            entry.channel = Channel::export_;
        }
        if (value.is_negated) part.number.mantissa = -part.number.mantissa;
        entry.parts.push_back(part);
        return std::nullopt;
    }

    Result<> take_reads(const Entry& entry, const std::vector<const PortalValue*>& columns, Sink& sink) {
        const bool is_day = is_end_labelled_ && layout_.step_s > 0 && layout_.step_s % day_s == 0 && entry.wall_s % day_s == 0;
        const auto at_s = is_day ? timeline_.instant_s({entry.wall_s + day_s, entry.offset_s}) : std::optional(entry.start_s);
        for (std::size_t i = 0; i < entry.parts.size(); ++i) {
            const Part& part = entry.parts[i];
            const std::int64_t nwh = nwh_of(part.number, part.factor, part.unit);
            if (nwh < 0 || nwh == INT64_MAX || !at_s) {
                sink.refuse(Reason::out_of_range, entry.offset, entry.line);
                return {};
            }
            const std::int64_t modulus = source_.register_digits > 0 ? nwh_of({1, source_.register_digits}, part.factor, part.unit) : 0;
            const std::string name = layout_.register_name ? entry.register_name : std::to_string(columns[i]->field);
            if (!series_.add_read({entry.meter, entry.channel, name, cell(layout_.device)}, *at_s, nwh, modulus)) return too_many();
        }
        return {};
    }

    static Error too_many() {
        return {Code::input, "it has more rows that belong together than can be held", "", "one file for each year, or for a few meters"};
    }

    Result<> take_energy(Entry entry, std::int64_t length_s, Sink& sink) {
        if (length_s > 0) return state(std::move(entry), length_s, false, sink);
        if (step_s_ > longest_guess_s) {  // a month's, a quarter's: nothing tells where it ends
            sink.refuse(Reason::other_quantity, entry.offset, entry.line);
            return {};
        }
        if (waiting_.size() == most_series) return state(std::move(entry), step_s_, true, sink);
        Waiting& waiting = waiting_.try_emplace(series_key(entry)).first->second;
        if (waiting.length_s == 0) waiting.length_s = step_s_;
        waiting.entries.push_back(std::move(entry));
        return release(waiting, false, sink);
    }

    static std::string series_key(const Entry& entry) {
        std::string key = entry.meter;
        key += entry.channel == Channel::export_ ? "\1-" : "\1+";
        key += entry.register_name;
        return key;
    }

    /// States rows whose length is known: all of them, at the end of the file.
    Result<> release(Waiting& waiting, bool is_end, Sink& sink) {
        std::size_t num_stated = 0;
        for (; waiting.entries.size() - num_stated > (is_end ? 0 : num_ahead); ++num_stated) {
            learn_length(waiting, num_stated);
            TRY_DO(state(std::move(waiting.entries[num_stated]), waiting.length_s, true, sink));
        }
        waiting.entries.erase(waiting.entries.begin(), waiting.entries.begin() + static_cast<std::ptrdiff_t>(num_stated));
        return {};
    }

    /// Rows follow each other in other steps from here on if the next two are closer than before, or the next four are farther apart: a
    /// single longer step is a gap.
    void learn_length(Waiting& waiting, std::size_t at) {
        std::int64_t step_s = 0;
        std::size_t num_equal = 0;
        for (std::size_t i = at; i + 1 < waiting.entries.size() && i < at + num_ahead; ++i) {
            const std::int64_t distance = std::abs(waiting.entries[i + 1].wall_s - waiting.entries[i].wall_s);
            if (num_equal > 0 && distance != step_s) break;
            step_s = distance;
            ++num_equal;
        }
        if (step_s < 60 || day_s % step_s != 0 || step_s == waiting.length_s) return;
        if (num_equal < (step_s < waiting.length_s ? 2 : num_ahead)) return;
        waiting.length_s = step_s;
        has_other_lengths_ = true;
    }

    /// Lines are views into the block, which ends.
    void keep_lines() {
        for (auto& [key, waiting] : waiting_)
            for (Entry& entry : waiting.entries) {
                if (entry.line.data() == nullptr) continue;
                entry.kept_line = entry.line;
                entry.line = {};
                entry.offset = 0;
            }
    }

    /// @param may_label the stamp may be the end
    Result<> state(Entry entry, std::int64_t length_s, bool may_label, Sink& sink) {
        if (entry.line.data() == nullptr) entry.line = shown_.emplace_back(std::move(entry.kept_line));
        Statement statement;
        statement.id = entry.meter;
        statement.channel = entry.channel;
        statement.quality = entry.quality;
        statement.offset = entry.offset;
        statement.text = entry.line;
        statement.start_s = entry.start_s;
        statement.length_s = length_s;
        if (may_label && !place(entry, statement)) {
            sink.refuse(Reason::nonexistent_time, entry.offset, entry.line);
            return {};
        }
        const std::int64_t nwh = energy_of(entry.parts, statement.length_s);
        if (entry.quality != Quality::missing && (layout_.is_net || layout_.has_sums)) {
            const bool is_kept = layout_.is_net
                                     ? series_.add_net(entry.meter, statement.start_s, statement.length_s, nwh, entry.quality, entry.section)
                                     : series_.add_part({entry.meter, entry.channel, entry.register_name, {}}, statement.start_s, statement.length_s,
                                                        nwh, entry.quality);
            return is_kept ? Result<>{} : too_many();
        }
        statement.energy_nwh = nwh;
        sink.take(statement);
        return {};
    }

    /// Start and length where the row has a stamp alone. Days are as long as the local day.
    bool place(const Entry& entry, Statement& statement) const {
        const std::int64_t length_s = statement.length_s;
        if (length_s % day_s != 0) {
            if (is_end_labelled_) statement.start_s -= length_s;
            return true;
        }
        const std::int64_t from_s = is_end_labelled_ ? entry.wall_s - length_s : entry.wall_s;
        const bool is_local = timeline_.instant_s({entry.wall_s, std::nullopt}) == entry.start_s;  // an offset that is the zone's own
        const auto offset_s = is_local ? std::nullopt : entry.offset_s;
        const auto start = timeline_.instant_s({from_s, offset_s}), end = timeline_.instant_s({from_s + length_s, offset_s});
        if (!start || !end) return false;
        statement.start_s = *start;
        statement.length_s = *end - *start;
        return true;
    }

    /// Instant of a row's stamp. Of a doubled hour the rows of a series are its two passes, in the order of the file, unless a column tells.
    std::optional<std::int64_t> instant_of(const Stamp& stamp) {
        const auto instant = timeline_.instant_s(stamp);
        if (!instant || timeline_.is_unique(stamp)) return instant;
        return pass_of(stamp.wall_s, stamp.wall_s);
    }

    /// The same of a stamp that marks the end. Some files give the instant of the end; others count hours, so that in autumn 02:00 comes
    /// twice, and in spring 02:00 is there and 03:00 is not: their wall clock is that of the start.
    std::optional<std::int64_t> end_of(const Stamp& stamp) {
        const Stamp start{stamp.wall_s - step_s_, stamp.offset_s};
        const auto end_s = timeline_.instant_s(stamp), start_s = timeline_.instant_s(start);
        if (step_s_ % day_s == 0) return end_s;
        if (!end_s) return start_s ? std::optional(*start_s + step_s_) : std::nullopt;
        const bool counts_hours = start_s && timeline_.is_unique(stamp) && !timeline_.is_unique(start) && doubled_[doubled_key(start.wall_s)] < 2;
        return counts_hours ? pass_of(stamp.wall_s, start.wall_s) + step_s_ : instant_of(stamp);
    }

    /// Instant of a doubled wall time in the pass that a row with this stamp is of.
    std::int64_t pass_of(std::int64_t stamp_s, std::int64_t wall_s) {
        const model::WallClock wall = calendar_.from_local(wall_s);
        const std::uint32_t num_met = doubled_[doubled_key(stamp_s)]++;
        const auto summer = summer_of(cell(layout_.summer));
        const bool is_second = summer ? !*summer : (num_met > 0) != layout_.is_descending;
        return (is_second ? wall.second : wall.first).time_since_epoch().count();
    }

    [[nodiscard]] std::string doubled_key(std::int64_t stamp_s) const {
        std::string key(cell(layout_.meter));
        for (const auto& field : {layout_.register_name, layout_.direction, layout_.kind, layout_.values[0].unit_field}) {
            key += '\1';
            key += cell(field);
        }
        return key + '\1' + std::to_string(stamp_s) + '\1' + std::to_string(layout_.is_net ? section_ : 0);
    }

    static std::optional<bool> summer_of(std::string_view text) {
        const std::string word = lower(text);
        for (const char* yes : {"1", "true", "yes", "y", "s", "summer", "sommer", "zomer", "dst", "a"})
            if (word == yes) return true;
        for (const char* no : {"0", "false", "no", "n", "w", "winter", "std", "b"})
            if (word == no) return false;
        if (word.size() >= 3 && (word.ends_with("est") || word.ends_with("dt") || word == "bst" || word == "mesz"))
            return word != "est";  // CEST, WEST, EDT; EST is none
        if (word == "cet" || word == "mez" || word == "gmt" || word == "wet" || word == "eet" || word.ends_with("st")) return false;
        return std::nullopt;
    }

    /// From the start to the end; the first instant of a doubled end that is behind the start. "00:14" and "23:59:59" are inclusive, and an
    /// end far before the start is that of the next day.
    [[nodiscard]] std::int64_t length_of(std::int64_t start_s, const Stamp& start, Stamp end) const {
        if (end.wall_s <= start.wall_s - day_s / 2) end.wall_s += day_s;
        const auto rounded = [](std::int64_t length_s) {
            return length_s % 300 == 240 ? length_s + 60 : length_s % 60 == 59 ? length_s + 1 : length_s;
        };
        const auto instant = timeline_.instant_s(end);
        if (!instant) return rounded(end.wall_s - start.wall_s);  // a wall-clock time that the zone skipped
        if (timeline_.is_unique(end) || *instant > start_s) return rounded(*instant - start_s);
        return rounded(calendar_.from_local(end.wall_s).second.time_since_epoch().count() - start_s);
    }

    PortalLayout layout_;
    Source source_;
    model::Calendar calendar_;
    Timeline timeline_;
    PortalSeries series_;
    std::int64_t step_s_ = 0;  ///< of a row, where nothing else tells
    Decimal factor_;
    bool is_end_labelled_ = false;
    std::string default_meter_;
    std::size_t num_fields_ = 0;  ///< place of the last one that a row must have

    std::vector<std::string> fields_;
    bool is_in_table_ = false;
    std::uint32_t section_ = 0;  ///< headers so far
    bool has_other_lengths_ = false;
    std::map<std::string, Waiting> waiting_;
    std::deque<std::string> shown_;                           ///< lines of earlier blocks that the sink looks at until the next call
    std::unordered_map<std::string, std::uint32_t> doubled_;  ///< rows met of a wall time that comes twice
};

}  // namespace

std::unique_ptr<Decoder> make_portal(PortalLayout layout, const DecodeOptions& options) {
    return std::make_unique<Portal>(std::move(layout), options);
}

}  // namespace meterveil::ingest
