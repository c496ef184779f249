#include "meterveil/config/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "embedded.hpp"
#include "meterveil/config/preset.hpp"
#include "meterveil/core/contract.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::config {
namespace {

std::string_view document(std::string_view name) {
    for (const Embedded& file : embedded_documents())
        if (file.name == name) return file.text;
    EXPECTS(false);
    return {};
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// Cells of a row "| a | b |" without the blanks around them; none if it is no row.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    if (!line.starts_with("|")) return cells;
    for (std::size_t begin = 1, end = 0; (end = line.find('|', begin)) != std::string::npos; begin = end + 1) {
        const std::string cell = line.substr(begin, end - begin);
        const std::size_t first = cell.find_first_not_of(' '), last = cell.find_last_not_of(' ');
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

/// What stands in backquotes: "`from`, `until`" is {"from", "until"}.
std::vector<std::string> quoted(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t begin = 0, end = 0; (begin = text.find('`', begin)) != std::string::npos && (end = text.find('`', begin + 1)) != std::string::npos; begin = end + 1)
        words.push_back(text.substr(begin + 1, end - begin - 1));
    return words;
}

/// "## [[readings]], one or more" is "readings"; "" where a heading names none or several, whose keys bear their sections.
std::string section_of(const std::string& heading) {
    const std::size_t first = heading.find_first_not_of("# ["), last = heading.find(']');
    const bool is_one = heading.find('[') != std::string::npos && heading.find("] and [") == std::string::npos;
    return is_one ? heading.substr(first, last - first) : "";
}

std::string joined(const std::string& section, const std::string& key) { return section.empty() ? key : section + "." + key; }

/// The keys of docs/formats/job-file.md: the rows of its tables whose first cell is code.
std::vector<Topic> keys_of_the_document() {
    std::vector<Topic> keys;
    std::string section, within, later;
    bool is_later = false;
    for (const std::string& line : lines_of(document("job-file"))) {
        if (line.starts_with("## ")) {
            section = section_of(line);
            is_later = line == "## Not in this version";
        }
        if (is_later) later += line + ' ';
        const auto cells = cells_of(line);
        if (cells.size() < 3) continue;
        if (cells[0].starts_with("key")) within = quoted(cells[0]).empty() ? section : joined(section, quoted(cells[0])[0]);
        else if (cells[0].starts_with('`'))
            for (const std::string& key : quoted(cells[0])) keys.push_back({"key", joined(within, key), "", cells[1], cells[2]});
    }
    for (const std::string& key : quoted(later.substr(0, later.find(" and the products")))) keys.push_back({"key", key, "", "", "known, and not in this version"});
    return keys;
}

/// A section says which keys it has.
void add_sections(std::vector<Topic>& topics) {
    std::map<std::string, std::string> keys_of;
    for (const Topic& key : topics)
        if (const auto dot = key.name.find('.'); dot != std::string::npos) keys_of[key.name.substr(0, dot)] += (keys_of[key.name.substr(0, dot)].empty() ? "" : ", ") + key.name.substr(dot + 1);
    for (const auto& [section, keys] : keys_of) topics.push_back({"section", section, "", "", "keys: " + keys});
}

void add_rules(std::vector<Topic>& topics) {
    for (const auto& kind : protect::rule_kinds()) {
        std::string page = kind.name;
        std::replace(page.begin(), page.end(), '_', '-');
        topics.push_back({"rule", kind.name, "", "", fmt::format("{}\npromises: {}\nsource: {}\nmore: docs/methods/{}.md", kind.summary, kind.guarantee, kind.source, page)});
    }
}

std::string text_of(const Preset& preset) {
    std::string text = fmt::format("{}: {}\n", preset.jurisdiction, preset.summary);
    for (const std::string& statement : statements_of(preset.terms)) text += statement + '\n';
    text += fmt::format("scope = {}\ncount_unit = {}\n", preset.terms.scope, preset.terms.count_unit);
    text += fmt::format("applies to: {}\nsource: {} ({})\n", preset.applies_to, preset.citation, model::format_date(preset.date));
    for (const std::string& note : preset.notes) text += "note: " + note + '\n';
    if (!preset.verify_with_counsel.empty()) text += fmt::format("not checked against the source, to verify with counsel: {}\n", fmt::join(preset.verify_with_counsel, ", "));
    return text + "warning: " + preset.warning;
}

/// The rows of docs/exit-status.md.
void add_statuses(std::vector<Topic>& topics) {
    for (const std::string& line : lines_of(document("exit-status")))
        if (const auto cells = cells_of(line); cells.size() == 4 && cells[1].starts_with('`'))
            topics.push_back({"status", quoted(cells[1])[0], cells[0], "", cells[2] + (cells[3].empty() ? "" : "\nwhat to do: " + cells[3])});
}

/// "[clean] fill" is "clean.fill", "[[release]]" is "release".
std::string plain(const std::string& word) {
    std::string name;
    for (char c : word) {
        if (c == ']') c = '.';
        const bool is_between = c == '[' || c == ' ' || c == '.';
        if (is_between && (c != '.' || name.empty() || name.back() == '.')) continue;
        name += c;
    }
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

/// "release.rules.scope", "rules.scope", "scope"
std::vector<std::string> tails_of(const std::string& name) {
    std::vector<std::string> tails = {name};
    for (std::size_t dot = 0; (dot = name.find('.', dot)) != std::string::npos;) tails.push_back(name.substr(++dot));
    return tails;
}

}  // namespace

const std::vector<Topic>& topics() {
    static const std::vector<Topic> all = [] {
        std::vector<Topic> made = keys_of_the_document();
        add_sections(made);
        add_rules(made);
        for (const Preset& preset : presets()) made.push_back({"preset", preset.name, "", "", text_of(preset)});
        add_statuses(made);
        return made;
    }();
    return all;
}

Result<std::vector<Topic>> explain(const std::string& word) {
    const std::string name = plain(word);
    std::vector<Topic> found;
    std::vector<std::string> names;
    for (const Topic& topic : topics()) {
        const auto tails = tails_of(topic.name);
        if (!name.empty() && (topic.also == name || std::find(tails.begin(), tails.end(), name) != tails.end())) found.push_back(topic);
        names.insert(names.end(), tails.begin(), tails.end());
    }
    if (!found.empty()) return found;
    return Error{Code::usage, fmt::format("nothing is known of '{}'{}", word, did_you_mean(name, names)), "", "`meterveil explain` lists what is"};
}

}  // namespace meterveil::config
