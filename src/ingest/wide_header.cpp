// Which columns of a wide table are what.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"
#include "ingest/wide.hpp"
#include "meterveil/core/nearest.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::int64_t hour_s = 3600, day_s = 86400;
constexpr std::size_t max_sampled_rows = 50;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Name of a column as a time of day or a number: "00:30", "00:00-00:15", "2A:00", "V0015", "Hour_1_Consumption".
struct Label {
    std::size_t field = 0;
    bool is_time = false;
    std::int64_t number = 0;             ///< seconds, where is_time
    std::optional<std::int64_t> end_s;   ///< of a range of times
    std::string before, after;           ///< the number
};

/// Takes "2:30", "02:30:00", "02h30", "2A:00" from the front.
std::optional<std::int64_t> take_time(std::string_view& text) {
    std::size_t digits = 0;
    while (digits < text.size() && digits < 2 && is_digit(text[digits])) ++digits;
    if (digits == 0) return std::nullopt;
    std::int64_t seconds = std::stoi(std::string(text.substr(0, digits))) * hour_s;
    std::string_view rest = text.substr(digits);
    if (rest.size() > 1 && (rest[0] == 'a' || rest[0] == 'b') && rest[1] == ':') rest.remove_prefix(1);  // the passes of a doubled hour
    if (rest.size() < 3 || (rest[0] != ':' && rest[0] != 'h' && rest[0] != '.') || !is_digit(rest[1]) || !is_digit(rest[2])) return std::nullopt;
    if (rest.size() > 3 && is_digit(rest[3])) return std::nullopt;
    const int minutes = (rest[1] - '0') * 10 + (rest[2] - '0');
    if (minutes > 59) return std::nullopt;
    seconds += minutes * 60;
    rest.remove_prefix(3);
    if (rest.starts_with(":00")) rest.remove_prefix(3);
    text = rest;
    return seconds;
}

std::optional<Label> parse_label(std::size_t field, std::string_view name) {
    const std::string word = lower(name);
    const std::size_t first = word.find_first_of("0123456789");
    if (first == std::string::npos) return std::nullopt;
    Label label;
    label.field = field;
    label.before = word.substr(0, first);
    std::string_view rest = std::string_view(word).substr(first);
    if (const auto start = take_time(rest)) {
        label.is_time = true;
        label.number = *start;
        const std::size_t mark = rest.find_first_not_of(" -");
        if (mark != std::string_view::npos && mark > 0) {
            std::string_view end = rest.substr(mark);
            label.end_s = take_time(end);
            if (label.end_s) rest = end;
        }
        label.after = rest;
        return label;
    }
    std::size_t digits = 0;
    for (; digits < rest.size() && digits <= 4 && is_digit(rest[digits]); ++digits) label.number = label.number * 10 + (rest[digits] - '0');
    label.after = rest.substr(digits);
    if (digits > 4 || label.after.find_first_of("0123456789") != std::string::npos) return std::nullopt;
    return label;
}

/// Labels of one kind: the most that have the same text before and after the number; after a time it may be any ("02:00 (2)").
std::vector<Label> main_labels(const std::vector<std::string>& names) {
    std::map<std::string, std::vector<Label>> groups;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (auto label = parse_label(i, names[i])) {
            const std::string kind = label->before + (label->is_time ? "\x01" : '\x02' + label->after);
            groups[kind].push_back(std::move(*label));
        }
    std::vector<Label>* most = nullptr;
    for (auto& [kind, labels] : groups)
        if (most == nullptr || labels.size() > most->size()) most = &labels;
    return most == nullptr ? std::vector<Label>{} : std::move(*most);
}

bool is_count(const std::vector<Label>& labels) {
    if (labels[0].number > 1) return false;
    for (std::size_t i = 1; i < labels.size(); ++i)
        if (labels[i].number != labels[i - 1].number + 1) return false;
    return true;
}

/// Of so many numbered columns: a day of 24 or of 25 hours. 0: no such day
std::int64_t step_of(std::size_t num_columns) {
    for (const std::int64_t step : {3600, 1800, 900, 600, 300, 60}) {
        const auto n = static_cast<std::int64_t>(num_columns);
        if (n * step == day_s || n * step == day_s + hour_s) return step;
    }
    return 0;
}

/// "0030" and "2400" are hours and minutes. False: some are not.
bool to_times(std::vector<Label>& labels) {
    for (Label& label : labels) {
        if (label.is_time) continue;
        if (label.number % 100 > 59 || label.number / 100 > 25) return false;
        label.number = label.number / 100 * hour_s + label.number % 100 * 60;
        label.is_time = true;
    }
    return true;
}

std::int64_t smallest_step(const std::vector<Label>& labels) {
    std::int64_t step = 0;
    for (std::size_t i = 1; i < labels.size(); ++i) {
        const std::int64_t distance = labels[i].number - labels[i - 1].number;
        if (distance > 0 && (step == 0 || distance < step)) step = distance;
    }
    return step;
}

/// Times in steps through one day, among them at most one hour a second time: just behind its first pass, or at the end.
/// @return false: they are something else
bool place_times(const std::vector<Label>& labels, WideLayout& layout) {
    const std::int64_t step = smallest_step(labels);
    if (step == 0 || hour_s % step != 0) return false;
    const std::int64_t first = labels[0].number;
    if (first != 0 && first != step) return false;
    std::int64_t next = first, second = 0, second_left = -1;
    for (const Label& label : labels) {
        std::int64_t at = label.number;
        if (at == 0 && next == day_s) at = day_s;  // "23:30", "00:00": the end of the day
        WideColumn column;
        column.field = label.field;
        if (second_left > 0) {
            if (at != second) return false;
        } else if (at != next) {
            if (second_left == 0 || at >= next) return false;
            second = at;
            second_left = hour_s / step;
        }
        column.is_second = second_left > 0;
        column.start.wall_s = at;
        if (column.is_second) {
            second += step;
            --second_left;
        } else {
            next += step;
        }
        layout.columns.push_back(std::move(column));
    }
    const std::int64_t whole = next - first;
    layout.is_counted = whole == day_s + hour_s;  // labels go on behind 24:00
    layout.step_s = step;
    layout.says_label = labels[0].end_s || first == step;
    if (!labels[0].end_s && first == step)  // "00:30" .. "24:00" are ends
        for (WideColumn& column : layout.columns) column.start.wall_s -= step;
    return second_left <= 0 && (whole == day_s || layout.is_counted);
}

bool place_count(const std::vector<Label>& labels, WideLayout& layout) {
    layout.step_s = step_of(labels.size());
    layout.is_counted = layout.says_label = true;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        WideColumn column;
        column.field = labels[i].field;
        column.start.wall_s = static_cast<std::int64_t>(i) * layout.step_s;
        layout.columns.push_back(std::move(column));
    }
    return layout.step_s != 0;
}

/// "kWh" of "00:30 (kWh)".
void read_unit(const std::string& text, WideLayout& layout) {
    std::string word;
    for (const char c : text + ' ') {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            word += c;
            continue;
        }
        const std::string unit = lower(word);
        word.clear();
        if (unit != "wh" && unit != "kwh" && unit != "mwh" && unit != "kw" && unit != "mw") continue;
        layout.unit = unit[0] == 'w' ? EnergyUnit::wh : unit[0] == 'k' ? EnergyUnit::kwh : EnergyUnit::mwh;
        layout.is_power = unit.size() == 2 && unit != "wh";
    }
}

/// A header and the first rows, by field.
struct Sample {
    std::vector<std::vector<std::string>> rows;
    [[nodiscard]] std::vector<std::string_view> column(std::size_t field) const {
        std::vector<std::string_view> values;
        for (const auto& row : rows)
            if (field < row.size() && !row[field].empty()) values.emplace_back(row[field]);
        return values;
    }
};

Sample sample_of(std::string_view head, char delimiter) {
    Sample sample;
    std::vector<std::string> fields;
    for (std::size_t at = line_at(head, 0).next; at < head.size() && sample.rows.size() < max_sampled_rows;) {
        const Line line = line_at(head, at);
        at = line.next;
        if (at == head.size() && head.back() != '\n' && !sample.rows.empty()) break;  // it may be cut
        if (!trimmed(line.text).empty() && split(line.text, delimiter, fields)) sample.rows.push_back(fields);
    }
    return sample;
}

/// True of three values in four: a file may have odd rows. False if there are none.
template <class Fits>
bool are_mostly(const std::vector<std::string_view>& values, Fits&& fits) {
    return !values.empty() && std::count_if(values.begin(), values.end(), fits) * 4 >= static_cast<std::ptrdiff_t>(values.size()) * 3;
}

bool is_number(std::string_view text) {
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), ',', '.');
    return to_nwh(plain, EnergyUnit::wh).has_value();
}

/// Commas in numbers, and points in none of them; undecided: a comma where the fields are divided by semicolons.
char decimal_mark_of(const Sample& sample, const WideLayout& layout) {
    std::size_t commas = 0, points = 0;
    for (const auto& row : sample.rows)
        for (const WideColumn& column : layout.columns)
            if (column.field < row.size()) {
                commas += row[column.field].find(',') != std::string::npos;
                points += row[column.field].find('.') != std::string::npos;
            }
    if (commas == 0 && points == 0) return layout.delimiter == ';' ? ',' : '.';
    return commas > points ? ',' : '.';
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return name == word; });
}

bool is_meter_name(const std::string& name) {
    const std::string word = lower(name);
    return is_one_of(word, {"meter", "mpan", "mprn", "nmi", "ean", "esi", "pod", "cups", "cons_no", "household", "customer", "site", "serial"}) ||
           word.starts_with("meter") || word.starts_with("mpan") || word.starts_with("customer_") || word.ends_with("id") || word.ends_with("_code") || word.ends_with("_no");
}

bool is_date_name(const std::string& name) {
    const std::string word = lower(name);
    return is_one_of(word, {"day", "giorno", "datum", "fecha", "tag", "dia", "jour", "data"}) || word.find("date") != std::string::npos;
}

bool is_time_name(const std::string& name) {
    return is_one_of(lower(name), {"time", "hour", "timestamp", "datetime", "date_time", "date time", "date", "start", "interval_start", "start_time", "utc", "tstp"});
}

/// Columns beside meters that say something of the time or of all of them.
bool is_other_name(const std::string& name) {
    const std::string word = lower(name);
    return is_one_of(word, {"week", "weekday", "day", "month", "year", "hour", "minute", "holiday", "season", "temp", "temperature", "humidity", "total", "sum", "mean"});
}

std::optional<std::size_t> index_of(const std::vector<std::string>& names, const std::string& wanted) {
    const auto found = std::find(names.begin(), names.end(), wanted);
    return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

Error not_wide(const char* what) { return {Code::input, what, "", "wide-csv: a date and a column for each time of day; or a column for each instant; or a time and a column for each meter"}; }

/// Finds the roles of the columns that hold no readings.
class Roles {
public:
    Roles(const Sample& sample, WideLayout& layout, const Columns& wanted) : sample_(sample), layout_(layout), wanted_(wanted), is_taken_(layout.names.size(), false) {
        for (const WideColumn& column : layout_.columns) is_taken_[column.field] = true;
    }

    Result<> find_date() {
        TRY_DO(take_wanted(wanted_.time, layout_.date));
        for (const bool by_name : {true, false})
            for (std::size_t i = 0; i < is_taken_.size() && !layout_.date; ++i)
                if (!is_taken_[i] && are_dates(i) && (!by_name || is_date_name(layout_.names[i]))) take(i, layout_.date);
        if (sample_.rows.empty())
            for (std::size_t i = 0; i < is_taken_.size() && !layout_.date; ++i)
                if (!is_taken_[i] && is_date_name(layout_.names[i])) take(i, layout_.date);
        for (std::size_t i = 0; i < is_taken_.size(); ++i)
            if (!is_taken_[i] && are_times(i)) return not_wide("a column has times: a row is no day");
        return layout_.date ? Result<>{} : not_wide("no column has the date");
    }

    /// By its name; else the first column that is no number and no date; else the only one that is left before the readings.
    Result<> find_meter() {
        TRY_DO(take_wanted(wanted_.meter, layout_.meter));
        TRY_DO(take_wanted(wanted_.channel, layout_.channel));
        find_named();
        for (std::size_t i = 0; i < is_taken_.size() && !layout_.meter; ++i)
            if (!is_taken_[i] && is_meter_name(layout_.names[i])) take(i, layout_.meter);
        for (std::size_t i = 0; i < is_taken_.size() && !layout_.meter; ++i)
            if (!is_taken_[i] && are_words(i)) take(i, layout_.meter);
        std::vector<std::size_t> left;
        for (std::size_t i = 0; i < is_taken_.size() && i < layout_.columns.front().field; ++i)
            if (!is_taken_[i]) left.push_back(i);
        if (!layout_.meter && left.size() == 1) take(left[0], layout_.meter);
        return {};
    }

private:
    void take(std::size_t field, std::optional<std::size_t>& role) {
        role = field;
        is_taken_[field] = true;
    }

    Result<> take_wanted(const std::string& name, std::optional<std::size_t>& role) {
        if (name.empty()) return {};
        const auto field = index_of(layout_.names, name);
        if (!field)
            return Error{Code::usage, fmt::format("no column '{}'{}", name, layout_.shape == Shape::meters ? "" : did_you_mean(name, layout_.names)), "", "[[readings]] columns names columns of the header"};
        take(*field, role);
        return {};
    }

    void find_named() {
        for (std::size_t i = 0; i < is_taken_.size(); ++i) {
            const std::string word = lower(layout_.names[i]);
            if (is_taken_[i]) continue;
            if (!layout_.channel && (word == "channel" || word == "direction")) take(i, layout_.channel);
            else if (word == "unit" || word == "uom") take(i, layout_.unit_of_row);
        }
    }

    [[nodiscard]] bool are_dates(std::size_t field) const {
        const auto values = sample_.column(field);
        const auto is_date = [](std::string_view text) {
            const auto stamp = parse_day_and_time(text, DateOrder::day_first);
            const auto other = stamp ? stamp : parse_day_and_time(text, DateOrder::month_first);
            return other && other->wall_s % day_s == 0 && !(text.size() >= 10 && text.find_first_not_of("0123456789") == std::string_view::npos);
        };
        return are_mostly(values, is_date);
    }

    [[nodiscard]] bool are_times(std::size_t field) const {
        return are_mostly(sample_.column(field), [](std::string_view text) { return parse_time_of_day(text).has_value(); });
    }

    [[nodiscard]] bool are_words(std::size_t field) const {
        return are_mostly(sample_.column(field), [](std::string_view text) { return !is_number(text); }) && !are_dates(field);
    }

    const Sample& sample_;
    WideLayout& layout_;
    const Columns& wanted_;
    std::vector<bool> is_taken_;
};

void learn_order(const std::vector<std::string_view>& dates, WideLayout& layout) {
    const auto order = order_of(dates);
    const bool has_year_first = std::all_of(dates.begin(), dates.end(), [](std::string_view text) { return text.find_first_of("-/.") > 2; });
    layout.is_order_told = order.has_value() || has_year_first;
    layout.order = order.value_or(DateOrder::day_first);
}

Result<WideGuess> days_layout(const Sample& sample, WideLayout layout, const Columns& wanted) {
    std::vector<Label> labels = main_labels(layout.names);
    if (labels.size() < 24) return not_wide("the header names no times of a day");
    const bool is_number = !labels[0].is_time && is_count(labels);
    if (!(is_number ? place_count(labels, layout) : to_times(labels) && place_times(labels, layout))) return not_wide("the columns are not the times of one day");
    read_unit(labels[0].before + ' ' + labels[0].after, layout);
    Roles roles(sample, layout, wanted);
    TRY_DO(roles.find_date());
    TRY_DO(roles.find_meter());
    learn_order(sample.column(*layout.date), layout);
    std::string why = fmt::format("a date, and {} columns for the times of its day", layout.columns.size());
    return WideGuess{std::move(layout), {0.93, std::move(why)}};
}

std::optional<Stamp> stamp_of_name(const std::string& name, DateOrder order) {
    if (name.find_first_of("-/.:") == std::string::npos && name.size() != 8) return std::nullopt;  // a number is an id as well
    return parse_day_and_time(name, order);
}

Result<WideGuess> instants_layout(const Sample& sample, WideLayout layout, const Columns& wanted) {
    learn_order({layout.names.begin(), layout.names.end()}, layout);
    std::int64_t previous = 0;
    for (std::size_t i = 0; i < layout.names.size(); ++i) {
        const auto stamp = stamp_of_name(layout.names[i], layout.order);
        if (!stamp) continue;
        if (const std::int64_t step = stamp->wall_s - previous; !layout.columns.empty() && step > 0 && (layout.step_s == 0 || step < layout.step_s)) layout.step_s = step;
        previous = stamp->wall_s;
        WideColumn column;
        column.field = i;
        column.start = *stamp;
        layout.columns.push_back(std::move(column));
    }
    if (layout.columns.size() < 3 || layout.columns.size() * 2 < layout.names.size()) return not_wide("few columns are instants");
    layout.shape = Shape::instants;
    Roles roles(sample, layout, wanted);
    TRY_DO(roles.find_meter());
    std::string why = fmt::format("{} columns that are instants", layout.columns.size());
    return WideGuess{std::move(layout), {0.9, std::move(why)}};
}

/// Half the distances at least are whole multiples of it.
std::int64_t step_between_rows(const Sample& sample, const WideLayout& layout) {
    std::vector<std::int64_t> distances;
    std::optional<std::int64_t> previous;
    for (const auto& row : sample.rows) {
        if (*layout.date >= row.size() || (layout.time && *layout.time >= row.size())) continue;
        auto stamp = parse_day_and_time(row[*layout.date], layout.order);
        if (!stamp) continue;
        const auto time = layout.time ? parse_time_of_day(row[*layout.time]) : std::nullopt;
        const std::int64_t at = stamp->wall_s - stamp->offset_s.value_or(0) + time.value_or(0);
        if (previous && at != *previous) distances.push_back(std::abs(at - *previous));
        previous = at;
    }
    return distances.empty() ? 0 : *std::min_element(distances.begin(), distances.end());
}

/// A word that may be the id of a meter: digits, and no blanks or units.
bool is_id_like(const std::string& name) {
    WideLayout scratch;
    read_unit(name, scratch);
    return name.find_first_of("0123456789") != std::string::npos && name.find_first_of(" \t()") == std::string::npos && !scratch.unit;
}

Result<WideGuess> meters_layout(const Sample& sample, WideLayout layout, const Columns& wanted) {
    layout.shape = Shape::meters;
    const auto is_instant = [&](std::size_t field) {
        const auto values = sample.column(field);
        if (values.empty()) return is_time_name(layout.names[field]);
        return are_mostly(values, [](std::string_view text) {
            return parse_day_and_time(text, DateOrder::day_first).has_value() || parse_day_and_time(text, DateOrder::month_first).has_value();
        });
    };
    layout.date = wanted.time.empty() ? std::optional<std::size_t>(0) : index_of(layout.names, wanted.time);
    if (!layout.date) return Error{Code::usage, fmt::format("no column '{}'", wanted.time), "", "columns.time names a column of the header"};
    if (!is_instant(*layout.date)) return not_wide("the first column is no time");
    if (stamp_of_name(layout.names[*layout.date], DateOrder::day_first)) return not_wide("the first line is a row, not a header");
    learn_order(sample.column(*layout.date), layout);
    const auto times = layout.names.size() > *layout.date + 1 ? sample.column(*layout.date + 1) : std::vector<std::string_view>{};
    if (are_mostly(times, [](std::string_view text) { return parse_time_of_day(text).has_value(); })) layout.time = *layout.date + 1;
    std::size_t num_id_like = 0;
    for (std::size_t i = 0; i < layout.names.size(); ++i) {
        const auto values = sample.column(i);
        if (i == layout.date || i == layout.time || layout.names[i].empty() || is_other_name(layout.names[i])) continue;
        if (are_mostly(values, [](std::string_view text) { return !is_number(text) && !says_missing(text); })) continue;
        WideColumn column;
        column.field = i;
        column.meter = layout.names[i];
        num_id_like += is_id_like(column.meter);
        layout.columns.push_back(std::move(column));
    }
    if (layout.columns.empty()) return not_wide("no column has readings");
    layout.step_s = step_between_rows(sample, layout);
    const bool is_sure = num_id_like >= 2 && num_id_like * 10 >= layout.columns.size() * 9 && !sample.rows.empty();
    std::string why = fmt::format("a time, and {} columns that may be meters", layout.columns.size());
    return WideGuess{std::move(layout), {is_sure ? 0.75 : 0.3, std::move(why)}};
}

}  // namespace

bool says_missing(std::string_view text) {
    if (text.empty() || text == "-") return true;
    if (text.size() > 4) return false;
    const std::string word = lower(text);
    return word == "nan" || word == "na" || word == "n/a" || word == "null" || word == "none";
}

Result<WideGuess> wide_layout_of(std::string_view head, const Columns& wanted) {
    WideLayout layout;
    const std::string_view header = first_line(head);
    layout.delimiter = delimiter_of(header);
    split(header, layout.delimiter, layout.names);
    if (!layout.names.empty() && layout.names.back().empty()) layout.names.pop_back();  // lines that end with a delimiter
    if (layout.names.size() < 2) return not_wide("the header has one column");
    const Sample sample = sample_of(head, layout.delimiter);
    auto guess = days_layout(sample, layout, wanted);
    if (!guess.ok() && guess.error().code == Code::input) guess = instants_layout(sample, layout, wanted);
    if (!guess.ok() && guess.error().code == Code::input) guess = meters_layout(sample, layout, wanted);
    if (!guess.ok()) return guess;
    guess.value().layout.decimal_mark = decimal_mark_of(sample, guess.value().layout);
    return guess;
}

}  // namespace meterveil::ingest
