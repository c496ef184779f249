#include "meterveil/attributes/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "attributes/publishable.hpp"
#include "attributes/run_parts.hpp"
#include "attributes/search.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::attributes {
namespace {

using model::Attribute;
using model::AttributeKind;

/// Columns of one kind, as the other options name them.
std::vector<std::string> names_of(const std::vector<Attribute>& attributes, AttributeKind kind) {
    std::vector<std::string> names;
    for (const Attribute& attribute : attributes)
        if (attribute.kind == kind) names.push_back(attribute.name);
    return names;
}

template <class Rule>
Result<> check_names(const std::map<std::string, Rule>& rules, const std::vector<std::string>& names, const char* key, const char* kind) {
    for (const auto& [name, rule] : rules)
        if (std::find(names.begin(), names.end(), name) == names.end())
            return Error{Code::usage, fmt::format("'{}' is no {} column{}", name, kind, did_you_mean(name, names)), key, "columns and their kinds are those of [customers] columns"};
    return {};
}

Result<std::vector<Requirement>> requirements(const Options& options, const std::vector<Attribute>& attributes) {
    const auto quasi = names_of(attributes, AttributeKind::quasi), sensitive = names_of(attributes, AttributeKind::sensitive);
    if (quasi.empty()) return Error{Code::usage, "no column is \"quasi\": there is nothing to generalise", "[customers] columns", "say which columns an attacker may know"};
    TRY_DO(check_names(options.hierarchies, quasi, "attributes.hierarchies", "quasi"));
    TRY_DO(check_names(options.distances, sensitive, "attributes.distances", "sensitive"));
    std::vector<Requirement> made;
    for (const auto& claim : options.criteria) {
        TRY(auto requirement, require(claim));
        if (requirement.kind->needs_population && options.population.empty())
            return Error{Code::usage, fmt::format("'{}' needs a population", claim.name), "attributes.population", "name a table of the population with the quasi-identifiers"};
        if (requirement.kind->needs_sensitive && sensitive.empty())
            return Error{Code::usage, fmt::format("'{}' needs a sensitive attribute", claim.name), "[customers] columns", "say which column is \"sensitive\""};
        made.push_back(std::move(requirement));
    }
    const bool guards_sensitive = std::any_of(made.begin(), made.end(), [](const Requirement& r) { return r.kind->needs_sensitive; });
    if (!sensitive.empty() && !guards_sensitive && !made.empty())
        return Error{Code::usage, fmt::format("no criterion guards '{}': a class in which all have one value gives it away", sensitive[0]), "attributes",
                     "ask for l, entropy_l, recursive_l, t or beta; or call the column \"other\""};
    if (made.empty()) return Error{Code::usage, "no criterion", "attributes", "privacy has no default: attributes = { k = 10 }"};
    return made;
}

/// Values of the whole job, the same on every rank; their codes rise with their order.
using Dictionaries = std::vector<std::vector<std::string>>;  // [attribute][code]

/// The rows with codes of the whole job.
void recode(model::AttributeRows& rows, std::span<const std::vector<std::string>> dictionaries) {
    const std::size_t width = rows.attributes.size();
    for (std::size_t a = 0; a < width; ++a) {
        std::unordered_map<std::string_view, std::uint32_t> code_of;
        for (const std::string& value : dictionaries[a]) code_of.emplace(value, static_cast<std::uint32_t>(code_of.size()));
        std::vector<std::uint32_t> codes;
        for (const std::string& value : rows.values[a]) codes.push_back(code_of.at(value));
        for (std::size_t at = a; at < rows.codes.size(); at += width) rows.codes[at] = codes[rows.codes[at]];
    }
    rows.values.clear();
}

/// In the order of the distance: as given, or as numbers.
Result<> put_in_order(std::vector<std::string>& values, const DistanceRule& rule, const std::string& name) {
    double number = 0;
    if (rule.order.empty()) {
        for (const std::string& value : values)
            if (!to_number(value, number))
                return Error{Code::input, fmt::format("a value of '{}' is not a number, so that it has no order", name), "attributes.distances",
                             "list the values in their order: [\"low\", \"high\"]"};
        sort_values(values);
        return {};
    }
    std::vector<std::string> ordered;
    for (const std::string& value : rule.order)
        if (std::find(values.begin(), values.end(), value) != values.end()) ordered.push_back(value);
    if (ordered.size() != values.size()) return Error{Code::input, fmt::format("a value of '{}' is not in its order", name), "attributes.distances", "list every value that the table has"};
    values = std::move(ordered);
    return {};
}

class Door {
public:
    Door(par::Comm& comm, const Options& options, std::vector<Attribute> attributes) : comm_(comm), options_(options), attributes_(std::move(attributes)) {}

    Result<Candidate> run(model::Customers customers) {
        TRY(problem_.criteria, par::agree_on(comm_, [&] { return requirements(options_, attributes_); }));
        num_quasi_ = names_of(attributes_, AttributeKind::quasi).size();
        TRY(auto population, read_population_rows());
        TRY_DO(agree_on_values(customers.rows, population));
        TRY_DO(make_hierarchies());
        TRY_DO(measure_distances());
        TRY_DO(gather(std::move(customers), std::move(population)));
        return search();
    }

private:
    Result<model::AttributeRows> read_population_rows() {
        const std::vector<Attribute> quasi(attributes_.begin(), attributes_.begin() + static_cast<std::ptrdiff_t>(num_quasi_));
        if (!options_.population.empty()) return read_population(comm_, options_.population, quasi);
        return model::AttributeEncoder(quasi).take();
    }
    Result<> agree_on_values(model::AttributeRows& customers, model::AttributeRows& population) {
        for (std::size_t a = 0; a < attributes_.size(); ++a) {
            auto mine = customers.values[a];
            if (a < num_quasi_) mine.insert(mine.end(), population.values[a].begin(), population.values[a].end());
            TRY(auto values, all_values(comm_, mine));
            sort_values(values);
            if (const auto* rule = distance_rule(a); rule != nullptr && rule->kind == model::Distance::Kind::ordered) TRY_DO(put_in_order(values, *rule, attributes_[a].name));
            dictionaries_.push_back(std::move(values));
            bases_.push_back(static_cast<std::uint32_t>(dictionaries_.back().size()));
        }
        recode(customers, dictionaries_);
        recode(population, std::span(dictionaries_).first(num_quasi_));
        return {};
    }
    [[nodiscard]] const DistanceRule* distance_rule(std::size_t attribute) const {
        const auto found = options_.distances.find(attributes_[attribute].name);
        return attribute < num_quasi_ || found == options_.distances.end() ? nullptr : &found->second;
    }
    Result<> make_hierarchies() {
        for (std::size_t a = 0; a < num_quasi_; ++a) {
            const auto found = options_.hierarchies.find(attributes_[a].name);
            const HierarchyRule rule = found == options_.hierarchies.end() ? HierarchyRule{} : found->second;
            Result<Paths> paths = rule.file.empty() ? par::outcome_of([&] { return build_paths(rule, dictionaries_[a]); }) : read_paths(comm_, rule.file);
            if (paths.ok()) {
                auto made = make_hierarchy(dictionaries_[a], paths.value());
                if (made.ok()) problem_.hierarchies.push_back(std::move(made).value());
                else paths = std::move(made).error();
            }
            if (!paths.ok()) {
                if (paths.error().where.empty()) paths.error().where = fmt::format("column '{}'", attributes_[a].name);
                return std::move(paths).error();
            }
            double number = 0;
            problem_.hierarchies.back().is_numeric =
                !rule.intervals.empty() && std::all_of(dictionaries_[a].begin(), dictionaries_[a].end(), [&](const auto& v) { return to_number(v, number); });
        }
        const std::uint64_t nodes = num_nodes(problem_.hierarchies);
        if (options_.search == Search::optimal && nodes > options_.max_nodes)
            return Error{Code::usage, fmt::format("the lattice has more than {} nodes", options_.max_nodes), "attributes.hierarchies", "give fewer levels, or search = \"mondrian\""};
        return {};
    }
    Result<> measure_distances() {
        for (std::size_t a = num_quasi_; a < attributes_.size(); ++a) {
            const DistanceRule* rule = distance_rule(a);
            Paths& paths = trees_[attributes_[a].name];
            if (rule != nullptr && !rule->file.empty()) {
                TRY(paths, read_paths(comm_, rule->file));
            }
            auto reference = make_reference(dictionaries_[a], rule == nullptr ? model::Distance::Kind::equal : rule->kind, paths);
            if (!reference.ok()) {
                reference.error().where = fmt::format("column '{}'", attributes_[a].name);
                return std::move(reference).error();
            }
            problem_.sensitive.push_back(std::move(reference).value());
        }
        return {};
    }
    Result<> gather(model::Customers customers, model::AttributeRows population) {
        TRY(Tuples mine, meet_by_subject(comm_, std::move(customers), bases_));
        TRY(const Tuples of_customers, meet_on_first(comm_, mine, bases_, options_.max_tuples));
        mine = {};
        const auto quasi_bases = std::span(bases_).first(num_quasi_);
        TRY(const Tuples of_population, meet_on_first(comm_, distinct(population.codes, {}, quasi_bases), quasi_bases, options_.max_tuples));
        problem_.table = make_table(of_customers, of_population, num_quasi_);
        problem_.loss = options_.loss;
        problem_.max_suppressed = static_cast<std::uint64_t>(std::floor(options_.max_suppressed * static_cast<double>(problem_.table.num_customers)));
        return {};
    }
    Result<Candidate> search() {
        Candidate candidate;
        candidate.table.attributes = attributes_;
        TRY_DO(par::agree_on(comm_, [&]() -> Result<> {
            if (comm_.rank() != 0) return {};
            if (problem_.table.num_customers == 0) return Error{Code::input, "the table of customers has no row", "[customers] path", "check the file"};
            const Solution solution = options_.search == Search::mondrian ? search_mondrian(problem_) : search_lattice(problem_);
            if (!solution.found || solution.suppressed == problem_.table.num_customers)
                return Error{Code::privacy, "no generalisation of the attributes holds the criteria", "[[release]] attributes",
                             "ask for less, allow more suppression, or publish no attributes"};
            candidate.table = publishable(problem_, solution, attributes_, std::vector(dictionaries_.begin() + static_cast<std::ptrdiff_t>(num_quasi_), dictionaries_.end()));
            measure(problem_, solution, candidate.evidence);
            for (std::size_t a = 0; a < num_quasi_; ++a) candidate.evidence.levels[a] = attributes_[a].name + ": " + candidate.evidence.levels[a];
            return {};
        }));
        broadcast(comm_, candidate);
        candidate.table.claims = claims(candidate.table);
        candidate.evidence.search = name_of(options_.search);
        candidate.evidence.loss_name = name_of(options_.loss);
        for (const auto& claim : options_.criteria) {
            TRY(auto statement, statement_of(claim));
            candidate.evidence.statements.push_back(std::move(statement));
            if (claim.name == "k_anonymity") candidate.evidence.k = static_cast<std::uint32_t>(claim.parameters[0]);
        }
        return candidate;
    }
    /// Distances speak of published values only.
    [[nodiscard]] model::AttributeClaims claims(const model::ReleasedAttributes& table) const {
        model::AttributeClaims made{options_.criteria, {}};
        for (std::size_t a = num_quasi_; a < attributes_.size(); ++a) {
            const DistanceRule* rule = distance_rule(a);
            if (rule == nullptr || rule->kind == model::Distance::Kind::equal) continue;
            model::Distance& distance = made.distances[attributes_[a].name];
            distance.kind = rule->kind;
            for (const std::string& value : rule->order)
                if (std::binary_search(table.labels[a].begin(), table.labels[a].end(), value)) distance.order.push_back(value);
            if (rule->kind != model::Distance::Kind::hierarchical) continue;
            for (const std::string& value : table.labels[a]) {
                auto path = trees_.at(attributes_[a].name).at(value);
                if (path.size() < problem_.sensitive[a - num_quasi_].parent.size()) path.emplace_back(everything);
                distance.paths[value] = std::move(path);
            }
        }
        return made;
    }

    par::Comm& comm_;
    const Options& options_;
    std::vector<Attribute> attributes_;
    std::size_t num_quasi_ = 0;
    Dictionaries dictionaries_;
    std::vector<std::uint32_t> bases_;
    std::map<std::string, Paths> trees_;  // of sensitive attributes
    Problem problem_;
};

}  // namespace

const char* name_of(Search search) { return search == Search::mondrian ? "mondrian" : "optimal"; }

const char* name_of(Loss loss) { return loss == Loss::granularity ? "granularity" : loss == Loss::entropy ? "entropy" : "discernibility"; }

Result<Candidate> run(par::Comm& comm, model::Customers customers, const Options& options) {
    auto attributes = customers.rows.attributes;
    return Door(comm, options, std::move(attributes)).run(std::move(customers));
}

}  // namespace meterveil::attributes
