// Which column of a portal's table is what.

#include "ingest/portal_roles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/fields.hpp"
#include "meterveil/core/nearest.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;

constexpr WordList money_words = "cost costs price amount kosten prijs preis prix costo eur euro usd gbp rate tarif code rrp id";

class Roles {
public:
    Roles(const PortalSample& sample, const Source& source, PortalLayout& layout)
        : sample_(sample), source_(source), layout_(layout), is_taken_(sample.names.size(), false) {}

    Result<> find() {
        TRY_DO(take_wanted());
        TRY_DO(find_time());
        find_end();
        find_named_meter();
        find_helpers();
        TRY_DO(find_values());
        find_devices();
        find_personal();
        return {};
    }

private:
    using Place = std::optional<std::size_t>;

    Result<> take(const std::string& wanted, const char* role, Place& place) {
        if (wanted.empty()) return {};
        const auto found = std::find(sample_.names.begin(), sample_.names.end(), wanted);
        if (found == sample_.names.end())
            return Error{Code::usage, fmt::format("no column '{}'{}", wanted, sample_.header.empty() ? "" : did_you_mean(wanted, sample_.names)), "",
                         fmt::format("columns.{} names a column of the header, or is its number where there is no header", role)};
        place = static_cast<std::size_t>(found - sample_.names.begin());
        is_taken_[*place] = true;
        return {};
    }

    Result<> take_wanted() {
        const Columns& wanted = source_.columns;
        Place import_energy, export_energy, unit;
        TRY_DO(take(wanted.meter, "meter", layout_.meter));
        TRY_DO(take(wanted.date, "date", layout_.time.date));
        TRY_DO(take(wanted.time, "time", wanted.date.empty() ? layout_.time.date : layout_.time.time));
        TRY_DO(take(wanted.end, "end", layout_.time.end_date));
        TRY_DO(take(wanted.channel, "channel", layout_.direction));
        TRY_DO(take(wanted.register_name, "register", layout_.register_name));
        TRY_DO(take(wanted.quality, "quality", layout_.quality));
        TRY_DO(take(wanted.factor, "factor", layout_.factor));
        TRY_DO(take(wanted.unit, "unit", unit));
        TRY_DO(take(wanted.energy, "energy", import_energy));
        TRY_DO(take(wanted.export_energy, "export", export_energy));
        for (const auto& [place, channel] : {std::pair(import_energy, source_.channel), std::pair(export_energy, Channel::export_)}) {
            if (!place) continue;
            PortalValue value = value_at(*place);
            value.says_channel = channel == Channel::export_ || export_energy.has_value();
            value.channel = channel;
            value.unit_field = unit;
            layout_.values.push_back(value);
        }
        return {};
    }

    [[nodiscard]] bool is_free(std::size_t i) const { return !is_taken_[i]; }
    [[nodiscard]] bool has_rows() const { return !sample_.rows.empty(); }
    [[nodiscard]] const ColumnFacts& facts(std::size_t i) const { return sample_.facts[i]; }
    [[nodiscard]] bool names(std::size_t i, WordList list) const { return has_any(sample_.words[i], list); }
    [[nodiscard]] bool has_header() const { return !sample_.header.empty(); }

    template <class Fits>
    Place first(Fits&& fits) {
        for (std::size_t i = 0; i < sample_.names.size(); ++i)
            if (is_free(i) && fits(i)) {
                is_taken_[i] = true;
                return i;
            }
        return std::nullopt;
    }

    /// 3: instants that leave no doubt, 2: instants, 1: days; one more for a name that says so, 0: no time of a row.
    [[nodiscard]] int time_score(std::size_t i) const {
        const ColumnFacts& f = facts(i);
        if (!is_free(i) || names(i, end_words) || names(i, record_words)) return 0;
        const bool is_named = names(i, time_words);
        if (!has_rows()) return is_named ? 2 : 0;
        if (f.is_digits && !is_named && has_header()) return 0;  // ten digits may be an account
        if (f.is_digits && f.num_different < 2 && sample_.rows.size() > 1 && !f.are_mostly(f.days)) return 0;
        if (!f.are_mostly(f.instants + f.days)) return 0;
        return (f.instants == 0 ? 2 : f.is_exact ? 6 : 4) + (is_named ? 1 : 0);
    }

    Result<> find_time() {
        if (!layout_.time.date) {
            int best = 0;
            for (std::size_t i = 0; i < sample_.names.size(); ++i)
                if (const int score = time_score(i); score > best) {
                    best = score;
                    layout_.time.date = i;
                }
            if (!layout_.time.date) {  // "Read date and end time"
                layout_.time.date = first([&](std::size_t i) { return names(i, end_words) && facts(i).are_mostly(facts(i).instants); });
                layout_.says_end = layout_.time.date.has_value();
            }
            if (!layout_.time.date) return Error{Code::usage, "no column looks like the time", "", "say which: columns = { time = \"...\" }"};
            is_taken_[*layout_.time.date] = true;
        }
        const std::size_t date = *layout_.time.date;
        layout_.is_utc = names(date, "utc gmt");
        if (layout_.time.time) return {};
        if (facts(date).are_mostly(facts(date).times) || (facts(date).are_mostly(facts(date).hours) && !facts(date).are_mostly(facts(date).days))) {
            layout_.time.time = date;  // the job named the time of day: the day is elsewhere
            layout_.time.date = first([&](std::size_t i) { return facts(i).are_mostly(facts(i).days); });
            if (!layout_.time.date)
                return Error{Code::usage, "no column looks like the date", "", "say which: columns = { date = \"...\", time = \"...\" }"};
        } else if (facts(date).are_mostly(facts(date).days)) {
            const auto is_start = [&](std::size_t i) { return !names(i, end_words) && facts(i).are_mostly(facts(i).times); };
            layout_.time.time = first(is_start);
            if (!layout_.time.time)
                layout_.time.time =
                    first([&](std::size_t i) { return names(i, hour_words) && !names(i, end_words) && facts(i).are_mostly(facts(i).hours); });
        }
        find_hours_to_24();
        return {};
    }

    /// Hours that are numbered 1 to 24, or go to 24:00 and never begin at 00:00, are those that end then.
    void find_hours_to_24() {
        if (!layout_.time.time) return;
        bool has_0 = false, has_24 = false;
        for (const auto& row : sample_.rows) {
            if (*layout_.time.time >= row.size() || row[*layout_.time.time].empty()) continue;
            const std::string& cell = row[*layout_.time.time];
            has_0 = has_0 || cell.find_first_not_of("0.:") == std::string::npos;
            has_24 = has_24 || cell == "24" || cell.starts_with("24:") || cell.starts_with("24.");
        }
        layout_.says_end = has_24 && !has_0;
    }

    void find_end() {
        if (layout_.time.end_date) return;
        const auto is_end = [&](std::size_t i) { return names(i, end_words) && !names(i, record_words); };
        layout_.time.end_date = first([&](std::size_t i) { return is_end(i) && facts(i).are_mostly(facts(i).instants); });
        if (layout_.time.end_date || !layout_.time.time) return;
        layout_.time.end_date = first([&](std::size_t i) { return is_end(i) && facts(i).are_mostly(facts(i).days); });
        layout_.time.end_time = first([&](std::size_t i) { return is_end(i) && facts(i).are_mostly(facts(i).times); });
        if (layout_.time.end_date && !layout_.time.end_time) layout_.time.end_date.reset();  // a period around the reading
    }

    /// Columns beside the values.
    void find_helpers() {
        layout_.kind = first([&](std::size_t i) {
            if (!names(i, kind_words)) return false;
            return std::any_of(sample_.rows.begin(), sample_.rows.end(),
                               [&](const auto& row) { return i < row.size() && (is_electric(row[i]) || is_other_supply(row[i])); });
        });
        find_direction();
        const auto is_word = [&](std::size_t i) { return !facts(i).are_mostly(facts(i).numbers); };
        if (!layout_.factor) layout_.factor = first([&](std::size_t i) { return names(i, factor_words) && (!has_rows() || !is_word(i)); });
        for (const WordList words : {WordList("quality qualityflag"), WordList("validation validatie"), WordList("status flag"), quality_words})
            if (!layout_.quality) layout_.quality = first([&](std::size_t i) { return names(i, words) && is_word(i); });
        layout_.summer = first([&](std::size_t i) {
            return names(i, summer_words) && !facts(i).are_mostly(facts(i).instants) && facts(i).num_different <= 4 && facts(i).filled > 0;
        });
        for (const WordList words : {WordList("register registercode obis"), register_name_words})
            if (!layout_.register_name)
                layout_.register_name =
                    first([&](std::size_t i) { return names(i, words) && is_word(i) && facts(i).filled > 0 && facts(i).num_different <= 12; });
    }

    /// Three cells in four name a direction; of a column whose name says less, all of them.
    void find_direction() {
        if (layout_.direction) return;
        layout_.direction = first([&](std::size_t i) {
            if (!names(i, direction_words) || facts(i).filled == 0) return false;
            const auto names_one = [&](const auto& row) { return i < row.size() && direction_of(row[i]).has_value(); };
            const auto num_named = static_cast<std::size_t>(std::count_if(sample_.rows.begin(), sample_.rows.end(), names_one));
            return names(i, "direction channel richting") ? facts(i).are_mostly(num_named) : num_named == sample_.rows.size();
        });
        layout_.is_unit_in_direction = layout_.direction && std::any_of(sample_.rows.begin(), sample_.rows.end(), [&](const auto& row) {
                                           return *layout_.direction < row.size() && unit_within(row[*layout_.direction]).has_value();
                                       });
    }

    PortalValue value_at(std::size_t i) {
        PortalValue value;
        value.field = i;
        value.unit = source_.unit;
        value.is_power = source_.is_power;
        if (const auto unit = unit_of(i)) {
            value.unit = unit->unit;
            value.is_power = unit->is_power;
        }
        const auto is_sent = [&](std::size_t other) { return names(other, "ae"); };  // activa entrante; and "AS", saliente
        const bool is_pair = names(i, "as") && (i == 0 ? false : is_sent(i - 1));
        const bool is_export = is_pair || direction_of(sample_.names[i]) == Channel::export_;
        value.says_channel = is_export || names(i, "import imported");
        value.channel = is_export ? Channel::export_ : value.says_channel ? Channel::import : source_.channel;
        return value;
    }

    [[nodiscard]] std::optional<UnitWord> unit_of(std::size_t i) const { return unit_within(sample_.names[i]); }

    [[nodiscard]] bool may_be_value(std::size_t i) const {
        const ColumnFacts& f = facts(i);
        return is_free(i) && (!has_rows() || (f.numbers > 0 && f.numbers * 4 >= f.filled * 3));
    }

    Result<> find_values() {
        if (layout_.values.empty()) {
            for (const bool by_unit : {true, false})
                for (std::size_t i = 0; i < sample_.names.size() && (layout_.values.empty() || by_unit || is_by_word_); ++i) {
                    const bool fits = by_unit ? unit_of(i) && !names(i, money_words) : names(i, energy_words) && !names(i, no_energy_words);
                    if (!fits || !may_be_value(i)) continue;
                    is_by_word_ = !by_unit;
                    layout_.values.push_back(value_at(i));
                }
            if (layout_.values.empty()) take_only_number();
            bind_units();
            TRY_DO(choose_values());
        }
        for (const PortalValue& value : layout_.values) is_taken_[value.field] = true;
        bind_units();
        if (layout_.values.empty()) return Error{Code::usage, "no column looks like the energy", "", "say which: columns = { energy = \"...\" }"};
        return {};
    }

    /// The only column of numbers, if its name says nothing else.
    void take_only_number() {
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < sample_.names.size(); ++i)
            if (may_be_value(i) && has_rows() && !facts(i).are_mostly(facts(i).instants)) numbers.push_back(i);
        if (numbers.size() != 1 || names(numbers[0], no_energy_words) || sample_.names[numbers[0]].empty()) return;
        layout_.values.push_back(value_at(numbers[0]));
    }

    /// The column of units, and that of lengths, that stands behind each value, before the next one; the only one is for all.
    void bind_units() {
        std::vector<std::size_t> units, lengths;
        for (std::size_t i = 0; i < sample_.names.size(); ++i) {
            const bool is_length = facts(i).filled > 0 && facts(i).are_mostly(facts(i).lengths);
            if (names(i, unit_words))
                units.push_back(i);
            else if (names(i, length_words) && is_length && i != layout_.time.date && i != layout_.time.time)
                lengths.push_back(i);
        }
        for (std::size_t v = 0; v < layout_.values.size(); ++v) {
            PortalValue& value = layout_.values[v];
            const std::size_t end = v + 1 < layout_.values.size() ? layout_.values[v + 1].field : sample_.names.size();
            const auto behind = [&](const std::vector<std::size_t>& places) -> Place {
                for (const std::size_t place : places)
                    if ((place > value.field && place < end) || places.size() == 1) return place;
                return std::nullopt;
            };
            if (!value.unit_field) value.unit_field = behind(units);
            if (!value.length_field) value.length_field = behind(lengths);
            for (const Place place : {value.unit_field, value.length_field})
                if (place) is_taken_[*place] = true;
        }
    }

    /// Shortest length in a value's column of lengths.
    [[nodiscard]] std::int64_t length_of(const PortalValue& value) const {
        std::int64_t shortest = INT64_MAX;
        for (const auto& row : sample_.rows)
            if (value.length_field && *value.length_field < row.size())
                if (const auto length = parse_length(row[*value.length_field])) shortest = std::min(shortest, *length);
        return shortest;
    }

    /// Of columns that say the same in other words one kind stays: energies rather than powers and counters, the finest, the total.
    Result<> choose_values() {
        const auto keep_if_any = [&](auto&& is_better) {
            for (const Channel channel : {Channel::import, Channel::export_}) {
                const auto is_of = [&](const PortalValue& v) { return v.channel == channel; };
                if (std::none_of(layout_.values.begin(), layout_.values.end(), [&](const PortalValue& v) { return is_of(v) && is_better(v); }))
                    continue;
                std::erase_if(layout_.values, [&](const PortalValue& v) { return is_of(v) && !is_better(v); });
            }
        };
        std::int64_t finest = INT64_MAX;
        for (const PortalValue& value : layout_.values) finest = std::min(finest, length_of(value));
        keep_if_any([](const PortalValue& v) { return !v.is_power; });
        if (std::any_of(layout_.values.begin(), layout_.values.end(), [](const PortalValue& v) { return v.channel == Channel::export_; }))
            keep_if_any([&](const PortalValue& v) { return !names(v.field, "net"); });  // what is left of import and export
        keep_if_any([&](const PortalValue& v) { return !names(v.field, register_words); });
        keep_if_any([&](const PortalValue& v) { return finest != INT64_MAX && length_of(v) == finest; });
        keep_if_any([&](const PortalValue& v) { return names(v.field, total_words); });
        for (std::size_t a = 0; a < layout_.values.size(); ++a)
            for (std::size_t b = a + 1; b < layout_.values.size(); ++b)
                if (layout_.values[a].channel == layout_.values[b].channel && !are_parts(layout_.values[a].field, layout_.values[b].field))
                    return Error{Code::usage, "several columns look like the energy", "",
                                 "say which: columns = { energy = \"...\", export = \"...\" }"};
        return {};
    }

    /// True for names that differ by a tariff or a phase alone.
    [[nodiscard]] bool are_parts(std::size_t a, std::size_t b) const {
        bool is_other = false;
        for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)})
            for (const std::string& word : sample_.words[one]) {
                const Words& theirs = sample_.words[other];
                if (std::find(theirs.begin(), theirs.end(), word) != theirs.end()) continue;
                is_other = true;
                if (!has_any({word}, tariff_words)) return false;
            }
        return is_other;
    }

    [[nodiscard]] bool may_be_id(std::size_t i) const {
        return facts(i).filled > 0 && !facts(i).are_mostly(facts(i).days) && !names(i, "type typ soort model stand count name");
    }

    /// The metering point before the device.
    void find_named_meter() {
        if (!layout_.meter) layout_.meter = first([&](std::size_t i) { return may_be_id(i) && names(i, meter_words); });
        const auto is_numbered = [&](std::size_t i) {
            return names(i, "meter metering zaehler z\xc3\xa4hler") && names(i, "id no nr number nummer point code");
        };
        if (!layout_.meter) layout_.meter = first([&](std::size_t i) { return may_be_id(i) && is_numbered(i); });
    }

    void find_devices() {
        if (!layout_.meter) layout_.meter = first([&](std::size_t i) { return may_be_id(i) && names(i, device_words); });
        layout_.device = first([&](std::size_t i) { return may_be_id(i) && names(i, "meter serial device meternummer zaehler z\xc3\xa4hler"); });
    }

    /// Columns that are not read, and what stands above the table.
    void find_personal() {
        for (std::size_t i = 0; i < sample_.names.size(); ++i)
            if (is_free(i)) add_personal(sample_.words[i]);
        for (const std::string_view line : sample_.above) {
            const std::string_view key = line.substr(0, line.find_first_of(":,;\t"));
            if (key.size() != line.size()) add_personal(words_of(key));
        }
    }

    void add_personal(const Words& words) {
        if (const std::string kind = personal_kind(words); !kind.empty()) layout_.personal.insert(kind);
    }

    const PortalSample& sample_;
    const Source& source_;
    PortalLayout& layout_;
    std::vector<bool> is_taken_;
    bool is_by_word_ = false;
};

/// What stands above the table: "Meter Number,70000001", "EAN: 8716...", or a line of names above one of values.
struct Fact {
    Words key;
    std::string value;
};

std::vector<Fact> facts_above(const PortalSample& sample) {
    std::vector<Fact> facts;
    std::vector<std::string> names, fields;
    for (const std::string_view line : sample.above) {
        std::string plain;
        for (const char c : line)
            if (c != '"') plain += c;
        if (const std::size_t mark = plain.find_first_of(":,;\t="); mark != std::string::npos) {
            const std::string_view rest = trimmed(std::string_view(plain).substr(mark + 1));
            facts.push_back({words_of(plain.substr(0, mark)), std::string(trimmed(rest.substr(0, rest.find_first_of(",;\t"))))});
        }
        split_cells(line, delimiter_of(line), fields);
        for (std::size_t i = 0; i < fields.size() && fields.size() > 2 && fields.size() == names.size(); ++i)
            facts.push_back({words_of(names[i]), fields[i]});
        names = fields;
    }
    return facts;
}

std::string id_above(const std::vector<Fact>& facts) {
    for (const auto& [key, value] : facts) {
        const bool is_meter = has_any(key, meter_words) || (has_any(key, "meter metering") && has_any(key, "number no nr id nummer point"));
        const bool is_id =
            value.size() >= 4 && value.size() <= 48 && value.find(' ') == std::string::npos && value.find_first_of("0123456789") != std::string::npos;
        if (is_meter && is_id && key.size() <= 5) return value;
    }
    return {};
}

std::optional<UnitWord> unit_above(const std::vector<Fact>& facts) {
    for (const auto& [key, value] : facts)
        if (const auto unit = parse_unit(value); unit && unit->is_energy && has_any(key, unit_words)) return unit;
    return std::nullopt;
}

}  // namespace

Result<> find_portal_roles(const PortalSample& sample, const Source& source, PortalLayout& layout) {
    const std::vector<Fact> facts = facts_above(sample);
    Source said = source;
    if (const auto unit = unit_above(facts)) {
        said.unit = unit->unit;
        said.is_power = unit->is_power;
    }
    TRY_DO(Roles(sample, said, layout).find());
    layout.meter_above = id_above(facts);
    return {};
}

}  // namespace meterveil::ingest
