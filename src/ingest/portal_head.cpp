// What the rows in the head of a portal's file say: order of dates, marks of numbers, length and direction of its series, counters.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>

#include "ingest/fields.hpp"
#include "ingest/portal_roles.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::int64_t day_s = 86400;
constexpr std::size_t least_reads = 24;  ///< of a counter that nothing but its reads tells from energies

std::string_view cell(const std::vector<std::string>& row, std::optional<std::size_t> field) {
    return field && *field < row.size() ? std::string_view(row[*field]) : std::string_view{};
}

/// One value column in one series of rows.
struct SampledValue {
    std::int64_t at_s = 0, nwh = 0;
    bool operator<(const SampledValue& other) const { return std::pair(at_s, nwh) < std::pair(other.at_s, other.nwh); }
};

class HeadOf {
public:
    HeadOf(const PortalSample& sample, const Source& source, PortalLayout& layout) : sample_(sample), source_(source), layout_(layout) {}

    void learn() {
        learn_order();
        learn_style();
        learn_series();
        learn_signs_and_blanks();
        if (!source_.values) {
            learn_registers();
        } else {
            for (PortalValue& value : layout_.values) value.is_register = *source_.values == Values::registers && !value.is_power;
            layout_.is_net = *source_.values == Values::net;
        }
    }

    /// Rows whose time and one of whose values can be read, of all.
    [[nodiscard]] double share_read() const {
        return sample_.rows.empty() ? 1 : static_cast<double>(num_read_) / static_cast<double>(sample_.rows.size());
    }
    /// True if the format of plain long tables reads all of it: one energy a row, instants and numbers of one kind.
    [[nodiscard]] bool is_plain() const {
        const bool has_more = layout_.time.time || layout_.time.end_date || layout_.factor || has_other_quality() || layout_.kind ||
                              layout_.register_name || layout_.summer || layout_.is_net || layout_.has_sums;
        if (has_more || layout_.values.size() != 1 || layout_.values[0].is_register || layout_.values[0].unit_field || !layout_.meter ||
            !sample_.above.empty())
            return false;
        return layout_.style.decimal_mark == '.' && std::all_of(sample_.rows.begin(), sample_.rows.end(), [&](const auto& row) {
                   if (!read_times(row, layout_) || !has_value(row)) return true;  // a row that nobody reads
                   const std::string_view number = cell(row, layout_.values[0].field);
                   return parse_stamp(cell(row, layout_.time.date)) && (says_nothing(number) || parse_decimal(number));
               });
    }

private:
    /// True if a row says that its value is not measured, where the format of plain long tables does not look.
    [[nodiscard]] bool has_other_quality() const {
        if (layout_.quality == quality_column(layout_.names)) return false;
        return std::any_of(sample_.rows.begin(), sample_.rows.end(),
                           [&](const auto& row) { return quality_of(cell(row, layout_.quality)) != model::Quality::measured; });
    }

    void learn_order() {
        std::vector<std::string_view> dates;
        for (const auto& row : sample_.rows) dates.push_back(without_formula(cell(row, layout_.time.date)));
        layout_.order = source_.date_order ? source_.date_order : order_of(dates);
        if (layout_.order || std::none_of(dates.begin(), dates.end(), has_two_orders)) return;
        layout_.order = order_of_steps(dates);
        layout_.is_order_told = layout_.order.has_value();
        if (!layout_.is_order_told) layout_.order = DateOrder::day_first;
    }

    void learn_style() {
        std::vector<std::string_view> numbers;
        for (const auto& row : sample_.rows)
            for (const PortalValue& value : layout_.values)
                if (const std::string_view number = cell(row, value.field); !says_nothing(number)) numbers.push_back(number);
        layout_.style = style_of(numbers, layout_.delimiter);
        if (source_.decimal_mark == 0) return;
        if (layout_.style.decimal_mark != source_.decimal_mark) layout_.style = {source_.decimal_mark, !layout_.style.is_told, true};
        layout_.style.is_told = true;
    }

    /// Rows of one series have the same meter, register, unit and kind.
    [[nodiscard]] std::string series_of(const std::vector<std::string>& row, bool with_register) const {
        std::string series(cell(row, layout_.meter));
        const std::optional<std::size_t> unit = layout_.values[0].unit_field;
        for (const auto& field : {with_register ? layout_.register_name : std::nullopt, layout_.direction, layout_.kind,
                                  layout_.values.size() == 1 ? unit : std::nullopt}) {
            series += '\0';
            series += cell(row, field);
        }
        return series;
    }

    void learn_series() {
        std::map<std::int64_t, std::size_t> steps, lengths;
        std::map<std::string, std::int64_t> latest;
        std::size_t forwards = 0, backwards = 0;
        for (const auto& row : sample_.rows) {
            const auto times = read_times(row, layout_);
            if (!times || !has_value(row)) continue;
            ++num_read_;
            const std::int64_t at_s = times->start.wall_s - times->start.offset_s.value_or(0);
            if (times->end)
                ++lengths[round_end(times->end->wall_s - times->end->offset_s.value_or(0) - at_s)];
            else if (const auto length = parse_length(cell(row, layout_.values[0].length_field)))
                ++lengths[*length];
            const std::int64_t wall_s = times->start.wall_s;  // days of one time, whatever their offsets
            const auto [known, is_new] = latest.try_emplace(series_of(row, true), wall_s);
            const std::int64_t step = wall_s - known->second;
            known->second = wall_s;
            if (step == 0) continue;
            ++steps[std::abs(step)];
            ++(step > 0 ? forwards : backwards);
        }
        layout_.step_s = commonest(lengths, 1);
        if (layout_.step_s == 0) layout_.step_s = is_orderly(steps) ? commonest(steps, 2) : common_step();
        const bool has_days_alone = !layout_.time.time && sample_.facts[*layout_.time.date].are_mostly(sample_.facts[*layout_.time.date].days);
        if (layout_.step_s == 0 && has_days_alone) layout_.step_s = day_s;
        layout_.is_descending = backwards > forwards;
        learn_sums();
    }

    /// True if one distance of rows in two is the same: else they stand in no order of time.
    static bool is_orderly(const std::map<std::int64_t, std::size_t>& steps) {
        std::size_t sum = 0, most = 0;
        for (const auto& [seconds, count] : steps) {
            sum += count;
            most = std::max(most, count);
        }
        return most * 2 >= sum;
    }

    /// The longest step that all rows of all series lie on; 0: none that divides a day.
    [[nodiscard]] std::int64_t common_step() const {
        std::map<std::string, std::int64_t> first;
        std::int64_t step = 0;
        for (const auto& row : sample_.rows)
            if (const auto times = read_times(row, layout_)) {
                const auto known = first.try_emplace(series_of(row, true), times->start.wall_s).first;
                step = std::gcd(step, times->start.wall_s - known->second);
            }
        return step >= 60 && day_s % step == 0 ? step : 0;
    }

    /// "00:00 - 00:14" is a quarter of an hour.
    static std::int64_t round_end(std::int64_t length_s) {
        return length_s % 300 == 240 ? length_s + 60 : length_s % 60 == 59 ? length_s + 1 : length_s;
    }

    /// Of lengths that divide a day or are whole days, if there are so many of one.
    static std::int64_t commonest(const std::map<std::int64_t, std::size_t>& counts, std::size_t least) {
        std::int64_t length = 0;
        std::size_t most = 0;
        for (const auto& [seconds, count] : counts)
            if (count > most && count >= least && seconds > 0 && (day_s % seconds == 0 || seconds % day_s == 0)) {
                most = count;
                length = seconds;
            }
        return length;
    }

    /// Two registers of one channel with rows of one time add up.
    void learn_sums() {
        if (!layout_.register_name) return;
        std::map<std::string, std::string> registers;
        for (const auto& row : sample_.rows) {
            const auto times = read_times(row, layout_);
            if (!times) continue;
            const std::string name(cell(row, layout_.register_name));
            const auto channel = direction_of(name);
            const std::string key =
                series_of(row, false) + '\0' + std::to_string(times->start.wall_s) + (channel == model::Channel::export_ ? "-" : "+");
            if (registers.try_emplace(key, name).first->second != name) layout_.has_sums = true;
        }
    }

    [[nodiscard]] std::optional<std::int64_t> nwh(const std::vector<std::string>& row, const PortalValue& value) const {
        const auto number = parse_number(cell(row, value.field), layout_.style);
        return number ? std::optional(nwh_of(*number, {1, 0}, EnergyUnit::wh)) : std::nullopt;
    }

    [[nodiscard]] bool has_value(const std::vector<std::string>& row) const {
        return std::any_of(layout_.values.begin(), layout_.values.end(),
                           [&](const PortalValue& value) { return value.field < row.size() && (says_nothing(row[value.field]) || nwh(row, value)); });
    }

    /// Exports that are negative throughout; tariffs of which each row fills one.
    void learn_signs_and_blanks() {
        std::size_t num_whole = 0, num_part = 0, num_empty = 0;
        for (PortalValue& value : layout_.values) {
            bool has_positive = false, has_negative = false;
            for (const auto& row : sample_.rows)
                if (const auto energy = nwh(row, value)) {
                    has_positive = has_positive || *energy > 0;
                    has_negative = has_negative || *energy < 0;
                }
            value.is_negated = value.channel == model::Channel::export_ && has_negative && !has_positive;
        }
        for (const auto& row : sample_.rows) {
            const auto num_filled = std::count_if(layout_.values.begin(), layout_.values.end(),
                                                  [&](const PortalValue& value) { return !says_nothing(cell(row, value.field)); });
            ++(num_filled == 0 ? num_empty : static_cast<std::size_t>(num_filled) == layout_.values.size() ? num_whole : num_part);
        }
        layout_.blanks_are_zero = layout_.values.size() > 1 && num_part > 1 && num_whole == 0 && num_empty == 0;
    }

    /// Whether the values of a column never fall, and what they show of a counter.
    struct Rise {
        bool never_falls = true, has_risen = false;
        std::int64_t longest_s = 0;  ///< that a series rises
        std::size_t most_reads = 0;
    };

    /// Three steps in four are one and the same, not 0: numbers that somebody made up, 1, 2, 3, rather than a counter.
    static bool is_ramp(const std::vector<SampledValue>& values) {
        std::vector<std::int64_t> steps;
        for (std::size_t i = 1; i < values.size(); ++i) steps.push_back(values[i].nwh - values[i - 1].nwh);
        std::sort(steps.begin(), steps.end());
        const std::int64_t middle = steps[steps.size() / 2];
        return middle > 0 && std::count(steps.begin(), steps.end(), middle) * 4 >= static_cast<std::ptrdiff_t>(steps.size()) * 3;
    }

    [[nodiscard]] Rise rise_of(const PortalValue& value, bool is_named) {
        std::map<std::string, std::vector<SampledValue>> series;
        for (const auto& row : sample_.rows) {
            const auto times = read_times(row, layout_);
            const auto energy = nwh(row, value);
            if (times && energy) series[series_of(row, true)].push_back({times->start.wall_s - times->start.offset_s.value_or(0), *energy});
        }
        Rise rise;
        for (auto& [key, values] : series) {
            std::sort(values.begin(), values.end());
            rise.never_falls =
                rise.never_falls && values.front().nwh >= 0 &&
                std::is_sorted(values.begin(), values.end(), [](const SampledValue& a, const SampledValue& b) { return a.nwh < b.nwh; });
            if (values.back().nwh <= values.front().nwh || (!is_named && is_ramp(values))) continue;
            rise.has_risen = true;
            rise.longest_s = std::max(rise.longest_s, values.back().at_s - values.front().at_s);
            rise.most_reads = std::max(rise.most_reads, values.size());
        }
        return rise;
    }

    /// Values of more than a day that never fall are reads of counters; with a name that says so, of any time. Columns beside a counter that
    /// never fall are counters as well: one that stands still is not so many times the same energy.
    void learn_registers() {
        bool has_register = false;
        std::vector<bool> may_be(layout_.values.size(), false);
        for (std::size_t v = 0; v < layout_.values.size(); ++v) {
            const PortalValue& value = layout_.values[v];
            if (value.is_power) continue;
            const bool is_named = has_any(sample_.words[value.field], register_words);
            const Rise rise = rise_of(value, is_named);
            may_be[v] = rise.never_falls;
            has_register =
                has_register || (rise.never_falls && rise.has_risen && (is_named || (rise.most_reads >= least_reads && rise.longest_s >= day_s)));
        }
        for (std::size_t v = 0; v < layout_.values.size(); ++v) layout_.values[v].is_register = has_register && may_be[v];
        const auto names_direction = [&](const auto& row) { return direction_of(cell(row, layout_.register_name)).has_value(); };
        const bool says_direction =
            layout_.direction || std::any_of(sample_.rows.begin(), sample_.rows.end(), names_direction) ||
            std::any_of(layout_.values.begin(), layout_.values.end(), [](const PortalValue& value) { return value.says_channel; });
        for (const auto& row : sample_.rows)
            for (const PortalValue& value : layout_.values)
                if (const auto energy = nwh(row, value); !says_direction && !value.is_register && energy && *energy < 0) layout_.is_net = true;
    }

    const PortalSample& sample_;
    const Source& source_;
    PortalLayout& layout_;
    std::size_t num_read_ = 0;
};

}  // namespace

Result<PortalGuess> portal_layout_of(std::string_view head, const Source& source) {
    TRY(const PortalSample sample, sample_portal(head, source.columns));
    PortalLayout layout;
    layout.delimiter = sample.delimiter;
    layout.header = sample.header;
    layout.names = sample.names;
    for (const std::string_view line : sample.above) layout.notes.insert(masked(trimmed(line)));
    TRY_DO(find_portal_roles(sample, source, layout));
    HeadOf rows(sample, source, layout);
    rows.learn();
    Sniffed sniffed;
    const double share = rows.share_read();
    if (share >= 0.75)
        sniffed = {rows.is_plain() ? 0.7 : 0.87, fmt::format("{} columns with a time and {} of energy", layout.names.size(), layout.values.size())};
    return PortalGuess{std::move(layout), std::move(sniffed)};
}

}  // namespace meterveil::ingest
