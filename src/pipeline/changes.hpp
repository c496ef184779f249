#pragma once
// Readings that are not those that were released: which of them must wait until more are together. Pure.

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "meterveil/model/ids.hpp"
#include "meterveil/model/rules.hpp"

namespace meterveil::pipeline {

/// A month of a meter as a release has it.
struct ReleasedMonth {
    std::uint32_t release = 0;   ///< index, the oldest first
    model::AtomId atom = 0;      ///< the sum that it is in
    std::uint64_t content = 0;   ///< digest of the readings
    std::int64_t energy_wh = 0;  ///< of the whole period, at the rate of the longest period
};

/// A month of a meter that takes part: as it is now, and as it was released.
struct MeterMonth {
    std::uint32_t meter = 0;          ///< whatever the caller knows it by
    model::Pseudonym subject;
    std::uint32_t subject_class = 0;
    std::uint64_t content = 0;
    std::int64_t energy_wh = 0;
    std::vector<ReleasedMonth> released;  ///< the oldest first, at least one
    bool can_wait = false;            ///< the readings of the last release are there
    bool waits = false;               ///< what was released last stands instead
    [[nodiscard]] bool is_corrected() const { return content != released.back().content; }
    void wait();
};

/// Meters whose change can be told from releases: in one sum of an earlier release, or all that have the n-th version of their readings.
struct ChangedSet {
    std::uint32_t number = 0;   ///< release, or version
    model::AtomId atom = model::no_id;  ///< no_id: a version
    auto operator<=>(const ChangedSet&) const = default;
};

/// A subject's part in such a set. The record on the wire.
struct ChangedShare {
    ChangedSet set;
    model::Pseudonym subject;
    std::uint32_t subject_class = 0;
    std::int64_t energy_wh = 0;  ///< what the change added or took, at least 1
    auto operator<=>(const ChangedShare&) const = default;
};

/// What the months that are not as some release has them have in the sets that they are in. The sets are those that the proof looks at: prove::align_meters.
/// Example: of two releases that both have a meter in atom 3 with other readings than now, three shares: release 0 atom 3, release 1 atom 3, version 1.
std::vector<ChangedShare> shares_of(std::span<const MeterMonth> months);

/// Facts of sets, and the rules of the releases that are about to be made.
class ChangedFacts {
public:
    /// @param rules all of the same classes of subjects. Of scope `interval` min_contributors alone is looked at, of `month` all but
    /// diversity: the energy of a change is known for the period only
    explicit ChangedFacts(std::span<const model::RuleSet> rules);
    /// Adds subjects with all their shares: those of one subject in one set are added up.
    void fold(std::vector<ChangedShare> shares);
    /// As numbers for the wire, and back: adds those of another rank.
    [[nodiscard]] std::vector<std::int64_t> told() const;
    void merge(std::span<const std::int64_t> told);
    /// Sets that fail the rules of any release.
    [[nodiscard]] std::set<ChangedSet> failing() const;

private:
    [[nodiscard]] model::SetFacts none() const { return {num_classes_, num_top_}; }
    std::vector<model::RuleSet> rules_;
    std::uint32_t num_classes_ = 1, num_top_ = 0;
    std::map<ChangedSet, model::SetFacts> facts_;
};

/// Corrections in a failing set wait, if they can. @return whether any began to
bool hold_back(std::span<MeterMonth> months, const std::set<ChangedSet>& failing);

}  // namespace meterveil::pipeline
