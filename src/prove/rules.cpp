#include "meterveil/prove/rules.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace meterveil::prove {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// "7", "0.25" or "[1, 0.25]" as numbers; empty if it is none of these.
std::vector<double> numbers_of(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    std::vector<double> numbers;
    for (bool is_last = false; !is_last;) {
        const auto comma = text.find(',');
        is_last = comma == std::string_view::npos;
        const auto word = trimmed(text.substr(0, comma));
        double number = 0;
        const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (failure != std::errc() || end != word.data() + word.size() || !std::isfinite(number)) return {};
        numbers.push_back(number);
        if (!is_last) text.remove_prefix(comma + 1);
    }
    return numbers;
}

bool is_whole(double value, double least, double most) { return value >= least && value <= most && value == std::floor(value); }
std::int64_t to_millionths(double value) { return std::llround(value * 1e6); }

/// The rule of a statement without its group, or nothing.
std::optional<Rule> rule_of(std::string_view name, const std::vector<double>& values) {
    Rule rule;
    if (name == "min_contributors" && values.size() == 1 && is_whole(values[0], 1, 1e9)) {
        rule.kind = RuleKind::min_contributors;
        rule.k = static_cast<std::uint64_t>(values[0]);
        return rule;
    }
    if (name == "dominance" && values.size() == 2 && is_whole(values[0], 1, 16) && values[1] > 0 && values[1] <= 1) {
        rule.kind = RuleKind::dominance;
        rule.n = static_cast<std::uint32_t>(values[0]);
        rule.millionths = to_millionths(values[1]);
        return rule;
    }
    if (name == "p_percent" && values.size() == 1 && values[0] > 0 && values[0] <= 1000) {
        rule.kind = RuleKind::p_percent;
        rule.millionths = to_millionths(values[0]);
        return rule;
    }
    if (name == "diversity" && values.size() == 1 && values[0] > 0 && values[0] <= 1000) {
        rule.kind = RuleKind::diversity;
        rule.millionths = to_millionths(values[0]);
        return rule;
    }
    return std::nullopt;
}

/// Takes "class NAME: " off the front of a statement. Nothing: there is no group of that name.
std::optional<std::uint32_t> take_group(std::string_view& text, std::span<const std::string> groups) {
    if (!text.starts_with("class ")) return all_groups;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto name = trimmed(text.substr(6, colon - 6));
    text.remove_prefix(colon + 1);
    for (std::uint32_t g = 0; g < groups.size(); ++g)
        if (groups[g] == name) return g;
    return std::nullopt;
}

}  // namespace

std::uint32_t Rule::num_top() const {
    switch (kind) {
        case RuleKind::min_contributors: return 0;
        case RuleKind::dominance: return n;
        case RuleKind::p_percent: return 2;
        case RuleKind::diversity: return 1;
    }
    return 0;
}

Result<std::vector<Rule>> parse_rules(std::span<const std::string> statements, std::span<const std::string> groups) {
    std::vector<Rule> rules;
    for (const auto& statement : statements) {
        std::string_view text = trimmed(statement);
        const auto group = take_group(text, groups);
        const auto equals = text.find('=');
        std::optional<Rule> rule;
        if (group && equals != std::string_view::npos) rule = rule_of(trimmed(text.substr(0, equals)), numbers_of(text.substr(equals + 1)));
        if (!rule)
            return Error{Code::input, "the rule '" + statement + "' is not understood, so nothing can be proven", "rules",
                         "min_contributors = k, dominance = [n, q], p_percent = p, diversity = d; 'class NAME: ' before it for a group of subjects"};
        rule->group = *group;
        rule->statement = statement;
        rules.push_back(std::move(*rule));
    }
    if (rules.empty()) return Error{Code::input, "there is no rule to prove", "rules", "the manifest lists the rules of a release"};
    return rules;
}

}  // namespace meterveil::prove
