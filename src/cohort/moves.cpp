#include "cohort/moves.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "cohort/sets.hpp"

namespace meterveil::cohort {
namespace {

using model::no_id;
using model::NodeId;

class Settling {
public:
    Settling(const Moves& moves, const model::Hierarchy& hierarchy, const model::RuleSet& rules)
        : moves_(moves), hierarchy_(hierarchy), rules_(rules), first_(first_leaf(hierarchy)), standing_atom_(hierarchy.nodes.size() - first_, no_id) {
        for (const auto& facts : moves.facts) passes_.push_back(model::judge(rules, facts).passes);
        settled_.waits.assign(moves.moves.size(), false);
        settled_.history.bond.assign(standing_atom_.size(), no_id);
        settled_.history.left.resize(standing_atom_.size());
    }

    Settled settle() {
        find_standing();
        for (std::size_t first = 0, last = 0; first < moves_.moves.size(); first = last) {
            while (last < moves_.moves.size() && moves_.moves[last].atom == moves_.moves[first].atom) ++last;
            settle_atom(first, last);
        }
        return std::move(settled_);
    }

private:
    [[nodiscard]] NodeId leaf(std::size_t i) const { return moves_.moves[i].leaf; }
    [[nodiscard]] bool is_gone(std::size_t i) const { return leaf(i) == no_id; }
    [[nodiscard]] bool stands(std::size_t i) const { return !is_gone(i) && standing_atom_[leaf(i) - first_] == moves_.moves[i].atom; }
    [[nodiscard]] std::int64_t energy_wh(std::size_t i) const { return moves_.facts[i].grand_total(); }

    void find_standing() {
        std::set<std::uint32_t> atoms;
        for (const Move& move : moves_.moves)
            if (move.leaf != no_id && moves_.main_atom[move.leaf - first_] == move.atom) {
                standing_atom_[move.leaf - first_] = move.atom;
                atoms.insert(move.atom);
            }
        std::vector<std::int64_t> most(standing_atom_.size(), -1);
        std::vector<std::uint32_t> renamed(standing_atom_.size(), no_id);
        for (std::size_t i = 0; i < moves_.moves.size(); ++i) {
            if (is_gone(i) || atoms.contains(moves_.moves[i].atom) || energy_wh(i) <= most[leaf(i) - first_]) continue;
            most[leaf(i) - first_] = energy_wh(i);
            renamed[leaf(i) - first_] = moves_.moves[i].atom;
        }
        for (std::size_t l = 0; l < renamed.size(); ++l)
            if (standing_atom_[l] == no_id) standing_atom_[l] = renamed[l];
    }

    /// Where an atom is, as far as sums tell. @return of its moves that pass, or of all if none does, the one with the most energy; only of those that stand
    /// if `among_standing`; last: none
    [[nodiscard]] std::size_t home_of(std::size_t first, std::size_t last, bool among_standing) const {
        const auto is_larger = [&](std::size_t a, std::size_t b) { return std::pair(bool{passes_[a]}, energy_wh(a)) > std::pair(bool{passes_[b]}, energy_wh(b)); };
        std::size_t best = last;
        for (std::size_t i = first; i < last; ++i)
            if (!is_gone(i) && (stands(i) || !among_standing) && (best == last || is_larger(i, best))) best = i;
        return best;
    }

    void settle_atom(std::size_t first, std::size_t last) {
        const bool has_place = bind(first, last);
        const std::size_t home = home_of(first, last, has_place);
        if (home == last) return;  // all of it is gone: its row tells no more
        History& history = settled_.history;
        const bool all_pass = std::all_of(passes_.begin() + static_cast<std::ptrdiff_t>(first), passes_.begin() + static_cast<std::ptrdiff_t>(last), [](bool passes) { return passes; });
        for (std::size_t i = first; i < last; ++i)
            if (!is_gone(i) && !(has_place && stands(i))) settled_.waits[i] = has_place ? !passes_[i] : !all_pass;
        const bool are_strays = !has_place && settled_.waits[home];
        for (std::size_t i = first; i < last; ++i) {
            if (are_strays) history.strays.push_back({moves_.moves[i].atom, model::batch_of(hierarchy_, leaf(is_gone(i) ? home : i), true), is_gone(i), moves_.facts[i]});
            else if (is_gone(i)) merge_facts(history.left[leaf(home) - first_], moves_.facts[i]);
            if (i != home && settled_.waits[i] && !passes_[i])
                history.flows.push_back({model::batch_of(hierarchy_, leaf(home), settled_.waits[home]), model::batch_of(hierarchy_, leaf(i), true), moves_.facts[i]});
        }
    }

    /// Those of an atom that stand, so that each part passes: parts that do not are bound together, and to the smallest others that it takes.
    /// @return false: nobody stands, or all that do are too few
    bool bind(std::size_t first, std::size_t last) {
        model::SetFacts bound;
        std::vector<std::size_t> parts, others;
        for (std::size_t i = first; i < last; ++i) {
            if (!stands(i)) continue;
            (passes_[i] ? others : parts).push_back(i);
            if (!passes_[i]) merge_facts(bound, moves_.facts[i]);
        }
        std::stable_sort(others.begin(), others.end(), [&](std::size_t a, std::size_t b) { return energy_wh(a) < energy_wh(b); });
        for (std::size_t next = 0; !parts.empty() && !model::judge(rules_, bound).passes; ++next) {
            if (next == others.size()) return false;
            parts.push_back(others[next]);
            merge_facts(bound, moves_.facts[others[next]]);
        }
        for (const std::size_t i : parts) settled_.history.bond[leaf(i) - first_] = parts.size() > 1 ? moves_.moves[i].atom : no_id;
        return !parts.empty() || !others.empty();
    }

    const Moves& moves_;
    const model::Hierarchy& hierarchy_;
    const model::RuleSet& rules_;
    NodeId first_;
    std::vector<std::uint32_t> standing_atom_;  ///< [leaf]
    std::vector<bool> passes_;                  ///< [move]
    Settled settled_;
};

}  // namespace

Settled settle(const Moves& moves, const model::Hierarchy& hierarchy, const model::RuleSet& rules) { return Settling(moves, hierarchy, rules).settle(); }

}  // namespace meterveil::cohort
