#include "section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/core/nearest.hpp"

namespace meterveil::config {
namespace {

std::optional<model::Date> to_date(const toml::node& node) {
    const auto* value = node.as_date();
    if (value == nullptr) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(value->get().year), std::chrono::month(value->get().month), std::chrono::day(value->get().day)};
    return model::Date(date);
}

}  // namespace

bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 && text[0] != '.' && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

std::optional<std::uint64_t> parse_size(const std::string& text) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0 || digits > 6) return std::nullopt;
    const std::uint64_t value = std::stoull(text.substr(0, digits));
    const std::string unit = text.substr(digits);
    if (unit == "KiB") return value << 10;
    if (unit == "MiB") return value << 20;
    if (unit == "GiB") return value << 30;
    if (unit == "TiB") return value << 40;
    return std::nullopt;
}

void Problems::add(const std::string& text, const toml::node* node) {
    lines_.push_back({node == nullptr ? 0U : static_cast<unsigned>(node->source().begin.line), text});
}

Error Problems::error(const std::string& path, const char* documentation) const {
    std::vector<Line> sorted = lines_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Line& a, const Line& b) { return a.number < b.number; });
    std::string text;
    for (const Line& line : sorted) text += (text.empty() ? "" : "\n  ") + (line.number == 0 ? line.text : fmt::format("line {}: {}", line.number, line.text));
    return {Code::usage, text, path, fmt::format("correct the file; {} lists the keys", documentation)};
}

const toml::node* Section::node(const char* key) const { return table_ == nullptr ? nullptr : table_->get(key); }

const toml::node* Section::find(const char* key) {
    known_.emplace_back(key);
    problems_.asked_for(full(key));
    return node(key);
}

void Section::missing(const char* key, const char* hint) { problems_.add(fmt::format("{} is missing: {}", full(key), hint), table_); }

void Section::wrong(const char* key, const std::string& why) { problems_.add(fmt::format("{}: {}", full(key), why), node(key)); }

std::optional<std::string> Section::text(const char* key) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (const auto* value = found->as_string()) return value->get();
    wrong(key, "a text is wanted");
    return std::nullopt;
}

std::optional<std::int64_t> Section::integer(const char* key) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (const auto* value = found->as_integer()) return value->get();
    wrong(key, "a whole number is wanted");
    return std::nullopt;
}

std::optional<double> Section::number(const char* key) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_number()) return found->value<double>();
    wrong(key, "a number is wanted");
    return std::nullopt;
}

std::optional<bool> Section::flag(const char* key) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (const auto* value = found->as_boolean()) return value->get();
    wrong(key, "true or false is wanted");
    return std::nullopt;
}

std::optional<model::Date> Section::date(const char* key) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (const auto value = to_date(*found)) return value;
    wrong(key, "a date is wanted, without quotes: 2013-01-31");
    return std::nullopt;
}

template <class T, class Read>
std::optional<std::vector<T>> Section::list(const char* key, const char* what, Read&& read) {
    const auto* found = find(key);
    if (found == nullptr) return std::nullopt;
    std::vector<T> values;
    bool fits = found->is_array();
    if (fits)
        for (const toml::node& element : *found->as_array()) {
            const std::optional<T> value = read(element);
            fits = fits && value.has_value();
            if (value) values.push_back(*value);
        }
    if (fits) return values;
    wrong(key, fmt::format("a list of {} is wanted", what));
    return std::nullopt;
}

std::optional<std::vector<std::string>> Section::texts(const char* key) {
    return list<std::string>(key, "texts", [](const toml::node& n) { return n.is_string() ? n.value<std::string>() : std::nullopt; });
}
std::optional<std::vector<double>> Section::numbers(const char* key) {
    return list<double>(key, "numbers", [](const toml::node& n) { return n.is_number() ? n.value<double>() : std::nullopt; });
}
std::optional<std::vector<model::Date>> Section::dates(const char* key) { return list<model::Date>(key, "dates", to_date); }

std::optional<std::vector<double>> Section::number_or_numbers(const char* key) {
    const auto* found = find(key);
    if (found == nullptr || found->is_array()) return numbers(key);
    if (const auto value = found->is_number() ? found->value<double>() : std::nullopt) return std::vector<double>{*value};
    wrong(key, "a number is wanted, or a list of numbers");
    return std::nullopt;
}

std::string Section::one_of(const char* key, const std::vector<std::string>& words, const std::string& otherwise) {
    const std::string word = text(key).value_or(otherwise);
    if (std::find(words.begin(), words.end(), word) == words.end() && !word.empty())
        wrong(key, fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "), did_you_mean(word, words)));
    return word;
}

std::vector<std::string> Section::other_tables() const {
    std::vector<std::string> names;
    if (table_ == nullptr) return names;
    for (const auto& [key, value] : *table_)
        if (const std::string name(key.str()); value.is_table() && std::find(known_.begin(), known_.end(), name) == known_.end()) names.push_back(name);
    return names;
}

std::map<std::string, std::string> Section::text_table(const char* key) {
    const auto* found = find(key);
    std::map<std::string, std::string> values;
    if (found == nullptr || found->value_or(std::string()) == "auto") return values;
    const auto* table = found->as_table();
    if (table == nullptr) {
        wrong(key, "a table of texts is wanted, or \"auto\"");
        return values;
    }
    for (const auto& [name, value] : *table) {
        if (value.is_string()) values.emplace(std::string(name.str()), value.value_or(std::string()));
        else problems_.add(fmt::format("{}.{}: a text is wanted", full(key), std::string(name.str())), &value);
    }
    return values;
}

Section Section::section(const char* key) {
    const auto* found = find(key);
    if (found != nullptr && !found->is_table()) wrong(key, "a table is wanted");
    return {found == nullptr ? nullptr : found->as_table(), full(key), problems_};
}

std::vector<Section> Section::sections(const char* key) {
    const auto* found = find(key);
    std::vector<Section> all;
    if (found == nullptr) return all;
    if (!found->is_array_of_tables()) {
        wrong(key, fmt::format("tables are wanted: [[{}]]", key));
        return all;
    }
    for (const toml::node& element : *found->as_array()) all.emplace_back(element.as_table(), full(key), problems_);
    return all;
}

std::vector<std::string> Section::names() const {
    std::vector<std::string> all;
    if (table_ == nullptr) return all;
    for (const auto& [key, value] : *table_) all.emplace_back(key.str());
    return all;
}

void Section::not_yet(const char* key) {
    if (find(key) != nullptr) wrong(key, "is not in this version");
}

void Section::finish() {
    if (table_ == nullptr) return;
    for (const auto& [key, value] : *table_) {
        const std::string name(key.str());
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        problems_.add(fmt::format("unknown key '{}'{}", full(name), did_you_mean(name, known_)), &value);
    }
}

}  // namespace meterveil::config
