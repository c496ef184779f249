#include "ingest/portal_sample.hpp"

#include <algorithm>
#include <set>

#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::size_t max_lines_above = 100, max_rows = 3000, max_columns = 400, num_rows_without_header = 20;
constexpr std::int64_t day_s = 86400;

/// Lines that are not blank; the last one may be cut.
std::vector<std::string_view> lines_of(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    std::vector<std::string_view> lines;
    for_each_line(head, [&](std::string_view line, std::size_t) { lines.push_back(line); });
    return lines;
}

std::optional<Stamp> any_stamp(std::string_view cell) {
    const std::string_view text = without_formula(cell);
    const auto stamp = parse_day_and_time(text, DateOrder::day_first);
    return stamp ? stamp : parse_day_and_time(text, DateOrder::month_first);
}

bool is_day(std::string_view cell) {
    const std::string_view text = without_formula(cell);
    return parse_day(text, DateOrder::day_first) || parse_day(text, DateOrder::month_first);
}

bool is_number(std::string_view text) { return parse_number(text, {'.', true, true}) || parse_number(text, {',', true, true}); }

/// "2020-05-01 00:00 to 2020-05-01 00:15", or the same of times.
bool is_range(const std::string& cell) {
    PortalLayout layout;
    layout.order = DateOrder::day_first;
    layout.time.date = 0;
    if (read_times({cell}, layout)) return true;
    layout.order = DateOrder::month_first;
    if (read_times({cell}, layout)) return true;
    layout.time.time = 1;
    return read_times({"2000-01-01", cell}, layout).has_value();
}

void look_at(const std::string& cell, ColumnFacts& facts) {
    if (says_nothing(cell)) {
        facts.missing += cell.empty() ? 0 : 1;
        return;
    }
    ++facts.filled;
    facts.is_digits = facts.is_digits && cell.find_first_not_of("0123456789") == std::string::npos;
    if (is_number(cell)) ++facts.numbers;
    if (parse_time_of_day(cell)) ++facts.times;
    if (parse_length(cell)) ++facts.lengths;
    if (is_day(cell)) return static_cast<void>(++facts.days);
    if (const auto stamp = any_stamp(cell)) {
        ++facts.instants;
        facts.is_exact = stamp->offset_s.has_value();
        return;
    }
    if (cell.size() <= 4 && cell.find_first_not_of("0123456789.") == std::string::npos && std::stod('0' + cell.substr(0, cell.rfind('.'))) <= 24)
        ++facts.hours;
    if (cell.size() > 8 && is_range(cell)) ++(cell.find_first_of("-/.") < 5 && cell.find(':') > 5 ? facts.instants : facts.times);
}

void look_at_columns(PortalSample& sample) {
    sample.facts.resize(sample.names.size());
    std::vector<std::set<std::string>> different(sample.names.size());
    for (const auto& row : sample.rows)
        for (std::size_t i = 0; i < row.size() && i < sample.names.size(); ++i) {
            look_at(row[i], sample.facts[i]);
            if (different[i].size() < 13) different[i].insert(row[i]);
        }
    for (std::size_t i = 0; i < different.size(); ++i) sample.facts[i].num_different = different[i].size();
    for (const std::string& name : sample.names) sample.words.push_back(words_of(name));
}

/// Rows below the header, as far as they are of the table: not notes, not the header again.
void read_rows(const std::vector<std::string_view>& lines, std::size_t first, bool may_be_cut, PortalSample& sample) {
    std::set<std::string> notes;
    for (const std::string_view line : sample.above) notes.insert(masked(trimmed(line)));
    std::vector<std::string> fields;
    for (std::size_t i = first; i < lines.size() && sample.rows.size() < max_rows; ++i) {
        if (may_be_cut && i + 1 == lines.size() && sample.rows.size() > 1) break;
        if (trimmed(lines[i]) == sample.header || notes.contains(masked(trimmed(lines[i])))) continue;
        PortalSample scratch;
        if (!split_cells(lines[i], sample.delimiter, fields) || fields.size() < 2 || is_total(fields) || is_portal_header(lines[i], {}, scratch))
            continue;
        sample.rows.push_back(fields);
    }
}

std::vector<std::string> named(const Columns& c) {
    std::vector<std::string> all = {c.meter,         c.time,          c.energy,  c.channel, c.date,  c.end,
                                    c.export_energy, c.register_name, c.quality, c.unit,    c.factor};
    std::erase(all, "");
    return all;
}

/// Rows from the first line on, all with as many fields, one of them a time.
bool has_rows_at_once(const std::vector<std::string_view>& lines, PortalSample& sample) {
    if (lines.empty()) return false;
    sample.delimiter = delimiter_of(lines[0]);
    std::vector<std::string> fields;
    std::size_t num_fields = 0;
    for (std::size_t i = 0; i < lines.size() && i < num_rows_without_header; ++i) {
        if (i > 0 && i + 1 == lines.size()) break;  // it may be cut
        if (!split_cells(lines[i], sample.delimiter, fields) || fields.size() < 2 || (i > 0 && fields.size() != num_fields)) return false;
        num_fields = fields.size();
        const auto has_year = [](const std::string& cell) {
            const auto stamp = any_stamp(cell);  // from 1990 on: a number of ten digits may be an id
            return stamp && stamp->wall_s > day_s * 365 * 20;
        };
        if (std::none_of(fields.begin(), fields.end(), has_year)) return false;
    }
    for (std::size_t i = 1; i <= num_fields; ++i) sample.names.push_back(std::to_string(i));
    return num_fields >= 2 && num_fields < max_columns;
}

/// A header has rows below it, of which one of the first has a time; or it is the end of the file.
bool has_rows_below(const std::vector<std::string_view>& lines, std::size_t header, char delimiter) {
    const std::size_t end = std::min(lines.size(), header + 6);
    std::vector<std::string> fields;
    for (std::size_t i = header + 1; i < end; ++i) {
        split_cells(lines[i], delimiter, fields);
        const auto has_time = [](const std::string& cell) { return any_stamp(cell) || (cell.size() > 8 && is_range(cell)); };
        if (fields.size() > 1 && std::any_of(fields.begin(), fields.end(), has_time)) return true;
    }
    return header + 1 == lines.size();
}

}  // namespace

bool split_cells(std::string_view line, char delimiter, std::vector<std::string>& fields) {
    const bool is_whole = split(line, delimiter, fields);
    if (line.find("\xc2\xa0") == std::string_view::npos && line.find("\xe2\x80\xaf") == std::string_view::npos) return is_whole;
    for (std::string& field : fields) {
        for (const std::string_view space : {"\xc2\xa0", "\xe2\x80\xaf"})
            for (std::size_t at = field.find(space); at != std::string::npos; at = field.find(space, at)) field.replace(at, space.size(), " ");
        field = trimmed(field);
    }
    return is_whole;
}

bool is_total(const std::vector<std::string>& fields) {
    const auto filled = std::find_if(fields.begin(), fields.end(), [](const std::string& field) { return !field.empty(); });
    return filled != fields.end() && has_any(words_of(*filled), total_words);
}

std::string masked(std::string_view line) {
    std::string text(line);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
    return text;
}

bool is_portal_header(std::string_view line, const Columns& wanted, PortalSample& sample) {
    sample.delimiter = delimiter_of(line);
    std::vector<std::string> names;
    if (!split_cells(line, sample.delimiter, names) || names.size() < 2 || names.size() > max_columns) return false;
    const std::vector<std::string> wanted_names = named(wanted);
    const auto is_there = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    const bool has_all = !wanted_names.empty() && std::all_of(wanted_names.begin(), wanted_names.end(), is_there);
    bool has_time = false, has_energy = false;
    for (const std::string& name : names) {
        if (any_stamp(name) || (is_number(name) && !has_all)) return false;
        const Words words = words_of(name);
        const bool is_time = has_any(words, time_words);
        has_time = has_time || is_time;
        has_energy = has_energy || (has_any(words, energy_words) && !has_any(words, "cost price")) ||
                     std::any_of(words.begin(), words.end(), [](const std::string& word) {
                         return word.size() > 1 && parse_unit(word).value_or(UnitWord{{}, false, false}).is_energy;
                     });
    }
    if (!has_all && !(has_time && has_energy)) return false;
    sample.names = std::move(names);
    return true;
}

Result<PortalSample> sample_portal(std::string_view head, const Columns& wanted) {
    const std::vector<std::string_view> lines = lines_of(head);
    const bool may_be_cut = !head.ends_with('\n');
    PortalSample sample;
    std::size_t first = 0;
    for (; first < lines.size() && first < max_lines_above; ++first) {
        if (!is_portal_header(lines[first], wanted, sample) || !has_rows_below(lines, first, sample.delimiter)) continue;
        sample.header = trimmed(lines[first]);
        sample.above.assign(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(first));
        break;
    }
    if (sample.header.empty() && !has_rows_at_once(lines, sample))
        return Error{Code::input, "no line of its head names a time and an energy, nor is the first one a row with a time", "",
                     "docs/formats/portal-csv.md"};
    read_rows(lines, sample.header.empty() ? 0 : first + 1, may_be_cut, sample);
    look_at_columns(sample);
    return sample;
}

}  // namespace meterveil::ingest
