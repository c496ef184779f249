#include "meterveil/prove/derivable.hpp"

#include "prove/combinations.hpp"
#include "prove/judge.hpp"
#include "prove/layout.hpp"
#include "prove/units.hpp"

namespace meterveil::prove {

const char* name_of(Kind kind) {
    switch (kind) {
        case Kind::atom: return "atom";
        case Kind::unit: return "unit";
        case Kind::pair: return "pair";
        case Kind::combination: return "combination";
    }
    return "atom";
}

const char* name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::safe: return "safe";
        case Verdict::unproven: return "unproven";
        case Verdict::unsafe: return "unsafe";
    }
    return "unproven";
}

Result<Report> prove(const Problem& problem, const Limits& limits) {
    const Shape& shape = problem.facts.shape();
    TRY(const auto rules, parse_rules(problem.statements, problem.groups));
    for (const Rule& rule : rules)
        if (rule.num_top() > shape.num_top || (rule.group != all_groups && rule.group >= shape.num_groups))
            return Error{Code::input, "the facts are too few for the rule '" + rule.statement + "'", "rules",
                         "keep more of the largest contributions, by group"};
    std::vector<Layout> layouts;
    for (const auto& forest : problem.forests) {
        TRY(auto layout, lay_out(forest, shape.num_classes));
        layouts.push_back(std::move(layout));
    }

    Report report;
    report.num_classes = shape.num_classes;
    const auto wholes = whole_questions(rules, shape.num_slots, problem.max_failing_share);
    check_units(problem, layouts, wholes, limits, report);
    check_combinations(problem, wholes, limits, report);
    report.verdict = report.num_violations > 0 ? Verdict::unsafe : report.num_unproven > 0 ? Verdict::unproven : Verdict::safe;
    return report;
}

}  // namespace meterveil::prove
