#pragma once
// Whether a set of rows may be published as one curve.

#include <cstdint>
#include <vector>

#include "profiles/groups.hpp"

namespace meterveil::profiles {

/// The subjects of a stratum, counted once; what they contribute to any set of its rows. Immutable: threads may share it.
class Judging {
public:
    Judging(const Members& members, const Requirement& requirement);
    /// Fails by "group_size" if fewer than k subjects of the set have energy, else by the first rule that fails.
    /// @param rows in any order
    [[nodiscard]] model::Finding judge(const std::vector<std::uint32_t>& rows) const;

private:
    const Members& members_;
    const Requirement& requirement_;
    std::size_t num_slots_ = 0;
    std::vector<std::uint32_t> subject_of_;       ///< [row] number of the subject, in order of pseudonyms
    std::vector<std::uint32_t> rows_of_subject_;  ///< [subject] rows of the stratum; more than there are, if it has others elsewhere
};

}  // namespace meterveil::profiles
