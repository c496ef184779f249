// Rows of a wide table become statements. The quick way reads the cells of a plain row in one pass and puts them on the axis itself.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "ingest/decimal.hpp"
#include "ingest/delimited.hpp"
#include "ingest/fields.hpp"
#include "ingest/wide.hpp"
#include "meterveil/core/integer.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Reason;

constexpr std::int64_t day_s = 86400;
constexpr std::int64_t no_time = INT64_MIN;  ///< a wall-clock time that is not on this day
constexpr std::uint32_t no_interval = UINT32_MAX;
constexpr const char* personal_words[] = {"name", "address", "street", "postcode", "post_code", "zip", "city", "mail", "phone", "birth", "account"};

/// A field of a line as it stands: with its quotes, without the blanks around.
struct Field {
    std::string_view raw;
    bool is_quoted = false;
};

/// Fields of a line, in place. False if a quote stays open, or text follows one.
bool cut(std::string_view line, char delimiter, std::vector<Field>& fields) {
    fields.clear();
    for (std::size_t at = 0;; ++at) {
        while (at < line.size() && line[at] == ' ') ++at;
        const std::size_t begin = at;
        const bool is_quoted = at < line.size() && line[at] == '"';
        if (is_quoted) {
            for (++at; at < line.size(); ++at) {
                if (line[at] != '"') continue;
                if (at + 1 == line.size() || line[at + 1] != '"') break;
                ++at;
            }
            if (at == line.size()) return false;
            ++at;
        }
        const std::size_t end = std::min(line.find(delimiter, at), line.size());
        const std::string_view raw = trimmed(line.substr(begin, end - begin));
        if (is_quoted && begin + raw.size() > at) return false;
        fields.push_back({raw.empty() ? line.substr(begin, 0) : raw, is_quoted});
        if (end == line.size()) return true;
        at = end;
    }
}

/// Without quotes; a doubled quote within is one. @param room where the text is made if need be
std::string_view text_of(const Field& field, std::string& room) {
    if (!field.is_quoted) return field.raw;
    const std::string_view inner = field.raw.substr(1, field.raw.size() - 2);
    if (inner.find('"') == std::string_view::npos) return trimmed(inner);
    room.clear();
    for (std::size_t i = 0; i < inner.size(); ++i) {
        room += inner[i];
        if (inner[i] == '"') ++i;
    }
    return trimmed(room);
}

std::optional<std::pair<EnergyUnit, bool>> unit_of(std::string_view text) {
    const std::string word = lower(text);
    if (word == "wh" || word == "w") return std::pair(EnergyUnit::wh, word == "w");
    if (word == "kwh" || word == "kw") return std::pair(EnergyUnit::kwh, word == "kw");
    if (word == "mwh" || word == "mw") return std::pair(EnergyUnit::mwh, word == "mw");
    return std::nullopt;
}

/// By the words in the name of a column: "Customer Name", "e-mail", "postcode".
bool is_personal_name(std::string_view name) {
    const std::string word = lower(name);
    return std::any_of(std::begin(personal_words), std::end(personal_words), [&](const char* part) { return word.find(part) != std::string::npos; });
}

/// Where the columns of a row lie in time.
struct Day {
    std::vector<std::int64_t> starts;   ///< UTC seconds of each column, or no_time
    std::uint32_t first = no_interval;  ///< interval of the axis of wall-clock midnight, where all columns lie on the axis one after another
};

/// What the fields beside the readings say.
struct RowHead {
    std::string_view meter;
    const std::vector<std::int64_t>* starts = nullptr;  ///< days, instants
    std::uint32_t first = no_interval;                  ///< as in Day
    std::int64_t start_s = 0;                           ///< meters
    Channel channel = Channel::import;
    EnergyUnit unit = EnergyUnit::kwh;
    bool is_power = false;
};

Source with_step(Source source, std::int64_t step_s) {
    if (step_s > 0) source.interval_s = step_s;
    return source;
}

class Wide final : public Decoder {
public:
    Wide(WideLayout layout, const DecodeOptions& options, bool use_shortcuts)
        : layout_(std::move(layout)), options_(options), source_(with_step(options.source, layout_.step_s)), timeline_(source_, options.calendar, options.axis),
          unit_(layout_.unit.value_or(source_.unit)), is_power_(layout_.unit ? layout_.is_power : source_.is_power),
          length_s_(source_.interval_s > 0 ? source_.interval_s : options.axis.length.count()), max_quanta_(std::min<std::int64_t>(options.max_wh, INT32_MAX)),
          delimiter_(layout_.delimiter), decimal_mark_(layout_.decimal_mark) {
        column_of_field_.assign(layout_.names.size(), no_column);
        for (std::size_t i = 0; i < layout_.columns.size(); ++i) column_of_field_[layout_.columns[i].field] = static_cast<std::uint32_t>(i);
        if (layout_.shape == Shape::days && source_.label == Label::end && !layout_.says_label) label_shift_s_ = layout_.step_s;
        if (layout_.shape == Shape::instants) place_instants();
        for (const WideColumn& column : layout_.columns) last_wall_s_ = std::max(last_wall_s_, column.start.wall_s);
        is_quick_ = use_shortcuts && prepare_plain();
    }

    Result<> decode(std::string_view lines, bool is_first, Sink& sink) override {
        bool is_header = is_first;
        BatchSink* const batch = is_quick_ ? sink.batch_sink() : nullptr;
        numbers_.assign(layout_.shape == Shape::meters ? layout_.columns.size() : 0, no_interval);
        last_meter_.clear();
        for (std::size_t at = 0; at < lines.size();) {
            const Line line = line_at(lines, at);
            const std::size_t offset = std::exchange(at, line.next);
            if (trimmed(line.text).empty() || std::exchange(is_header, false)) continue;
            const bool has_end = offset + line.text.size() < lines.size();  // then what is behind the last cell stops a number
            if (batch == nullptr || !has_end || !read_plain(line.text, offset, *batch)) read(line.text, offset, sink);
        }
        return {};
    }

    [[nodiscard]] std::int64_t interval_s() const override {
        const bool has_odd_days = layout_.step_s % day_s == 0 && source_.clock.kind == Clock::Kind::local;
        return has_odd_days ? std::min<std::int64_t>(layout_.step_s, 3600) : layout_.step_s;
    }

    [[nodiscard]] std::vector<std::string> columns() const override;
    [[nodiscard]] std::vector<std::string> remarks() const override;

private:
    static constexpr std::uint32_t no_column = UINT32_MAX;

    // What a row is about.

    /// @return why the row states nothing that can be used, if so
    std::optional<Reason> read_head(const std::vector<Field>& fields, RowHead& row) {
        row.channel = source_.channel;
        row.unit = unit_;
        row.is_power = is_power_;
        if (layout_.channel) {
            const auto channel = channel_of(text_of(fields[*layout_.channel], room_));
            if (!channel) return Reason::malformed;
            row.channel = *channel;
        }
        if (layout_.unit_of_row) {
            const auto unit = unit_of(text_of(fields[*layout_.unit_of_row], room_));
            if (!unit) return Reason::other_quantity;
            std::tie(row.unit, row.is_power) = *unit;
        }
        row.meter = source_.meter;
        if (layout_.meter) row.meter = text_of(fields[*layout_.meter], meter_room_);
        if (row.meter.empty() && layout_.shape != Shape::meters) return Reason::malformed;
        return read_time(fields, row);
    }

    std::optional<Reason> read_time(const std::vector<Field>& fields, RowHead& row) {
        if (layout_.shape == Shape::instants) {
            row.starts = &instants_;
            return std::nullopt;
        }
        if (layout_.shape == Shape::days) {
            const Day* const day = day_of(fields);
            if (day == nullptr) return Reason::bad_time;
            row.starts = &day->starts;
            row.first = day->first;
            return std::nullopt;
        }
        auto stamp = parse_day_and_time(text_of(fields[*layout_.date], room_), layout_.order);
        const auto time = layout_.time ? parse_time_of_day(text_of(fields[*layout_.time], room_)) : std::optional<std::int32_t>(0);
        if (!stamp || !time) return Reason::bad_time;
        stamp->wall_s += *time;
        row.start_s = timeline_.start_s(*stamp, 0).value_or(no_time);
        return std::nullopt;
    }

    const Day* day_of(const std::vector<Field>& fields) {
        const std::string_view text = text_of(fields[*layout_.date], room_);
        const auto known = days_.find(std::string(text));
        if (known != days_.end()) return &known->second;
        const auto stamp = parse_day_and_time(text, layout_.order);
        if (!stamp || stamp->wall_s % day_s != 0) return nullptr;
        if (stamp->offset_s && stamp->wall_s - *stamp->offset_s != instant_of(stamp->wall_s)) return nullptr;  // midnight of another clock
        if (days_.size() >= max_days) days_.clear();
        return &days_.emplace(std::string(text), make_day(stamp->wall_s)).first->second;
    }

    // Times of the columns.

    /// On the source's clock. @param wall_s midnight
    Day make_day(std::int64_t wall_s) const {
        Day day;
        const bool is_local = source_.clock.kind == Clock::Kind::local;
        const std::int64_t length = is_local ? instant_of(wall_s + day_s) - instant_of(wall_s) : day_s;
        const bool counts_hours = layout_.is_counted && length > day_s && last_wall_s_ >= day_s;
        for (const WideColumn& column : layout_.columns) {
            std::int64_t start = no_time;
            if (counts_hours) start = column.start.wall_s < length ? instant_of(wall_s) + column.start.wall_s : no_time;
            else if (column.start.wall_s < day_s) start = wall_clock_start(wall_s + column.start.wall_s, column.is_second);
            day.starts.push_back(start == no_time ? no_time : start - label_shift_s_);
        }
        if (length == day_s) place_plainly(wall_s, day);
        return day;
    }

    /// A day without a clock change whose columns are intervals of the axis, one after another: all of them known from the first.
    void place_plainly(std::int64_t wall_s, Day& day) const {
        if (layout_.step_s != options_.axis.length.count()) return;
        const std::int64_t from_start = instant_of(wall_s) - label_shift_s_ - options_.axis.start.time_since_epoch().count();
        const std::int64_t first = from_start / layout_.step_s, last = first + day_s / layout_.step_s;
        if (from_start < 0 || from_start % layout_.step_s != 0 || last > options_.axis.count) return;
        day.first = static_cast<std::uint32_t>(first);
    }

    std::int64_t instant_of(std::int64_t wall_s) const {
        if (source_.clock.kind == Clock::Kind::local) return options_.calendar.from_local(wall_s).first.time_since_epoch().count();
        return wall_s - (source_.clock.kind == Clock::Kind::fixed_offset ? source_.clock.offset_s : 0);
    }

    std::int64_t wall_clock_start(std::int64_t wall_s, bool is_second) const {
        if (source_.clock.kind != Clock::Kind::local) return is_second ? no_time : instant_of(wall_s);
        const model::WallClock wall = options_.calendar.from_local(wall_s);
        if (wall.kind == model::WallClock::Kind::nonexistent || (is_second && wall.kind != model::WallClock::Kind::ambiguous)) return no_time;
        return (is_second ? wall.second : wall.first).time_since_epoch().count();
    }

    void place_instants() {
        for (const WideColumn& column : layout_.columns) instants_.push_back(timeline_.start_s(column.start, 0).value_or(no_time));
        if (layout_.step_s % day_s != 0 || source_.clock.kind != Clock::Kind::local) return;
        for (const WideColumn& column : layout_.columns) lengths_.push_back(instant_of(column.start.wall_s + layout_.step_s) - instant_of(column.start.wall_s));
    }

    // Any row.

    void read(std::string_view line, std::size_t offset, Sink& sink) {
        const bool is_whole = line.find('\0') == std::string_view::npos && cut(line, layout_.delimiter, fields_) && fields_.size() >= layout_.names.size();
        const auto extra = [&](const Field& field) { return !field.raw.empty(); };
        if (!is_whole || std::any_of(fields_.begin() + static_cast<std::ptrdiff_t>(layout_.names.size()), fields_.end(), extra)) return sink.refuse(Reason::malformed, offset, line);
        RowHead row;
        if (const auto reason = read_head(fields_, row)) return sink.refuse(*reason, offset, line);
        read_cells(row, line, offset, sink);
    }

    /// @param line cut into fields_
    void read_cells(RowHead& row, std::string_view line, std::size_t offset, Sink& sink) {
        std::vector<std::int64_t> counted;
        if (layout_.shape == Shape::days) count_short_day(row, counted);
        for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
            const Field& field = fields_[layout_.columns[i].field];
            read_cell(row, i, field, offset + static_cast<std::size_t>(field.raw.data() - line.data()), sink);
        }
    }

    /// Numbered columns of a day of 23 hours: if the last hour's are empty and the skipped hour's are not, they are counted from midnight.
    void count_short_day(RowHead& row, std::vector<std::int64_t>& counted) const {
        if (!layout_.is_counted || source_.clock.kind != Clock::Kind::local || row.starts->front() == no_time) return;
        bool has_skipped = false, has_last = false;
        for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
            const std::int64_t wall_s = layout_.columns[i].start.wall_s;
            const bool is_empty = fields_[layout_.columns[i].field].raw.empty();
            has_skipped = has_skipped || (wall_s < day_s && (*row.starts)[i] == no_time && !is_empty);
            has_last = has_last || (wall_s >= day_s - 3600 && !is_empty);
        }
        if (!has_skipped || has_last) return;
        for (const WideColumn& column : layout_.columns) {
            const bool is_on_day = column.start.wall_s < day_s - 3600;
            counted.push_back(is_on_day ? row.starts->front() + column.start.wall_s : no_time);
        }
        row.starts = &counted;
    }

    void read_cell(const RowHead& row, std::size_t column, const Field& field, std::size_t offset, Sink& sink) {
        const std::string_view text = text_of(field, room_);
        const std::int64_t start = layout_.shape == Shape::meters ? row.start_s : (*row.starts)[column];
        const bool is_missing = says_missing(text);
        if (start == no_time) {  // an empty column of an hour that the day does not have states nothing
            if (!is_missing) sink.refuse(Reason::nonexistent_time, offset, field.raw);
            return;
        }
        Statement statement;
        statement.id = layout_.shape == Shape::meters ? std::string_view(layout_.columns[column].meter) : row.meter;
        statement.start_s = start;
        statement.length_s = lengths_.empty() ? source_.interval_s : lengths_[column];
        statement.channel = row.channel;
        statement.offset = offset;
        statement.text = field.raw;
        if (is_missing) {
            statement.quality = model::Quality::missing;
            return sink.take(statement);
        }
        const auto energy = energy_of(text, row, statement.length_s > 0 ? statement.length_s : length_s_);
        if (!energy) return sink.refuse(is_outside(statement) ? Reason::outside_period : Reason::bad_value, offset, field.raw);
        statement.energy_nwh = *energy;
        sink.take(statement);
    }

    std::optional<std::int64_t> energy_of(std::string_view text, const RowHead& row, std::int64_t length_s) {
        if (layout_.decimal_mark != '.') {
            if (text.find('.') != std::string_view::npos) return std::nullopt;
            number_room_ = text;
            std::replace(number_room_.begin(), number_room_.end(), layout_.decimal_mark, '.');
            text = number_room_;
        }
        const auto energy = to_nwh(text, row.unit);
        return energy && row.is_power ? energy_of_power(*energy, length_s) : energy;
    }

    bool is_outside(const Statement& s) const {
        const std::int64_t from = options_.axis.start.time_since_epoch().count();
        return s.start_s < from || s.start_s >= options_.axis.end().time_since_epoch().count();
    }

    // A plain row, on the axis itself. What looks odd says no at once; then the general way reads the row.

    bool prepare_plain();
    bool read_plain(std::string_view line, std::size_t offset, BatchSink& batch);
    const char* read_plain_head(std::string_view line);
    void read_plain_cells(const RowHead& row, const char* at, std::string_view line, std::size_t offset, BatchSink& batch);
    const char* read_plain_number(const char* at, const char* end, Energy& energy) const;
    std::uint32_t interval_of(std::int64_t start_s) const;

    std::uint32_t number_of(std::string_view meter, BatchSink& batch) {
        if (last_meter_.empty() || meter != last_meter_) {
            last_number_ = batch.number_of(meter);
            last_meter_ = meter;
        }
        return last_number_;
    }
    std::uint32_t number_of_column(std::size_t column, BatchSink& batch) {
        if (numbers_[column] == no_interval) numbers_[column] = batch.number_of(layout_.columns[column].meter);
        return numbers_[column];
    }

    static constexpr std::size_t max_days = 4096;

    WideLayout layout_;
    DecodeOptions options_;
    Source source_;
    Timeline timeline_;
    EnergyUnit unit_;
    bool is_power_;
    std::int64_t length_s_;  ///< of a reading
    std::int64_t max_quanta_;
    char delimiter_, decimal_mark_;
    bool is_quick_ = false;
    std::int64_t label_shift_s_ = 0, last_wall_s_ = 0;
    std::vector<std::uint32_t> column_of_field_;
    std::vector<std::uint32_t> places_;    ///< of each column: days: intervals behind midnight; instants: interval of the axis
    std::vector<std::size_t> head_fields_; ///< the fields beside the readings, in order
    int unit_exponent_ = 0;                ///< a value is nano-Wh times ten to it
    std::vector<std::int64_t> instants_;   ///< of each column
    std::vector<std::int64_t> lengths_;    ///< likewise, where days differ
    std::unordered_map<std::string, Day> days_;
    std::vector<Field> fields_;
    std::string room_, meter_room_, number_room_;
    std::vector<std::uint32_t> numbers_;   ///< of the columns' meters in this batch
    std::string last_meter_;
    std::uint32_t last_number_ = 0;
};

constexpr std::int64_t powers_of_ten[] = {1,         10,         100,         1000,         10000,         100000,         1000000,         10000000,        100000000, 1000000000,
                                         10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000};

/// False: the general way reads every row. Rows that end with a reading and begin with what it is about, at the axis' own length.
bool Wide::prepare_plain() {
    for (const auto& role : {layout_.meter, layout_.date, layout_.time, layout_.channel})
        if (role) head_fields_.push_back(*role);
    std::sort(head_fields_.begin(), head_fields_.end());
    unit_exponent_ = unit_ == EnergyUnit::wh ? 9 : unit_ == EnergyUnit::kwh ? 12 : 15;
    for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
        const std::int64_t wall_s = layout_.columns[i].start.wall_s;
        if (layout_.shape == Shape::days) places_.push_back(wall_s % layout_.step_s != 0 ? no_interval : static_cast<std::uint32_t>(wall_s / layout_.step_s));
        if (layout_.shape == Shape::instants) places_.push_back(interval_of(instants_[i]));
    }
    const bool is_headed = head_fields_.empty() || head_fields_.back() < layout_.columns.front().field;
    return is_headed && !is_power_ && !layout_.unit_of_row && options_.energy_quantum_wh == 1 && layout_.delimiter != layout_.decimal_mark &&
           length_s_ == options_.axis.length.count() && lengths_.empty();
}

/// no_interval: not one of the axis.
std::uint32_t Wide::interval_of(std::int64_t start_s) const {
    if (start_s == no_time) return no_interval;
    const std::int64_t from_start = start_s - options_.axis.start.time_since_epoch().count(), step = options_.axis.length.count();
    if (from_start < 0 || from_start % step != 0 || from_start / step >= options_.axis.count) return no_interval;
    return static_cast<std::uint32_t>(from_start / step);
}

bool Wide::read_plain(std::string_view line, std::size_t offset, BatchSink& batch) {
    if (std::memchr(line.data(), '"', line.size()) != nullptr || std::memchr(line.data(), '\0', line.size()) != nullptr) return false;
    if (std::count(line.begin(), line.end(), layout_.delimiter) + 1 != static_cast<std::ptrdiff_t>(layout_.names.size())) return false;
    const char* const at = read_plain_head(line);
    RowHead row;
    if (const auto reason = read_head(fields_, row)) {  // once: of a doubled hour the next time would be another
        batch.refuse(*reason, offset, line);
        return true;
    }
    if (layout_.shape == Shape::meters) row.first = interval_of(row.start_s);
    if (layout_.shape == Shape::instants || row.first != no_interval) read_plain_cells(row, at, line, offset, batch);
    else if (cut(line, layout_.delimiter, fields_)) read_cells(row, line, offset, batch);
    return true;
}

/// The fields that a row is about. @return the first field of a reading
const char* Wide::read_plain_head(std::string_view line) {
    fields_.resize(layout_.names.size());
    const char *at = line.data(), *const end = at + line.size();
    std::size_t next = 0;
    for (std::size_t field = 0; field < layout_.columns.front().field; ++field) {
        const auto* stop = static_cast<const char*>(std::memchr(at, layout_.delimiter, static_cast<std::size_t>(end - at)));
        if (next < head_fields_.size() && head_fields_[next] == field) {
            fields_[field] = {trimmed({at, static_cast<std::size_t>(stop - at)}), false};
            ++next;
        }
        at = stop + 1;
    }
    return at;
}

void Wide::read_plain_cells(const RowHead& row, const char* at, std::string_view line, std::size_t offset, BatchSink& batch) {
    const char* const end = line.data() + line.size();
    const bool is_of_meter = layout_.shape != Shape::meters;
    const std::uint32_t who = is_of_meter ? number_of(row.meter, batch) : 0;
    const std::uint32_t first = layout_.shape == Shape::instants ? 0 : row.first;
    for (std::size_t field = layout_.columns.front().field; field < layout_.names.size(); ++field) {
        const std::size_t column = column_of_field_[field];
        while (*at == ' ') ++at;
        Energy energy;
        const bool is_wanted = column != no_column;
        const bool has_place = is_wanted && (!is_of_meter || (places_[column] != no_interval && (*row.starts)[column] != no_time));
        const char* stop = has_place ? read_plain_number(at, end, energy) : nullptr;
        if (stop != nullptr) {
            const std::uint32_t interval = is_of_meter ? first + places_[column] : first;
            batch.add(is_of_meter ? who : number_of_column(column, batch), interval, row.channel, energy, offset + static_cast<std::size_t>(at - line.data()));
        } else {
            const void* next = std::memchr(at, layout_.delimiter, static_cast<std::size_t>(end - at));
            stop = next == nullptr ? end : static_cast<const char*>(next);
            std::string_view raw = trimmed({at, static_cast<std::size_t>(stop - at)});
            if (raw.empty()) raw = {at, 0};
            if (is_wanted) read_cell(row, column, {raw, false}, offset + static_cast<std::size_t>(raw.data() - line.data()), batch);
        }
        at = stop + 1;
    }
}

/// A plain decimal in range, up to the end of its field. @return that end, or null: the general way reads it
const char* Wide::read_plain_number(const char* at, const char* end, Energy& energy) const {
    const char* const begin = at;
    std::int64_t value = 0;
    for (; *at >= '0' && *at <= '9' && at - begin < 9; ++at) value = value * 10 + (*at - '0');
    const auto whole_digits = static_cast<int>(at - begin);
    int decimals = 0;
    if (*at == decimal_mark_) {
        const char* const point = at++;
        for (; *at >= '0' && *at <= '9' && at - point <= 9; ++at) value = value * 10 + (*at - '0');
        decimals = static_cast<int>(at - point) - 1;
    }
    while (*at == ' ') ++at;
    if (whole_digits + decimals == 0 || whole_digits + unit_exponent_ > 18 || (at != end && *at != delimiter_)) return nullptr;
    constexpr std::int64_t nano = 1'000'000'000;
    if (decimals <= unit_exponent_ - 9) {  // whole Wh
        energy = {value * powers_of_ten[unit_exponent_ - 9 - decimals], 0};
    } else {
        const std::int64_t nwh = value * powers_of_ten[unit_exponent_ - decimals], quanta = divide_half_even(nwh, nano);
        energy = {quanta, nwh - quanta * nano};
    }
    return energy.quanta <= max_quanta_ ? at : nullptr;
}

std::vector<std::string> Wide::columns() const {
    std::vector<std::string> described;
    bool is_told = false;
    for (std::size_t i = 0; i < layout_.names.size(); ++i) {
        if (column_of_field_[i] != no_column) {  // one line for all: there may be thousands, and their names may be ids
            if (!std::exchange(is_told, true))
                described.push_back(layout_.shape == Shape::meters ? fmt::format("{} columns: energy of a meter each", layout_.columns.size())
                                                                   : fmt::format("{} .. {}: energy", layout_.names[i], layout_.names[layout_.columns.back().field]));
            continue;
        }
        const char* meaning = layout_.meter == i ? "meter" : layout_.date == i ? (layout_.shape == Shape::days ? "date" : "time") : layout_.time == i ? "time of day" :
                              layout_.channel == i ? "channel" : layout_.unit_of_row == i ? "unit" : "not read";
        described.push_back(layout_.names[i] + ": " + meaning);
    }
    return described;
}

std::vector<std::string> Wide::remarks() const {
    std::vector<std::string> said;
    if (!layout_.meter && layout_.shape != Shape::meters) said.emplace_back("no column names the meter: say whose readings they are, meter = \"...\"");
    if (!layout_.is_order_told) said.emplace_back("dates are taken as day before month: none at the start of the file decides");
    if (layout_.decimal_mark == ',') said.emplace_back("decimal commas");
    if (layout_.shape == Shape::days && source_.clock.kind == Clock::Kind::local)
        said.emplace_back(layout_.is_counted && last_wall_s_ >= day_s ? "columns are counted from midnight: a day has up to 25 hours" : "columns are times of a wall clock");
    for (std::size_t i = 0; i < layout_.names.size(); ++i)
        if (column_of_field_[i] == no_column && layout_.meter != i && is_personal_name(layout_.names[i]))
            said.push_back(fmt::format("column {} may name or place a person; it is not read", i + 1));
    if (layout_.unit) said.emplace_back(layout_.is_power ? "the header says power, not energy" : "the header says the unit of energy");
    return said;
}

}  // namespace

std::unique_ptr<Decoder> make_wide(WideLayout layout, const DecodeOptions& options, bool use_shortcuts) {
    return std::make_unique<Wide>(std::move(layout), options, use_shortcuts);
}

}  // namespace meterveil::ingest
