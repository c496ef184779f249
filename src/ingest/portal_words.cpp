#include "ingest/portal_words.hpp"

#include <algorithm>

#include "ingest/delimited.hpp"
#include "ingest/fields.hpp"
#include "ingest/wide.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_upper(c) || is_lower(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; }

bool is_in(WordList list, std::string_view word) {
    for (std::size_t at = list.find(word); at != WordList::npos; at = list.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
    }
    return false;
}

bool contains_any(const std::string& text, std::initializer_list<const char*> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](const char* part) { return text.find(part) != std::string::npos; });
}

constexpr WordList import_words =
                       "import imported offtake afname consumption consumed consumo verbruik levering bezug usage delivered purchased prelievo "
                       "soutirage general generalusage inflow ellm elnm forbruk pob\xc3\xb3r pobrana",
                   export_words =
                       "export exported injection injectie teruglevering teruggeleverd returned return generation generated production produced "
                       "einspeisung immissione received outflow "
                       "solar surplus excess feed terug eltm vertida vertido excedentes saliente produktion oddanie oddana";

/// Of the suffix of an Australian register: "E1", "B1", "Q1"; 0: the text has none.
char suffix_of(std::string_view text) {
    const std::size_t mark = text.rfind('#');
    if (mark != std::string_view::npos)
        text.remove_prefix(mark + 1);
    else if (text.size() != 2)
        return 0;
    return text.size() == 2 && is_upper(text[0]) && is_digit(text[1]) ? text[0] : '\0';
}

}  // namespace

Words words_of(std::string_view name) {
    Words words(1);
    char before = 0;
    for (const char c : name) {
        if (!is_word(c)) {
            if (!words.back().empty()) words.emplace_back();
            before = 0;
            continue;
        }
        const bool is_unit = words.back() == "k";  // "kWh" is one word
        if (is_upper(c) && is_lower(before) && !is_unit) words.emplace_back();
        words.back() += is_upper(c) ? static_cast<char>(c + 32) : c;
        before = c;
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

bool has_any(const Words& words, WordList list) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return is_in(list, word); });
}

std::optional<Channel> direction_of(std::string_view text) {
    if (const auto channel = channel_of(text)) return channel;
    if (const char suffix = suffix_of(text); suffix == 'E' || suffix == 'B') return suffix == 'E' ? Channel::import : Channel::export_;
    if (text.find(":1.8.") != std::string_view::npos || text.starts_with("1.8.")) return Channel::import;
    if (text.find(":2.8.") != std::string_view::npos || text.starts_with("2.8.")) return Channel::export_;
    const Words words = words_of(text);
    if (has_any(words, export_words)) return Channel::export_;  // "export delivered"
    if (has_any(words, import_words)) return Channel::import;
    return std::nullopt;
}

std::optional<UnitWord> unit_within(std::string_view text) {
    const Words words = words_of(text);
    for (std::size_t w = 0; w < words.size(); ++w)
        for (const bool is_joined : {true, false}) {
            if (is_joined && w + 1 == words.size()) continue;
            const auto unit = parse_unit(is_joined ? words[w] + words[w + 1] : words[w]);
            if (unit && unit->is_energy && (is_joined || words[w].size() > 1 || words[w] == "w")) return unit;
        }
    return std::nullopt;
}

bool is_reactive_register(std::string_view text) {
    const char suffix = suffix_of(text);
    return suffix == 'Q' || suffix == 'K';
}

Quality quality_of(std::string_view text) {
    const std::string word = lower(trimmed(text));
    if (word.empty() || word == "false" || word.starts_with("not ") || word == "no" || word == "0") return Quality::measured;
    if (word == "e" || contains_any(word, {"estim", "geschat", "gesch\xc3\xa4tzt", "stimat"})) return Quality::estimated;
    if (word == "s" || word == "f" || contains_any(word, {"subst", "ersatz"})) return Quality::substituted;
    if (word == "n" || contains_any(word, {"missing", "no data", "ontbre", "fehl", "unavailable"})) return Quality::missing;
    return Quality::measured;
}

std::optional<std::size_t> quality_column(const std::vector<std::string>& names) {
    for (const char* word : {"quality", "quality_flag", "quality_code", "reading_quality", "validation_status", "status", "flag"})
        for (std::size_t i = 0; i < names.size(); ++i)
            if (lower(names[i]) == word) return i;
    return std::nullopt;
}

bool is_other_supply(std::string_view text) {
    const Words words = words_of(text);
    return has_any(words, "gas water wasser heat warmte w\xc3\xa4rme waerme eau acqua steam cooling ng");
}

bool is_electric(std::string_view text) {
    const std::string word = lower(text);
    return contains_any(word, {"electr", "elektr", "strom", "stroom", "elettr"});
}

bool says_nothing(std::string_view text) {
    if (says_missing(text)) return true;
    if (text.size() > 12) return false;
    const std::string word = lower(text);
    return word == "--" || word == "---" || word == "n.a." || word == "#n/a" || word == "no data" || word == "missing" || word == "unavailable" ||
           word == "\xe2\x80\x93" || word == "\xe2\x80\x94" || word == "?";
}

std::string personal_kind(const Words& words) {
    if (has_any(words, "address street city zip postcode postal location adres adresse strasse ort ville indirizzo premise premises"))
        return "addresses";
    if (has_any(words, "account accountnumber contract contractnumber rekening kundennummer klantnummer")) return "account numbers";
    if (has_any(words, "email mail e-mail phone telephone telefoon telefon mobile")) return "ways to reach a person";
    if (has_any(words, "name naam surname firstname lastname customer klant kunde holder for cliente nom")) return "names";
    return {};
}

std::string_view without_formula(std::string_view text) {
    if (text.size() >= 3 && text.starts_with("=\"") && text.ends_with('"')) return text.substr(2, text.size() - 3);
    return text;
}

}  // namespace meterveil::ingest
