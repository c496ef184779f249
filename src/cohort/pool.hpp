#pragma once
// The one partition, from the facts of the leaves. Pure. @source privacy.md sections 2 and 4

#include <vector>

#include "meterveil/model/partition.hpp"

namespace meterveil::cohort {

/// Facts of one leaf node; no slots: nobody.
using LeafFacts = std::vector<model::SetFacts>;  ///< [node id - id of the first leaf]

/// Meters that moved from one batch to another, too few to pass by themselves.
struct Flow {
    model::BatchId from = model::no_id, to = model::no_id;
    model::SetFacts facts;  ///< by their energy of then
};

/// Meters that waited newcomers were in a sum with, an atom that stands nowhere: those newcomers, or those who are in no sum now.
struct Stray {
    std::uint32_t atom = model::no_id;
    model::BatchId batch = model::no_id;  ///< where they are; of those who left, where most of the atom is
    bool has_left = false;
    model::SetFacts facts;                ///< by their energy of then
};

/// What happened to the leaves since the period before. All lists are empty if there was none.
struct History {
    LeafFacts joined;                 ///< who takes part in the leaf and was in no sum then: let in if they pass, else they wait
    LeafFacts left;                   ///< who was in a sum with those who stand in the leaf, and is in none now
    std::vector<std::uint32_t> bond;  ///< [leaf] leaves that must stay together, such as an earlier cohort; no_id: none
    LeafFacts moved = {};             ///< who came to the leaf from others and waits
    std::vector<Flow> flows = {};
    std::vector<Stray> strays = {};
    std::vector<bool> stands_in = {};  ///< [leaf] counts as if somebody were there: nobody shall know. Empty: none
};

/// Builds the partition of one channel, bottom-up, children in order of their ids (by name).
///
/// A set passes if its members pass every rule, if it has all or no leaves of a bond, and if each of these passes or is nobody: those of it that
/// joined; those that left; those that joined or came by flows from outside the set; those that left or went by flows to outside; the strays of one
/// atom, alone or with those that joined. Newcomers of a leaf that wait are a batch of their own, whose home is the leaf's parent: they wait until a pool with them passes.
///
/// A leaf that passes is an atom. Batches that fail are pooled at their parent, together with those handed up from
/// below. A pool that passes becomes cohorts: batch after batch, each cohort closed as soon as it passes, the
/// rest added to the last. Of one that fails, batches that nothing stands against but that they are too few, alone or with those that flows and bonds tie
/// them to, are closed if they pass. What is left either absorbs atoms under the node until it passes, or is handed up:
/// whichever loses less, where a loss is the sum over units lost of their energy (absorbing loses the atom's own
/// row and every node below this one that the new cohort straddles; handing up loses this node). At the root it
/// absorbs; if even everything together fails, what was handed to the root is withheld, and with it every
/// node above a withheld leaf. A published node is always a union of atoms; so every sum or difference of
/// published units is too. O(leaves x depth + leaves log leaves + groups of leaves x atoms absorbed).
///
/// @param standing who takes part in the leaf, without those that joined, or moved and wait
model::Partition build_partition(model::Channel channel, const model::Hierarchy& hierarchy, const LeafFacts& standing,
                                 const model::RuleSet& rules, const History& history = {});

/// The partitions of one channel: one, or two of a crossed hierarchy, which are of the same atoms: its own, then by class.
///
/// Where few are, no row may tell of which class they are. So the leaves above those of the class are first pooled by themselves into
/// places that pass whatever the class; in a place of several leaves, those of one class stay together, and a leaf where nobody of a
/// class is counts as if somebody were. What is told of a class is told of a place that passes.
///
/// The level of the class is put at every depth, one after another, and pooled there: at the bottom the classes of a feeder are pooled
/// first, at the top the feeders of a class. Kept is the depth whose atoms lose least over both partitions: the sum, over nodes
/// without a row, of their energy; of equal ones the deepest. Arguments as of build_partition. O(depth) times as much.
std::vector<model::Partition> build_partitions(model::Channel channel, const model::Hierarchy& hierarchy, const LeafFacts& standing,
                                               const model::RuleSet& rules, const History& history = {});

}  // namespace meterveil::cohort
