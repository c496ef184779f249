#include "prove/combinations.hpp"

#include <algorithm>

#include "prove/blocks.hpp"
#include "prove/confirm.hpp"
#include "prove/cut_graph.hpp"
#include "prove/layout.hpp"
#include "prove/search.hpp"
#include "prove/units.hpp"

namespace meterveil::prove {
namespace {

enum class Outcome : std::uint8_t { settled, searched, unproven, violated };

std::vector<ClassId> classes_of(const CutGraph& graph) { return graph.classes(); }
const std::vector<ClassId>& classes_of(const RowSpace& space) { return space.classes; }
CutGraph zero_on(const CutGraph& graph, const std::vector<bool>& marked, Work&) { return graph.zero_on(marked); }
RowSpace zero_on(const RowSpace& space, const std::vector<bool>& marked, Work& work) { return space.zero_on(marked, work); }
RowSpace rows_of(const CutGraph& graph) { return graph.to_rows(); }
const RowSpace& rows_of(const RowSpace& space) { return space; }

/// One block and the rules over one group of subjects.
class BlockProof {
public:
    BlockProof(const Problem& problem, const std::vector<bool>& hides, const Block& block, const Question& whole, Work& work)
        : problem_(problem), hides_(hides), facts_(problem.facts), block_(block), whole_(whole), work_(work) {}

    Outcome decide() {
        graph_ = graph_of(block_.rows, block_.classes, is_added_);
        return graph_ ? decide(*graph_) : decide(space_of(block_));
    }
    std::vector<Violation::Term> terms;
    std::string rule;

private:
    /// First what passes every rule in every slot goes, once for all; then each rule and slot is asked about the rest.
    template <class Space>
    Outcome decide(const Space& space) {
        Question strict = whole_;
        strict.num_allowed = 0;
        const auto rest = reduced(std::vector<Space>{space}, strict);
        if (work_.left == 0) return Outcome::unproven;
        if (rest.empty()) return Outcome::settled;
        bool is_searched = false;
        for (const Question& part : parts_of(whole_)) {
            std::vector<Space> present;
            for (const Space& piece : rest) present.push_back(piece.without(empty_in(piece, part)));
            for (const Space& piece : reduced(std::move(present), part)) {
                is_searched = true;
                if (const auto outcome = search(piece, part); outcome != Outcome::searched) return outcome;
            }
            if (work_.left == 0) return Outcome::unproven;
        }
        return is_searched ? Outcome::searched : Outcome::settled;
    }

    template <class Space>
    std::vector<bool> empty_in(const Space& space, const Question& question) const {
        std::vector<bool> marked;
        for (const ClassId cls : classes_of(space)) marked.push_back(question.is_empty(facts_, cls));
        return marked;
    }

    /// Divides spaces and takes out classes which are in no failing sum, until neither goes on.
    template <class Space>
    std::vector<Space> reduced(std::vector<Space> open, const Question& question) {
        std::vector<Space> done;
        while (!open.empty() && work_.left > 0) {
            Space space = std::move(open.back());
            open.pop_back();
            auto parts = space.split();
            if (parts.empty() || space.is_null()) continue;
            if (parts.size() > 1 && question.is_monotone(facts_)) {
                std::move(parts.begin(), parts.end(), std::back_inserter(open));
                continue;
            }
            const auto marked = settled_in(space, question);
            if (std::none_of(marked.begin(), marked.end(), [](bool is_marked) { return is_marked; }))
                done.push_back(std::move(space));
            else
                open.push_back(zero_on(space, marked, work_));
        }
        return done;
    }

    /// Marks classes such that every derivable sum with one of them passes; or all, if every union of them passes.
    template <class Space>
    std::vector<bool> settled_in(const Space& space, const Question& question) {
        const auto& classes = classes_of(space);
        std::vector<bool> marked(classes.size(), false);
        if (!work_.take(classes.size() * 4)) return marked;
        std::vector<std::span<const ClassId>> sets;
        for (const ClassId& cls : classes) sets.emplace_back(&cls, 1);
        const auto passes = [&](const auto set) { return question.passes_in_unions(question.tally(facts_, set)); };
        if (question.num_allowed == 0 && std::all_of(sets.begin(), sets.end(), passes)) return std::vector<bool>(classes.size(), true);
        const Tallies most = problem_.is_consecutive ? question.tally(facts_, classes) : question.most_of(facts_, sets);
        bool is_any_marked = false;
        for (std::size_t c = 0; c < classes.size(); ++c) {
            marked[c] = hides_[classes[c]] && question.settles(question.tally(facts_, sets[c]), most);
            is_any_marked = is_any_marked || marked[c];
        }
        return is_any_marked ? marked : settled_by_cuts(space, question, most);
    }

    std::vector<bool> settled_by_cuts(const CutGraph& graph, const Question& question, const Tallies& most) {
        std::vector<bool> none(graph.edges.size(), false);
        if (problem_.is_consecutive || question.num_allowed > 0 || question.rules.size() != 1 || question.num_slots != 1) return none;
        if (!work_.take(graph.edges.size() * 8)) return none;
        const Rule& asked = question.rules[0];
        std::vector<std::int64_t> weights;
        for (const auto& edge : graph.edges) weights.push_back(Threshold::weight(asked, question.tally(facts_, std::span(&edge.cls, 1))[0]));
        return inseparable(graph, weights, Threshold::of(asked, most[0]).least);
    }
    std::vector<bool> settled_by_cuts(const RowSpace& space, const Question&, const Tallies&) {
        return std::vector<bool>(space.classes.size(), false);
    }

    template <class Space>
    Outcome search(const Space& space, const Question& question) {
        const RowSpace& rows = rows_of(space);
        auto found = problem_.is_consecutive ? find_failing_part(rows, question, facts_, work_) : lone_row(rows, question);
        if (!found && !problem_.is_consecutive) found = find_failing(rows, question, facts_, work_);
        if (!found) return Outcome::searched;  // if there was work enough, as the caller sees
        const Rule* failed = question.failing(question.tally(facts_, *found));  // none if only one side of a difference fails
        rule = (failed != nullptr ? *failed : question.rules[0]).statement;
        auto confirmed = confirm(block_, graph_, is_added_, std::move(*found), question, facts_, problem_.is_consecutive, work_);
        if (!confirmed) return Outcome::unproven;
        terms = std::move(*confirmed);
        return Outcome::violated;
    }

    /// The classes of a row that fails by itself: found without a search, in spaces of any size.
    [[nodiscard]] std::optional<std::vector<ClassId>> lone_row(const RowSpace& space, const Question& question) const {
        for (const auto& row : space.rows) {
            std::vector<ClassId> classes;
            for (const auto& entry : row) classes.push_back(space.classes[entry.column]);
            if (question.failing(question.tally(facts_, classes)) != nullptr) return classes;
        }
        return std::nullopt;
    }

    const Problem& problem_;
    const std::vector<bool>& hides_;  ///< [class]
    const Facts& facts_;
    const Block& block_;
    const Question& whole_;
    Work& work_;
    std::optional<CutGraph> graph_;
    std::vector<bool> is_added_;  ///< [row] of the graph's sides
};

std::string explain(const Problem& problem, const std::vector<Violation::Term>& terms, const std::string& rule) {
    constexpr std::size_t most_named = 6;
    std::string text;
    for (std::size_t i = 0; i < terms.size() && i < most_named; ++i) {
        const auto& term = terms[i];
        text += (i == 0 ? "" : " ") + std::string(term.coefficient < 0 ? "-" : "+");
        const std::int64_t times = term.coefficient < 0 ? -term.coefficient : term.coefficient;
        if (times != 1) text += std::to_string(times) + " x ";
        text += named(problem.forests[term.forest], term.unit);
    }
    if (terms.size() > most_named) text += " and " + std::to_string(terms.size() - most_named) + " more rows";
    return "the combination " + text + ", each without the units in it, fails " + rule;
}

/// [class] whether who came or went may be hidden among it. Of consecutive periods: only if it was there in both.
std::vector<bool> hiding_classes(const Problem& problem) {
    std::vector<std::size_t> num_forests(problem.facts.shape().num_classes, 0);
    for (const Forest& forest : problem.forests)
        for (const ClassId cls : forest.classes) ++num_forests[cls];
    std::vector<bool> hides;
    for (const std::size_t count : num_forests) hides.push_back(!problem.is_consecutive || count == problem.forests.size());
    return hides;
}

}  // namespace

void check_combinations(const Problem& problem, const std::vector<Question>& wholes, const Limits& limits, Report& report) {
    std::uint64_t left = limits.combination_work;
    const std::vector<bool> hides = hiding_classes(problem);
    const bool are_monotone = std::all_of(wholes.begin(), wholes.end(), [&](const Question& whole) { return whole.is_monotone(problem.facts); });
    std::vector<std::uint64_t> num_open(wholes.size(), 0);  // blocks of which something is left that does not settle unions
    const auto decide = [&](const Block& block, const Question& whole) {
        if (block.rows.size() == 1) {  // all sums are multiples of an atom, judged as such
            const Tallies row = whole.tally(problem.facts, block.rows[0]);
            return whole.is_monotone(problem.facts) || whole.settles(row, row) ? Outcome::settled : Outcome::searched;
        }
        if (report.num_violations > 0 && report.violations.size() >= limits.max_explained) return Outcome::unproven;
        const std::uint64_t share = left / 4;  // a hard block leaves some for the others
        Work work{share};
        BlockProof proof(problem, hides, block, whole, work);
        const Outcome outcome = proof.decide();
        left -= share - work.left;
        const bool is_known = proof.terms.size() == 1 && report.num_violations > 0;  // a row alone is an atom, reported as such
        if (outcome == Outcome::violated && !is_known)
            add_violation(report, limits, {Kind::combination, proof.rule, proof.terms, explain(problem, proof.terms, proof.rule)});
        return outcome;
    };
    Rows(problem).for_each_block(are_monotone ? 2 : 1, [&](const Block& block) {
        Outcome worst = Outcome::settled;
        for (std::size_t w = 0; w < wholes.size(); ++w) {
            const Outcome outcome = decide(block, wholes[w]);
            if (outcome != Outcome::settled) ++num_open[w];
            worst = std::max(worst, outcome);
        }
        if (block.rows.size() == 1) return;
        ++report.num_blocks;
        if (worst == Outcome::settled) ++report.num_settled;
        if (worst == Outcome::searched) ++report.num_searched;
        if (worst == Outcome::unproven) ++report.num_unproven;
    });
    // Two sets that pass may have a union that fails: what is left in several blocks is not decided.
    for (std::size_t w = 0; w < wholes.size(); ++w)
        if (!wholes[w].is_monotone(problem.facts) && num_open[w] > 1) ++report.num_unproven;
}

}  // namespace meterveil::prove
