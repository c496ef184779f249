#include "prove/units.hpp"

#include <algorithm>
#include <limits>

namespace meterveil::prove {
namespace {

/// What adds up exactly over disjoint classes, in one cell (a whole question's slot).
struct Sum {
    std::uint64_t folded = 0;   ///< contributors, without those that have parts in several classes: a lower bound
    std::int64_t total = 0;
    std::uint64_t diverse = 0;  ///< classes that are diverse by themselves

    Sum& operator+=(const Sum& other) {
        folded += other.folded;
        total += other.total;
        diverse += other.diverse;
        return *this;
    }
    Sum& operator-=(const Sum& other) {
        folded -= other.folded;
        total -= other.total;
        diverse -= other.diverse;
        return *this;
    }
};

/// Two units; `shared` is their intersection, [cell].
struct Pair {
    std::uint32_t forest_u, forest_v;
    UnitId u, v;
    const Sum* shared;
};

class Checks {
public:
    Checks(const Problem& problem, const std::vector<Layout>& layouts, const std::vector<Question>& wholes, const Limits& limits, Report& report)
        : problem_(problem), layouts_(layouts), wholes_(wholes), limits_(limits), report_(report), num_top_(problem.facts.shape().num_top) {
        for (const auto& whole : wholes_) num_cells_ += whole.num_slots;
        add_up_classes();
        for (std::uint32_t f = 0; f < layouts_.size(); ++f) check_each(f);
    }

    void check_pairs() {
        mark_.assign(problem_.facts.shape().num_classes, 0);
        for (std::uint32_t f = 0; f < layouts_.size(); ++f) check_nested(f);
        for (std::uint32_t f = 0; f < layouts_.size(); ++f)
            for (std::uint32_t g = f + 1; g < layouts_.size(); ++g) check_across(f, g);
    }

private:
    /// Where the cells of a unit or class begin.
    [[nodiscard]] std::size_t at(std::uint32_t item) const { return std::size_t{item} * num_cells_; }

    void add_up_classes() {
        const auto num_classes = problem_.facts.shape().num_classes;
        class_sums_.resize(std::size_t{num_classes} * num_cells_);
        for (ClassId cls = 0; cls < num_classes; ++cls) {
            Sum* sum = &class_sums_[at(cls)];
            for (const auto& whole : wholes_)
                for (const Tally& tally : whole.tally(problem_.facts, std::span(&cls, 1)))
                    *sum++ = {tally.folded, tally.total, is_diverse(whole, tally)};
        }
    }

    static std::uint64_t is_diverse(const Question& whole, const Tally& tally) {
        const auto settles = [&](const Rule& rule) { return rule.kind != RuleKind::diversity || Threshold::weight(rule, tally) == 1; };
        return std::all_of(whole.rules.begin(), whole.rules.end(), settles) ? 1 : 0;
    }

    /// Judges the units of a forest and what each publishes beyond its children; keeps their sums and largest contributions.
    void check_each(std::uint32_t f) {
        const Forest& forest = problem_.forests[f];
        const auto num_units = static_cast<UnitId>(forest.parent.size());
        unit_sums_.emplace_back(std::size_t{num_units} * num_cells_);
        unit_tops_.emplace_back(std::size_t{num_units} * num_cells_ * num_top_);
        for (UnitId u = 0; u < num_units; ++u) {
            const auto own = own_classes(forest, u);
            const auto all = layouts_[f].classes(u);
            if (own.empty() && all.empty()) continue;
            if (!own.empty()) {
                ++report_.num_atoms;
                judge(Kind::atom, own, {{f, u, 1}});
            }
            if (own.size() == all.size()) {
                keep(f, u, all, nullptr);
                continue;
            }
            ++report_.num_units;
            const Rule* failed = nullptr;
            keep(f, u, all, &failed);
            if (failed != nullptr) add(Kind::unit, *failed, {{f, u, 1}});
        }
    }

    void keep(std::uint32_t f, UnitId u, std::span<const ClassId> classes, const Rule** failed) {
        std::size_t cell = at(u);
        for (const auto& whole : wholes_) {
            const Tallies tallies = whole.tally(problem_.facts, classes);
            if (failed != nullptr && *failed == nullptr) *failed = whole.failing(tallies);
            for (std::size_t s = 0; s < tallies.size(); ++s)
                std::copy_n(tallies[s].top.begin(), num_top_, unit_tops_[f].begin() + static_cast<std::ptrdiff_t>((cell + s) * num_top_));
            cell += tallies.size();
        }
        Sum* sums = &unit_sums_[f][at(u)];
        for (const ClassId cls : classes)
            for (std::uint32_t c = 0; c < num_cells_; ++c) sums[c] += class_sums_[at(cls) + c];
    }

    void check_nested(std::uint32_t f) {
        const auto& parent = problem_.forests[f].parent;
        for (UnitId v = 0; v < parent.size(); ++v) {
            if (layouts_[f].classes(v).empty()) continue;
            for (UnitId u = parent[v]; u != no_unit; u = parent[u]) check({f, f, u, v, &unit_sums_[f][at(v)]});
        }
    }

    /// Intersections with all units of f are added up from the classes of each unit of g, then up the forest f.
    void check_across(std::uint32_t f, std::uint32_t g) {
        const auto& parent = problem_.forests[f].parent;
        std::vector<Sum> shared(parent.size() * num_cells_);
        std::vector<bool> is_touched(parent.size(), false);
        std::vector<UnitId> touched;
        const auto touch = [&](UnitId u) {
            if (!is_touched[u]) touched.push_back(u);
            is_touched[u] = true;
        };
        for (UnitId v = 0; v < problem_.forests[g].parent.size(); ++v) {
            for (const ClassId cls : layouts_[g].classes(v)) {
                const UnitId u = layouts_[f].unit_of_class[cls];
                if (u == no_unit) continue;
                touch(u);
                for (std::uint32_t c = 0; c < num_cells_; ++c) shared[at(u) + c] += class_sums_[at(cls) + c];
            }
            for (std::size_t i = 0; i < touched.size(); ++i)
                if (parent[touched[i]] != no_unit) touch(parent[touched[i]]);
            std::sort(touched.begin(), touched.end(), std::greater<>());  // children before parents
            for (const UnitId u : touched)
                if (parent[u] != no_unit)
                    for (std::uint32_t c = 0; c < num_cells_; ++c) shared[at(parent[u]) + c] += shared[at(u) + c];
            for (const UnitId u : touched) check({f, g, u, v, &shared[at(u)]});
            for (const UnitId u : touched) {
                is_touched[u] = false;
                std::fill_n(shared.begin() + static_cast<std::ptrdiff_t>(at(u)), num_cells_, Sum{});
            }
            touched.clear();
        }
    }

    void check(const Pair& pair) {
        ++report_.num_pairs;
        if (problem_.is_consecutive && pair.forest_u != pair.forest_v) {
            if (!is_settled(pair, true, false) || !is_settled(pair, false, true)) list(pair);
        } else if (!is_settled(pair, true, true)) {
            list(pair);
        }
    }

    /// Whether bounds alone show that the difference passes. @param from_u, from_v which sides of it are judged together
    bool is_settled(const Pair& pair, bool from_u, bool from_v) {
        std::size_t cell = 0;
        for (const auto& whole : wholes_) {
            least_.assign(whole.num_slots, Tally{});
            most_.assign(whole.num_slots, Tally{});
            for (std::uint32_t s = 0; s < whole.num_slots; ++s) bound(pair, from_u, from_v, cell + s, least_[s], most_[s]);
            if (!whole.settles(least_, most_)) return false;
            cell += whole.num_slots;
        }
        return true;
    }

    void bound(const Pair& pair, bool from_u, bool from_v, std::size_t cell, Tally& least, Tally& most) const {
        const std::size_t at_u = at(pair.u) + cell, at_v = at(pair.v) + cell;
        Sum sum;
        if (from_u) (sum += unit_sums_[pair.forest_u][at_u]) -= pair.shared[cell];
        if (from_v) (sum += unit_sums_[pair.forest_v][at_v]) -= pair.shared[cell];
        least.contributors = sum.folded;
        least.total = sum.total;
        if (sum.diverse > 0) {  // stands for the contributions of a class that is diverse by itself
            least.smallest_folded = 1;
            least.top[0] = std::numeric_limits<std::int64_t>::max();
        }
        most.contributors = sum.total > 0 ? 1 : 0;
        const auto tops = std::span(most.top).first(num_top_);
        if (from_u) std::copy_n(unit_tops_[pair.forest_u].begin() + static_cast<std::ptrdiff_t>(at_u * num_top_), num_top_, tops.begin());
        if (!from_v || (pair.forest_u == pair.forest_v)) return;  // a nested unit adds nothing
        const std::int64_t* others = &unit_tops_[pair.forest_v][at_v * num_top_];
        for (std::uint32_t i = 0; i < num_top_; ++i) {
            if (problem_.facts.has_parts())
                tops[i] += others[i];  // one subject may have a part on each side
            else
                insert_top(tops, others[i]);
        }
    }

    /// Judges the difference class by class.
    void list(const Pair& pair) {
        const auto in_u = layouts_[pair.forest_u].classes(pair.u), in_v = layouts_[pair.forest_v].classes(pair.v);
        if (pair_work_ + in_u.size() + in_v.size() > limits_.pair_work) {
            ++report_.num_unproven;
            return;
        }
        pair_work_ += in_u.size() + in_v.size();
        ++report_.num_pairs_listed;
        left_.clear();
        joined_.clear();
        for (const ClassId cls : in_v) mark_[cls] = 1;
        for (const ClassId cls : in_u) {
            if (mark_[cls] == 0) left_.push_back(cls);
            mark_[cls] = mark_[cls] == 0 ? 0 : 2;
        }
        for (const ClassId cls : in_v) {
            if (mark_[cls] == 1) joined_.push_back(cls);
            mark_[cls] = 0;
        }
        std::vector<Violation::Term> terms{{pair.forest_u, pair.u, 1}, {pair.forest_v, pair.v, -1}};
        if (problem_.is_consecutive && pair.forest_u != pair.forest_v && !hides(left_) && !hides(joined_)) {
            if (judge(Kind::pair, left_, terms)) judge(Kind::pair, joined_, terms);
        } else {
            left_.insert(left_.end(), joined_.begin(), joined_.end());
            judge(Kind::pair, left_, terms);
        }
    }

    /// Whether a class among these was there in both periods and passes by itself: who came or went is added to it or taken from
    /// it, and hidden. What is left when it is taken out is a combination of more units.
    [[nodiscard]] bool hides(const std::vector<ClassId>& classes) const {
        const auto passes = [&](ClassId cls) {
            if (std::any_of(layouts_.begin(), layouts_.end(), [&](const Layout& layout) { return layout.unit_of_class[cls] == no_unit; })) return false;
            bool is_there = false;
            for (const auto& whole : wholes_) {
                if (whole.failing(whole.tally(problem_.facts, std::span(&cls, 1))) != nullptr) return false;
                is_there = is_there || !whole.is_empty(problem_.facts, cls);
            }
            return is_there;
        };
        return std::any_of(classes.begin(), classes.end(), passes);
    }

    bool judge(Kind kind, std::span<const ClassId> classes, const std::vector<Violation::Term>& terms) {
        for (const auto& whole : wholes_)
            if (const Rule* failed = whole.failing(whole.tally(problem_.facts, classes)); failed != nullptr) {
                add(kind, *failed, terms);
                return false;
            }
        return true;
    }

    void add(Kind kind, const Rule& rule, const std::vector<Violation::Term>& terms) {
        const Forest& first = problem_.forests[terms[0].forest];
        std::string what = named(first, terms[0].unit);
        if (kind == Kind::pair) what = "the difference of " + what + " and " + named(problem_.forests[terms[1].forest], terms[1].unit);
        if (kind == Kind::atom && own_classes(first, terms[0].unit).size() != layouts_[terms[0].forest].classes(terms[0].unit).size())
            what += " minus the units in it";
        add_violation(report_, limits_, {kind, rule.statement, terms, what + " fails " + rule.statement});
    }

    const Problem& problem_;
    const std::vector<Layout>& layouts_;
    const std::vector<Question>& wholes_;
    const Limits& limits_;
    Report& report_;
    std::uint32_t num_top_, num_cells_ = 0;
    std::vector<Sum> class_sums_;                      ///< [class][cell]
    std::vector<std::vector<Sum>> unit_sums_;          ///< [forest][unit][cell]
    std::vector<std::vector<std::int64_t>> unit_tops_; ///< [forest][unit][cell][num_top]
    std::uint64_t pair_work_ = 0;
    std::vector<std::uint8_t> mark_;                   ///< [class] scratch
    std::vector<ClassId> left_, joined_;
    Tallies least_, most_;
};

}  // namespace

void add_violation(Report& report, const Limits& limits, Violation violation) {
    ++report.num_violations;
    if (report.violations.size() < limits.max_explained) report.violations.push_back(std::move(violation));
}

void check_units(const Problem& problem, const std::vector<Layout>& layouts, const std::vector<Question>& wholes, const Limits& limits,
                 Report& report) {
    Checks checks(problem, layouts, wholes, limits, report);
    checks.check_pairs();
}

}  // namespace meterveil::prove
