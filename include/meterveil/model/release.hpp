#pragma once
// The certified release: the only thing that passes the wall.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/model/attributes.hpp"
#include "meterveil/model/hierarchy.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::protect { class Mint; }

namespace meterveil::model {

/// A published row, described without anything that could size a small group.
struct PublishedUnit {
    std::string name;
    std::uint32_t level = 0;           ///< index into Release::levels_of its channel
    bool is_cohort = false;
    std::uint32_t parent = no_id;      ///< index of the unit that contains it, same channel
    std::string contributors;          ///< banded, e.g. "10-19"
    std::string filled_share;          ///< banded, e.g. "< 1 %"
    std::vector<std::string> members;  ///< a cohort's pooled leaf names; else empty
    bool operator==(const PublishedUnit&) const = default;
};

/// A node of the hierarchy that has no row of its own (or has): what became of it.
struct PublishedFate {
    std::string node, level;
    std::string status;       ///< published | merged | withheld | no_data
    std::string merged_with;  ///< name of the cohort, if merged
    std::string rule;         ///< the rule it failed, if any
    bool operator==(const PublishedFate&) const = default;
};

/// "import", "export by tariff". @param by_class as of ReleasedChannel
inline std::string name_of(Channel channel, const std::string& by_class) { return name_of(channel) + (by_class.empty() ? "" : " by " + by_class); }

/// "", "/export", "/by-tariff" or "/export/by-tariff": where the groups of a channel are in a file.
inline std::string root_of(Channel channel, const std::string& by_class) { return (channel == Channel::export_ ? "/export" : "") + (by_class.empty() ? "" : "/by-" + by_class); }

/// The rows of one channel; each rank holds the values of its block of units. A crossed hierarchy has two for each channel: its own,
/// then the one by class, of the same atoms.
struct ReleasedChannel {
    Channel channel = Channel::import;
    std::vector<PublishedUnit> units;     ///< depth-first, a parent before its children; on every rank
    std::vector<PublishedFate> fates;     ///< by level and name; on every rank
    IndexRange owned;                     ///< block_of(units.size(), ranks, rank)
    std::vector<std::int64_t> energy_wh;  ///< [owned.size() x axis.count] at the finest published resolution
    std::string by_class = {};            ///< by class: the name of its level, which stands right below the total; else empty
    [[nodiscard]] std::string name() const { return name_of(channel, by_class); }
    [[nodiscard]] std::span<const std::int64_t> row(std::uint64_t unit, std::uint32_t bins) const {
        return {energy_wh.data() + (unit - owned.first) * bins, bins};
    }
};

/// Where the rules come from, if the job names a preset.
struct PresetTerms {
    std::string name;                             ///< empty: the job's own rules
    std::string citation, warning;
    std::vector<std::string> verify_with_counsel; ///< keys of the preset that nobody has checked against its source
    bool operator==(const PresetTerms&) const = default;
};

/// How long an exact series may be before the meters in it can be told. Says no more than the published ranges do.
/// @source docs/methods/length-guard.md
struct LengthGuard {
    static constexpr std::uint32_t bits_per_value = 12;
    std::uint64_t values = 0;   ///< of each series at the finest published resolution
    std::uint64_t longest = 0;  ///< the shortest limit of any series, rounded down to a power of two, or 0
    [[nodiscard]] bool is_longer() const { return values > longest; }
    bool operator==(const LengthGuard&) const = default;
};

/// What the release says of itself; ends in the manifest.
struct ReleaseTerms {
    std::string name, audience, period;  ///< period: "2013-01-01/2014-01-01", local dates
    std::string time_zone;
    std::string scope;                   ///< period | month | interval
    std::string count_unit;              ///< customer | premise | meter
    std::vector<std::string> rules;      ///< statements, e.g. "min_contributors = 10"
    std::string key_check_value;         ///< identifies the key, reveals nothing of it
    std::uint32_t min_contributors = 0;
    PresetTerms preset = {};
    LengthGuard length_guard = {};          ///< set when the sums are certified
    bool operator==(const ReleaseTerms&) const = default;
};

/// Immutable, certified. Only protect::Mint can make one: see tests/wall.
class Release {
public:
    [[nodiscard]] const ReleaseTerms& terms() const { return terms_; }
    /// Of the job, top first.
    [[nodiscard]] const std::vector<std::string>& levels() const { return levels_; }
    /// In the order in which they stand in a channel.
    [[nodiscard]] std::vector<std::string> levels_of(const ReleasedChannel& channel) const { return channel.by_class.empty() ? levels_ : class_first(levels_); }
    /// Time axis of the values: bins of the finest published resolution, as intervals of the job.
    [[nodiscard]] const Axis& axis() const { return axis_; }
    /// The published resolutions, finest first. Bounds count intervals of axis(). The values of
    /// ReleasedChannel have resolutions()[0].num_bins() columns.
    [[nodiscard]] const std::vector<Resolution>& resolutions() const { return resolutions_; }
    [[nodiscard]] const std::vector<ReleasedChannel>& channels() const { return channels_; }
    /// Generalised attributes of households, if the release has them.
    [[nodiscard]] const std::optional<ReleasedAttributes>& attributes() const { return attributes_; }

private:
    friend class ::meterveil::protect::Mint;
    Release() = default;
    ReleaseTerms terms_;
    std::vector<std::string> levels_;
    Axis axis_;
    std::vector<Resolution> resolutions_;
    std::vector<ReleasedChannel> channels_;
    std::optional<ReleasedAttributes> attributes_;
};

}  // namespace meterveil::model
