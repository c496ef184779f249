#pragma once
// The last room left of the wall: certifies cells, and alone can mint a Release.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/attributes.hpp"
#include "meterveil/model/cells.hpp"
#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/partition.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/model/rules.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::protect {

struct Options {
    model::ReleaseTerms terms;
    model::RuleSet rules;
    std::vector<model::Resolution> resolutions;  ///< finest first, bounds on the job's axis
    std::array<std::uint64_t, model::num_channels> candidates{};  ///< meters that take part, of each channel: whom the length guard tells apart
};

/// Evidence of one release for evidence/disclosure.json: what was checked, with bands only.
struct Evidence {
    /// A level by the status of its nodes: published, merged, withheld, without data.
    struct LevelEvidence {
        std::string level;
        std::uint64_t nodes[4] = {0, 0, 0, 0};
        std::string energy_share[3], subject_share[3];  ///< ranges; without data there is none
        std::string newcomers_waiting;                  ///< range of their share
    };
    struct ChannelEvidence {
        std::vector<LevelEvidence> levels;
        std::string channel;
        std::uint64_t atoms_checked = 0, units = 0, nodes_published = 0, nodes_merged = 0, nodes_withheld = 0, nodes_without_data = 0;
        std::string worst_interval_contributors;  ///< band of the smallest count over atoms (period scope)
        std::string worst_failing_share;          ///< band, of the scope's cells
    };
    std::vector<ChannelEvidence> channels;
    std::vector<std::string> checks;  ///< statements of what was proven, in words
    std::optional<model::AttributeEvidence> attributes = {};
};

struct Certified {
    model::Release release;
    Evidence evidence;
};

/// Collective. Proves again, from the atoms' facts and the sums themselves: every atom passes every
/// rule; the total that the rules saw is the total that is published; every unit is the sum of its
/// children; every parent's unpublished rest is a union of atoms. Then mints.
/// @errors privacy: a check failed (which, never for whom), nothing can be published, or the series are too long for the public
Result<Certified> run(par::Comm& comm, model::Cells cells, const std::vector<model::Partition>& partitions,
                      const model::Hierarchy& hierarchy, const Options& options);

/// Collective. Proves the criteria of a table of attributes again, from its rows, and adds it to the release.
/// @errors privacy: a criterion does not hold
Result<> add_attributes(par::Comm& comm, Certified& certified, model::ReleasedAttributes attributes, model::AttributeEvidence evidence);

}  // namespace meterveil::protect
