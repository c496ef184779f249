#pragma once
// Judging a union of classes, alone or as the least part of an unknown larger union.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/prove/facts.hpp"
#include "meterveil/prove/rules.hpp"

namespace meterveil::prove {

__extension__ typedef unsigned __int128 Wide;

/// One slot of a union of classes, each subject counted once.
struct Tally {
    std::uint64_t contributors = 0, folded = 0;          ///< with a non-zero contribution; of which lie in one class
    std::int64_t total = 0;
    std::int64_t smallest = 0, smallest_folded = 0;      ///< non-zero contribution; 0 if there is none
    std::array<std::int64_t, most_top> top{};
};
using Tallies = std::vector<Tally>;  ///< [slot of the question]

/// What is asked of a set: rules over the same subjects, on some slots, of which a few may fail.
struct Question {
    std::vector<Rule> rules;
    std::uint32_t group = all_groups;
    std::uint32_t first_slot = 0, num_slots = 1;
    std::uint32_t num_allowed = 0;  ///< slots that may fail

    /// Facts of the union of these classes on the question's slots.
    [[nodiscard]] Tallies tally(const Facts& facts, std::span<const ClassId> classes) const;
    /// The rule that fails first in too many slots; null if the set passes. A slot without contributors passes: nothing is derivable of it.
    [[nodiscard]] const Rule* failing(const Tallies& set) const;
    /// Whether every set that contains `least` and lies in `most` passes. May say no where all do.
    [[nodiscard]] bool settles(const Tallies& least, const Tallies& most) const;
    /// Whether a union of disjoint sets of which each passes in unions passes too, whatever they are.
    [[nodiscard]] bool passes_in_unions(const Tallies& set) const;
    /// Whether that is so for each set that passes.
    [[nodiscard]] bool is_monotone(const Facts& facts) const;
    /// The facts that bound a failing union of these disjoint sets from above: their union, or less.
    [[nodiscard]] Tallies most_of(const Facts& facts, const std::vector<std::span<const ClassId>>& sets) const;
    /// Whether nobody of the class contributes to any slot of the question.
    [[nodiscard]] bool is_empty(const Facts& facts, ClassId cls) const;
};

bool passes(const Rule& rule, const Tally& set);

/// Sets by an additive weight: a set within `most` whose weights add up to the threshold passes the rule.
struct Threshold {
    std::int64_t least = 0;
    [[nodiscard]] static Threshold of(const Rule& rule, const Tally& most);
    /// Weight of one class. The weight of a set is at least the sum over its classes.
    [[nodiscard]] static std::int64_t weight(const Rule& rule, const Tally& cls);
};

/// One question for each group that rules name: all its rules and slots, as a release is judged.
std::vector<Question> whole_questions(const std::vector<Rule>& rules, std::uint32_t num_slots, double max_failing_share);
/// The same in parts, such that a set fails if and only if it fails one: a rule and a slot each. Not divided if slots may fail.
std::vector<Question> parts_of(const Question& whole);

}  // namespace meterveil::prove
