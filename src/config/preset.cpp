#include "meterveil/config/preset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "embedded.hpp"
#include "meterveil/core/contract.hpp"
#include "meterveil/protect/rules.hpp"
#include "rule_terms.hpp"

namespace meterveil::config {
namespace {

std::string required(Section& section, const char* key) {
    const auto text = section.text(key);
    if (section.node(key) == nullptr) section.missing(key, "every preset says so");
    return text.value_or("");
}

/// What of a preset may be in doubt: "citation", "date", "scope", "count_unit", and its rules, "other.dominance" where there are classes.
std::vector<std::string> figures_of(const RuleTerms& terms) {
    std::vector<std::string> figures = {"citation", "date", "scope", "count_unit"};
    if (terms.max_failing_share) figures.emplace_back("max_failing_share");
    for (const std::string& name : class_names(terms))
        for (const auto& [rule, parameters] : rules_of_class(terms, name)) figures.push_back(name.empty() ? rule : name + "." + rule);
    return figures;
}

RuleTerms read_rules(Section rules) {
    const RuleTerms terms = read_terms(rules);
    if (terms.scope.empty()) rules.missing("scope", "a preset names the scope of its source");
    if (terms.count_unit.empty()) rules.missing("count_unit", "a preset names whom its source counts");
    for (const std::string& name : class_names(terms))
        if (!rules_of_class(terms, name).contains("min_contributors")) rules.missing("min_contributors", "in every class");
    rules.finish();
    return terms;
}

Preset read_preset(Section file) {
    Preset preset;
    for (const auto& [key, text] : {std::pair("name", &preset.name), std::pair("jurisdiction", &preset.jurisdiction), std::pair("citation", &preset.citation),
                                    std::pair("summary", &preset.summary), std::pair("applies_to", &preset.applies_to), std::pair("warning", &preset.warning)})
        *text = required(file, key);
    if (const auto date = file.date("date")) preset.date = *date;
    else file.missing("date", "the date of the source");
    preset.notes = file.texts("notes").value_or(std::vector<std::string>{});
    preset.verify_with_counsel = file.texts("verify_with_counsel").value_or(std::vector<std::string>{});
    if (file.node("verify_with_counsel") == nullptr) file.missing("verify_with_counsel", "an empty list, if every figure was checked against the source");
    preset.terms = read_rules(file.section("rules"));
    const auto figures = figures_of(preset.terms);
    for (const std::string& key : preset.verify_with_counsel)
        if (std::find(figures.begin(), figures.end(), key) == figures.end()) file.wrong("verify_with_counsel", fmt::format("'{}' is none of {}", key, fmt::join(figures, ", ")));
    file.finish();
    return preset;
}

}  // namespace

Result<Preset> parse_preset(const std::string& text, const std::string& path) {
    Problems problems;
    Preset preset;
    try {
        const toml::table root = toml::parse(text, path);
        preset = read_preset(Section(&root, "", problems));
    } catch (const toml::parse_error& error) {
        problems.add(fmt::format("line {}: not TOML: {}", static_cast<unsigned>(error.source().begin.line), error.description()));
    }
    if (!problems.none()) return problems.error(path, "docs/formats/job-file.md");
    return preset;
}

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all = [] {
        std::vector<Preset> read;
        for (const Embedded& file : embedded_presets()) {
            auto preset = parse_preset(std::string(file.text), std::string(file.name));
            EXPECTS(preset.ok());
            read.push_back(std::move(preset).value());
        }
        return read;
    }();
    return all;
}

}  // namespace meterveil::config
