// `rules` of a release: what is protected, from the job's own keys, a preset, or both.

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/core/nearest.hpp"
#include "meterveil/protect/rules.hpp"
#include "rule_terms.hpp"

namespace meterveil::config {
namespace {

const std::vector<std::string> scopes = {"period", "month", "interval"};  // each stricter than the one before, if no interval may fail
const std::vector<std::string> count_units = {"customer", "premise", "meter"};
const std::string other = "other";

std::size_t strictness(const std::string& scope) { return static_cast<std::size_t>(std::find(scopes.begin(), scopes.end(), scope) - scopes.begin()); }

RuleParameters read_parameters(Section& section) {
    RuleParameters rules;
    for (const auto& kind : protect::rule_kinds()) {
        const auto parameters = section.number_or_numbers(kind.name);
        if (!parameters) continue;
        if (const auto made = kind.make(*parameters); made.ok()) rules[kind.name] = *parameters;
        else section.wrong(kind.name, made.error().what);
    }
    return rules;
}

bool is_class_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The rules of `base` with those of `more` in their place.
RuleParameters overlaid(RuleParameters base, const RuleParameters& more) {
    for (const auto& [name, parameters] : more) base[name] = parameters;
    return base;
}

std::string stated(const protect::RuleKind& kind, const std::vector<double>& parameters, const std::string& of_class) {
    const std::string statement = kind.make(parameters).value()->statement();
    return of_class.empty() ? statement : fmt::format("class {}: {}", of_class, statement);
}

/// What must be stated, by the job or by its preset.
void require_terms(const RuleTerms& terms, Section& rules) {
    const auto names = class_names(terms);
    if (!terms.classes.empty() && !terms.classes.contains(other)) rules.missing("other", "the rules of every other subject: other = { min_contributors = 15 }");
    for (const std::string& name : names)
        if (!rules_of_class(terms, name).contains("min_contributors") && rules.node("min_contributors") == nullptr)
            rules.missing(name.empty() ? "min_contributors" : (name + ".min_contributors").c_str(), "privacy has no default: how many subjects at least, e.g. 10");
    if (terms.scope.empty() && rules.node("scope") == nullptr) rules.missing("scope", "privacy has no default: period, month or interval");
    if (terms.scope == "interval" && !terms.max_failing_share && rules.node("max_failing_share") == nullptr)
        rules.missing("max_failing_share", "privacy has no default: the share of intervals that may fail, e.g. 0.05");
    if (terms.max_failing_share && terms.scope != "interval") rules.wrong("max_failing_share", "for scope \"interval\" only");
}

const Preset* preset_named(const std::string& name, Section& rules) {
    std::vector<std::string> names;
    for (const Preset& preset : presets()) {
        if (preset.name == name) return &preset;
        names.push_back(preset.name);
    }
    rules.wrong("preset", fmt::format("'{}' is none of {}{}", name, fmt::join(names, ", "), did_you_mean(name, names)));
    return nullptr;
}

/// Who is counted needs a column that says so.
std::string count_unit_of(const RuleTerms& terms, const Job& job, Section& rules) {
    const bool has_subjects = !job.tables.subject_column.empty();
    if (terms.count_unit.empty()) return has_subjects ? "customer" : "meter";
    if (terms.count_unit != "meter" && !has_subjects) rules.wrong("count_unit", fmt::format("to count {0}s, name the column of the {0}: [customers] subject", terms.count_unit));
    return terms.count_unit;
}

}  // namespace

RuleTerms read_terms(Section& rules) {
    RuleTerms terms;
    terms.rules = read_parameters(rules);
    terms.scope = rules.one_of("scope", scopes, "");
    terms.count_unit = rules.one_of("count_unit", count_units, "");
    terms.max_failing_share = rules.number("max_failing_share");
    if (terms.max_failing_share && !(*terms.max_failing_share >= 0 && *terms.max_failing_share < 1)) rules.wrong("max_failing_share", "a share from 0, below 1");
    for (const std::string& name : rules.other_tables()) {
        Section of_class = rules.section(name.c_str());
        if (!is_class_name(name)) rules.wrong(name.c_str(), "a class is a text of 1 to 64 bytes without control characters");
        terms.classes[name] = read_parameters(of_class);
        of_class.finish();
    }
    return terms;
}

RuleParameters rules_of_class(const RuleTerms& terms, const std::string& name) {
    const auto own = terms.classes.contains(name) ? terms.classes.find(name) : terms.classes.find(other);
    return own == terms.classes.end() ? terms.rules : overlaid(terms.rules, own->second);
}

std::vector<std::string> class_names(const RuleTerms& terms) {
    std::vector<std::string> names;
    for (const auto& [name, rules] : terms.classes)
        if (name != other) names.push_back(name);
    names.push_back(terms.classes.empty() ? "" : other);
    return names;
}

RuleTerms tightened(const Preset& preset, const RuleTerms& job, Section& rules) {
    RuleTerms terms = preset.terms;
    const auto loosens = [&](const std::string& key, const std::string& whose) {
        rules.wrong(key.c_str(), fmt::format("laxer than {} of preset {}: leave it out, or be stricter", whose, preset.name));
    };
    if (!job.scope.empty() && strictness(job.scope) < strictness(terms.scope)) loosens("scope", '"' + terms.scope + '"');
    const double share = terms.max_failing_share.value_or(0);
    if (job.max_failing_share && *job.max_failing_share > share) loosens("max_failing_share", fmt::format("{}", share));
    if (!job.count_unit.empty() && job.count_unit != terms.count_unit && terms.count_unit != "meter") loosens("count_unit", '"' + terms.count_unit + '"');
    if (!job.scope.empty()) terms.scope = job.scope;
    if (!job.count_unit.empty()) terms.count_unit = job.count_unit;
    if (job.max_failing_share) terms.max_failing_share = job.max_failing_share;
    for (const auto& [name, own] : job.classes) terms.classes.try_emplace(name, rules_of_class(preset.terms, name));
    terms.rules = overlaid(preset.terms.rules, job.rules);
    for (const std::string& name : class_names(terms)) {
        const auto own = job.classes.find(name);
        const RuleParameters base = rules_of_class(preset.terms, name), more = own == job.classes.end() ? job.rules : overlaid(job.rules, own->second);
        for (const auto& kind : protect::rule_kinds()) {
            const auto wanted = more.find(kind.name), least = base.find(kind.name);
            if (wanted != more.end() && least != base.end() && !kind.is_as_strict(wanted->second, least->second))
                loosens(job.rules.contains(kind.name) || name.empty() ? kind.name : name, stated(kind, least->second, name));
        }
        if (!name.empty()) terms.classes[name] = overlaid(base, more);
    }
    return terms;
}

std::vector<std::string> statements_of(const RuleTerms& terms) {
    std::vector<std::string> statements;
    for (const std::string& name : class_names(terms)) {
        const RuleParameters parameters = rules_of_class(terms, name);
        for (const auto& kind : protect::rule_kinds())
            if (const auto found = parameters.find(kind.name); found != parameters.end()) statements.push_back(stated(kind, found->second, name));
    }
    return statements;
}

model::RuleSet make_rules(const RuleTerms& terms) {
    model::RuleSet set;
    set.classes.clear();
    for (const std::string& name : class_names(terms)) {
        const RuleParameters parameters = rules_of_class(terms, name);
        model::ClassRules& of_class = set.classes.emplace_back();
        of_class.subject_class = name;
        for (const auto& kind : protect::rule_kinds())
            if (const auto found = parameters.find(kind.name); found != parameters.end()) of_class.rules.push_back(kind.make(found->second).value());
        const auto k = parameters.find("min_contributors");
        if (k == parameters.end()) continue;
        const auto least = static_cast<std::uint32_t>(k->second[0]);
        set.min_contributors = set.min_contributors == 0 ? least : std::min(set.min_contributors, least);
    }
    set.scope = terms.scope == "interval" ? model::Scope::interval : terms.scope == "month" ? model::Scope::month : model::Scope::period;
    set.max_failing_share = terms.max_failing_share.value_or(0);
    return set;
}

void parse_rules(Section rules, Section& release_section, const Job& job, ReleaseSpec& release) {
    if (!rules.is_there()) return release_section.missing("rules", "privacy has no default: rules = { min_contributors = 10, dominance = [1, 0.25], scope = \"period\" }");
    const auto preset_name = rules.text("preset");
    RuleTerms terms = read_terms(rules);
    if (const Preset* preset = preset_name ? preset_named(*preset_name, rules) : nullptr) {
        terms = tightened(*preset, terms, rules);
        release.preset = {preset->name, preset->citation, preset->warning, preset->verify_with_counsel};
    }
    if (!preset_name || !release.preset.name.empty()) require_terms(terms, rules);
    if (!terms.classes.empty() && job.tables.class_column.empty())
        rules.wrong("other", "the rules tell classes apart, and no column says the class of a meter: [customers] class = \"customer_type\"");
    release.count_unit = count_unit_of(terms, job, rules);
    release.rules = make_rules(terms);
    release.statements = statements_of(terms);
    rules.finish();
}

}  // namespace meterveil::config
