#include "ingest/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

constexpr std::size_t longest = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of a blank or apostrophe between digits at `at`; 0: there is none. No-break spaces and the right quotation mark are UTF-8.
std::size_t blank_at(std::string_view text, std::size_t at) {
    if (text[at] == ' ' || text[at] == '\'') return 1;
    for (const std::string_view mark : {"\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99"})
        if (text.substr(at).starts_with(mark)) return mark.size();
    return 0;
}

/// A sign as '-', and every mark of thousands as '_'.
std::optional<std::string> plain_marks(std::string_view text, char thousands) {
    if (text.size() > longest) return std::nullopt;
    std::string plain;
    if (text.starts_with("\xe2\x88\x92")) {  // the minus sign of typography
        plain = "-";
        text.remove_prefix(3);
    }
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t blank = text[i] == thousands && thousands != 0 ? 1 : blank_at(text, i);
        plain += blank > 0 ? '_' : text[i];
        i += blank > 0 ? blank : 1;
    }
    return plain;
}

/// True if groups behind the first have three digits, and none is behind the decimal mark.
bool is_grouped(std::string_view plain, char decimal_mark) {
    if (!plain.empty() && (plain[0] == '-' || plain[0] == '+')) plain.remove_prefix(1);
    plain = plain.substr(0, plain.find_first_of(std::string{decimal_mark, 'e', 'E'}));
    std::size_t digits = 0;
    bool is_first = true;
    for (const char c : plain) {
        if (is_digit(c)) {
            ++digits;
            continue;
        }
        if (c != '_' || (is_first ? digits < 1 || digits > 3 : digits != 3)) return false;
        is_first = false;
        digits = 0;
    }
    return digits == 3;
}

/// What one number says of the marks.
struct Marks {
    std::size_t num_points = 0, num_commas = 0, last_point = 0, last_comma = 0, digits_behind = 0, digits_before = 0;
    bool starts_with_zero = false;
};

Marks marks_of(std::string_view text) {
    Marks marks;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '.')
            ++marks.num_points, marks.last_point = i;
        else if (text[i] == ',')
            ++marks.num_commas, marks.last_comma = i;
        else if (is_digit(text[i]))
            ++(marks.num_points + marks.num_commas == 0 ? marks.digits_before : marks.digits_behind);
        if (text[i] == '.' || text[i] == ',') marks.digits_behind = 0;
    }
    const std::size_t first = text.find_first_of("0123456789.,");
    marks.starts_with_zero = first != std::string_view::npos && (text[first] == '0' || !is_digit(text[first]));
    return marks;
}

}  // namespace

NumberStyle style_of(const std::vector<std::string_view>& numbers, char delimiter) {
    std::size_t point_is_decimal = 0, comma_is_decimal = 0, point_is_thousands = 0, comma_is_thousands = 0, unclear_commas = 0, unclear_points = 0;
    for (const std::string_view text : numbers) {
        const Marks m = marks_of(text);
        if (m.num_points > 0 && m.num_commas > 0) {
            ++(m.last_point > m.last_comma ? point_is_decimal : comma_is_decimal);
            ++(m.last_point > m.last_comma ? comma_is_thousands : point_is_thousands);
        } else if (m.num_points > 1 || m.num_commas > 1) {
            ++(m.num_points > 1 ? point_is_thousands : comma_is_thousands);
        } else if (m.num_points + m.num_commas == 1) {
            const bool is_decimal = m.digits_behind != 3 || m.digits_before > 3 || m.starts_with_zero;
            if (m.num_points == 1)
                ++(is_decimal ? point_is_decimal : unclear_points);
            else
                ++(is_decimal ? comma_is_decimal : unclear_commas);
        }
    }
    NumberStyle style;
    const bool has_comma = comma_is_decimal > 0 || (unclear_commas > 0 && comma_is_thousands == 0 && point_is_decimal == 0);
    const bool has_no_mark = point_is_decimal + unclear_points + unclear_commas + comma_is_thousands == 0;
    const bool is_comma = point_is_thousands > 0 || (has_comma && comma_is_decimal >= point_is_decimal) || (has_no_mark && delimiter == ';');
    style.decimal_mark = is_comma ? ',' : '.';
    style.has_thousands = style.decimal_mark == ',' ? point_is_thousands > 0 || (comma_is_decimal > 0 && unclear_points > 0)
                                                    : comma_is_thousands > 0 || (point_is_decimal > 0 && unclear_commas > 0);
    const bool has_unclear = unclear_commas > 0 || (unclear_points > 0 && delimiter == ';');
    style.is_told = !has_unclear || comma_is_decimal + comma_is_thousands + point_is_decimal + point_is_thousands > 0 ||
                    (unclear_points == 0 && delimiter == ';');
    return style;
}

std::optional<Decimal> parse_number(std::string_view text, const NumberStyle& style) {
    const bool is_simple = text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
    if (is_simple && style.decimal_mark == '.') return parse_decimal(text);
    const char other = style.decimal_mark == ',' ? '.' : ',';
    const bool has_both = text.find('.') != std::string_view::npos && text.find(',') != std::string_view::npos;
    auto plain = plain_marks(text, style.has_thousands || has_both ? other : '\0');
    if (!plain || plain->find(other) != std::string::npos) return std::nullopt;
    if (plain->find('_') != std::string::npos) {
        if (!is_grouped(*plain, style.decimal_mark)) return std::nullopt;
        std::erase(*plain, '_');
    }
    std::replace(plain->begin(), plain->end(), style.decimal_mark, '.');
    return parse_decimal(*plain);
}

std::optional<UnitWord> parse_unit(std::string_view text) {
    std::string word;
    for (const char c : lower(trimmed(text)))
        if (c != ' ' && c != '-' && c != '_' && c != '(' && c != ')' && c != '[' && c != ']') word += c;
    if (word.ends_with("hours") || word == "kwhs") word.pop_back();
    if (word == "kwh" || word == "kilowatthour" || word == "kilowattuur" || word == "kilowattstunden") return UnitWord{EnergyUnit::kwh, false, true};
    if (word == "wh" || word == "watthour") return UnitWord{EnergyUnit::wh, false, true};
    if (word == "mwh" || word == "megawatthour") return UnitWord{EnergyUnit::mwh, false, true};
    if (word == "w" || word == "watt" || word == "watts") return UnitWord{EnergyUnit::wh, true, true};
    if (word == "kw" || word == "kilowatt") return UnitWord{EnergyUnit::kwh, true, true};
    if (word == "mw" || word == "megawatt") return UnitWord{EnergyUnit::mwh, true, true};
    for (const char* other : {"m3", "m\xc2\xb3", "nm3", "l", "gal", "ccf", "therm", "therms", "mj", "gj", "kvarh", "varh", "mvarh", "kvar", "var",
                              "kvah", "kva", "v", "a"})
        if (word == other) return UnitWord{EnergyUnit::kwh, false, false};
    return std::nullopt;
}

std::optional<std::int64_t> parse_length(std::string_view text) {
    std::string word = lower(trimmed(text));
    if (word.starts_with("pt")) word.erase(0, 2);
    std::int64_t number = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
    if (parsed.ec != std::errc{} || number < 1 || number > 86400) return std::nullopt;
    const std::string_view unit = trimmed(std::string_view(word).substr(static_cast<std::size_t>(parsed.ptr - word.data())));
    if (unit.empty()) return number <= 60 ? std::optional(number * 60) : number >= 300 ? std::optional(number) : std::nullopt;
    if (unit == "s" || unit == "sec" || unit == "seconds") return number;
    if (unit == "m" || unit == "min" || unit == "mins" || unit == "minutes" || unit == "minuten" || unit == "minute") return number * 60;
    if ((unit == "h" || unit == "hour" || unit == "hours" || unit == "hr") && number <= 24) return number * 3600;
    if ((unit == "d" || unit == "day") && number == 1) return 86400;
    return std::nullopt;
}

}  // namespace meterveil::ingest
