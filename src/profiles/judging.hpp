#pragma once
// Whether a set of rows may be published as one curve.

#include <cstdint>
#include <span>
#include <vector>

#include "meterveil/model/ids.hpp"
#include "meterveil/model/rules.hpp"

namespace meterveil::profiles {

/// Who stands behind the rows of a stratum, as the rules see it.
struct Members {
    std::span<const model::Pseudonym> subjects;    ///< [row]
    std::span<const std::int64_t> quanta;          ///< [row x RuleSet::num_slots] >= 0, of the meter
    std::span<const std::uint8_t> is_elsewhere{};  ///< [row] 1: its subject has meters in other strata too; empty: none has
};

/// What is asked of a group: so many subjects with energy, and the rules.
struct Requirement {
    std::uint32_t k = 0;  ///< at least RuleSet::min_contributors, or every group fails and is merged
    const model::RuleSet& rules;
};

/// The subjects of a stratum, counted once; what they contribute to any set of its rows. Immutable: threads may share it.
class Judging {
public:
    /// What they refer to must outlive this.
    Judging(const Members& members, const Requirement& requirement);
    /// Fails by "group_size" if fewer than k subjects of the set have energy, else by the first rule that fails.
    /// @param rows in any order
    [[nodiscard]] model::Finding judge(const std::vector<std::uint32_t>& rows) const;

private:
    Members members_;
    Requirement requirement_;
    std::size_t num_slots_ = 0;
    std::vector<std::uint32_t> subject_of_;       ///< [row] number of the subject, in order of pseudonyms
    std::vector<std::uint32_t> rows_of_subject_;  ///< [subject] rows of the stratum; more than there are, if it has others elsewhere
};

}  // namespace meterveil::profiles
