#pragma once
// `explain`: what a key, an exit status, a rule or a preset means.

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "meterveil/config/explain.hpp"
#include "meterveil/config/preset.hpp"
#include "verify_command.hpp"

namespace meterveil::jobs {

inline nlohmann::ordered_json to_json(const config::Preset& preset) {
    nlohmann::ordered_json json = {{"jurisdiction", preset.jurisdiction}, {"citation", preset.citation}, {"date", model::format_date(preset.date)}, {"summary", preset.summary},
                                   {"applies_to", preset.applies_to}, {"warning", preset.warning}, {"notes", preset.notes}, {"verify_with_counsel", preset.verify_with_counsel},
                                   {"scope", preset.terms.scope}, {"count_unit", preset.terms.count_unit}, {"rules", config::statements_of(preset.terms)}};
    return json;
}

inline nlohmann::ordered_json to_json(const config::Topic& topic) {
    nlohmann::ordered_json json = {{"kind", topic.kind}, {"name", topic.name}};
    if (!topic.also.empty()) json["status"] = std::stoi(topic.also);
    if (!topic.type.empty()) json["type"] = topic.type;
    json["text"] = topic.text;
    if (topic.kind == "preset")
        for (const auto& preset : config::presets())
            if (preset.name == topic.name) json.update(to_json(preset));
    return json;
}

inline void print(const config::Topic& topic) {
    fmt::print("{} {}{}{}\n", topic.kind, topic.name, topic.also.empty() ? "" : " (" + topic.also + ")", topic.type.empty() ? "" : ": " + topic.type);
    for (std::size_t begin = 0; begin <= topic.text.size();) {
        const std::size_t end = std::min(topic.text.find('\n', begin), topic.text.size());
        fmt::print("  {}\n", topic.text.substr(begin, end - begin));
        begin = end + 1;
    }
}

/// All names by kind, one kind a line.
inline void print_names(const std::vector<config::Topic>& topics) {
    for (const char* kind : {"section", "key", "rule", "preset", "status"}) {
        std::vector<std::string> names;
        for (const auto& topic : topics)
            if (topic.kind == kind) names.push_back(topic.name);
        fmt::print("{}: {}\n", kind, fmt::join(names, ", "));
    }
}

/// @param word empty: what there is
inline Result<> explain_command(const std::string& word, bool as_json) {
    std::vector<config::Topic> found = config::topics();
    if (!word.empty()) {
        TRY(found, config::explain(word));
    }
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& topic : found) list.push_back(to_json(topic));
    if (as_json) fmt::print("{}\n", dumped(list));
    else if (word.empty()) print_names(found);
    else
        for (const auto& topic : found) print(topic);
    return {};
}

}  // namespace meterveil::jobs
