#include "parse_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "meterveil/core/nearest.hpp"

namespace meterveil::config {
namespace {

using attributes::DistanceRule;
using attributes::HierarchyRule;
using Resolve = std::function<std::string(const std::string&)>;

/// The place of the word at `key` among `words`; 0 if absent.
std::size_t choice(Section& section, const char* key, const std::vector<std::string>& words) {
    const auto word = section.text(key);
    if (!word) return 0;
    const auto found = std::find(words.begin(), words.end(), *word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    section.wrong(key, fmt::format("'{}' is none of {}{}", *word, fmt::join(words, ", "), did_you_mean(*word, words)));
    return 0;
}

void take_criterion(Section& section, const char* key, const char* name, const std::optional<std::vector<double>>& parameters, attributes::Options& options) {
    if (!parameters) return;
    const model::CriterionClaim claim{name, *parameters};
    if (const auto statement = attributes::statement_of(claim); !statement.ok()) return section.wrong(key, statement.error().what);
    options.criteria.push_back(claim);
}

std::optional<std::vector<double>> one(const std::optional<double>& number) {
    if (!number) return std::nullopt;
    return std::vector<double>{*number};
}

/// In this order the manifest states them.
void parse_criteria(Section& section, attributes::Options& options) {
    if (section.is_there() && section.node("k") == nullptr) section.missing("k", "privacy has no default: how many customers at least share all quasi-identifiers, e.g. k = 10");
    take_criterion(section, "k", "k_anonymity", one(section.number("k")), options);
    take_criterion(section, "k_map", "k_map", one(section.number("k_map")), options);
    take_criterion(section, "l", "distinct_l_diversity", one(section.number("l")), options);
    take_criterion(section, "entropy_l", "entropy_l_diversity", one(section.number("entropy_l")), options);
    take_criterion(section, "recursive_l", "recursive_l_diversity", section.numbers("recursive_l"), options);
    take_criterion(section, "t", "t_closeness", one(section.number("t")), options);
    take_criterion(section, "beta", "beta_likeness", one(section.number("beta")), options);
    take_criterion(section, "delta", "delta_presence", section.numbers("delta"), options);
}

bool is_nested(const std::vector<double>& widths) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (!(widths[i] > 0) || !std::isfinite(widths[i])) return false;
        if (i > 0 && !(widths[i] > widths[i - 1] && std::fmod(widths[i], widths[i - 1]) == 0)) return false;
    }
    return !widths.empty();
}

HierarchyRule parse_hierarchy(Section& hierarchies, const char* name, const Resolve& resolved) {
    HierarchyRule rule;
    if (hierarchies.node(name)->is_string()) {
        rule.file = resolved(hierarchies.text(name).value_or(""));
        return rule;
    }
    Section section = hierarchies.section(name);
    if (!section.is_there()) return rule;
    if (const auto widths = section.numbers("intervals")) {
        rule.intervals = *widths;
        if (!is_nested(rule.intervals)) section.wrong("intervals", "rising widths are wanted, each a multiple of the one before: [5, 10, 20]");
    }
    if (const auto lengths = section.numbers("prefixes")) {
        const bool falling = !lengths->empty() && std::is_sorted(lengths->rbegin(), lengths->rend(), std::less_equal<>()) &&
                             std::all_of(lengths->begin(), lengths->end(), [](double n) { return n >= 0 && n <= 64 && n == std::floor(n); });
        if (falling) rule.prefixes.assign(lengths->begin(), lengths->end());
        else section.wrong("prefixes", "falling numbers of characters are wanted, from 64 to 0: [4, 2]");
    }
    rule.dates = section.flag("dates").value_or(false);
    if ((rule.intervals.empty() ? 0 : 1) + (rule.prefixes.empty() ? 0 : 1) + (rule.dates ? 1 : 0) != 1)
        hierarchies.wrong(name, "a file, or one of { intervals = [...] }, { prefixes = [...] }, { dates = true }");
    section.finish();
    return rule;
}

DistanceRule parse_distance(Section& distances, const char* name, const Resolve& resolved) {
    DistanceRule rule;
    const toml::node& node = *distances.node(name);
    if (node.is_string()) {
        rule.kind = choice(distances, name, {"equal", "ordered"}) == 1 ? model::Distance::Kind::ordered : model::Distance::Kind::equal;
    } else if (node.is_array()) {
        rule.kind = model::Distance::Kind::ordered;
        rule.order = distances.texts(name).value_or(std::vector<std::string>{});
        auto sorted = rule.order;
        std::sort(sorted.begin(), sorted.end());
        if (sorted.empty() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) distances.wrong(name, "every value once, in its order");
    } else {
        Section section = distances.section(name);
        rule.kind = model::Distance::Kind::hierarchical;
        if (const auto file = section.text("file")) rule.file = resolved(*file);
        else distances.wrong(name, "\"equal\", \"ordered\", a list of the values in their order, or { file = \"tree.csv\" }");
        section.finish();
    }
    return rule;
}

}  // namespace

attributes::Options parse_attributes(Section section, const Resolve& resolved) {
    attributes::Options options;
    parse_criteria(section, options);
    options.search = static_cast<attributes::Search>(choice(section, "search", {"optimal", "mondrian"}));
    options.loss = static_cast<attributes::Loss>(choice(section, "loss", {"granularity", "discernibility", "entropy"}));
    options.max_suppressed = section.number("max_suppressed").value_or(0);
    if (!(options.max_suppressed >= 0 && options.max_suppressed < 1)) section.wrong("max_suppressed", "a share of the customers, from 0, below 1");
    else if (options.max_suppressed > 0 && options.search == attributes::Search::mondrian) section.wrong("max_suppressed", "\"mondrian\" leaves nobody out");
    if (const auto population = section.text("population")) options.population = resolved(*population);
    Section hierarchies = section.section("hierarchies"), distances = section.section("distances");
    for (const std::string& name : hierarchies.names()) options.hierarchies[name] = parse_hierarchy(hierarchies, name.c_str(), resolved);
    for (const std::string& name : distances.names()) options.distances[name] = parse_distance(distances, name.c_str(), resolved);
    section.finish();
    return options;
}

}  // namespace meterveil::config
