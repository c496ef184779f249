#pragma once
// What custody remembers of a release, so that later ones can be held against it.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/model/ids.hpp"

namespace meterveil::model {

/// One line of the ledger: a release, and what it promised; or that somebody was erased, with all but number, time and chain empty.
/// The same on every rank.
struct LedgerEntry {
    std::string kind = "release";           ///< release | erasure
    std::uint64_t number = 0;               ///< from 1
    std::string recorded_at;                ///< UTC, when it was written
    std::string name, audience;
    std::string from, until, time_zone;     ///< local dates, half-open
    std::vector<std::int64_t> months_s;     ///< starts of the local months in UTC seconds, and the end: months + 1
    std::int64_t interval_s = 0;            ///< of the job
    std::vector<std::string> resolutions, levels, channels;
    std::string count_unit, scope;
    double max_failing_share = 0;
    std::vector<std::string> rules;            ///< statements, e.g. "min_contributors = 10"
    std::vector<std::string> subject_classes;  ///< what Membership::subject_class means
    std::string key_check_value, job_sha256;
    std::string units_sha256, members_sha256;  ///< of the two files beside the ledger
    std::string previous, digest;              ///< hex SHA-256: the chain
    bool operator==(const LedgerEntry&) const = default;
};

/// What one meter is in a release. The record on the wire.
struct Membership {
    Pseudonym member, subject;
    std::uint32_t leaf = 0;           ///< index into LedgerUnits::leaves
    std::uint32_t subject_class = 0;  ///< index into LedgerEntry::subject_classes
    AtomId atom[num_channels] = {no_id, no_id};   ///< no_id: in no published sum of the channel
    std::int64_t energy_wh[num_channels] = {0, 0};  ///< over the period
    auto operator<=>(const Membership&) const = default;  // ordered by member first
};

/// The members of a release that a rank holds: those whose first byte is in its block of 256. Ascending.
struct Memberships {
    std::uint32_t num_months = 0;
    std::vector<Membership> members;
    std::vector<std::uint64_t> contents;  ///< [member x channel x month] digest of the series; 0: no atom in the channel
    [[nodiscard]] std::uint64_t content(std::size_t member, int channel, std::uint32_t month) const {
        return contents[(member * num_channels + static_cast<std::size_t>(channel)) * num_months + month];
    }
    bool operator==(const Memberships&) const = default;
};

/// The rank that holds a member, and the block of the file that does.
inline constexpr std::uint32_t member_blocks = 256;
inline std::uint32_t block_of_member(const Pseudonym& member) { return std::to_integer<std::uint32_t>(member.value[0]); }

/// A published row of a release: a unit of its partition.
struct LedgerUnit {
    std::string name;
    std::uint32_t level = 0, parent = no_id;
    bool is_cohort = false;
    AtomId first_atom = 0, num_atoms = 0;
    bool operator==(const LedgerUnit&) const = default;
};

/// The same on every rank.
struct LedgerUnits {
    std::vector<std::string> leaves;                        ///< [leaf] path of names, joined by the unit separator 0x1f
    std::vector<std::vector<LedgerUnit>> channels{num_channels};  ///< [channel][unit], depth-first
    /// Of a crossed hierarchy also the units by class, which number the same atoms in another order.
    std::vector<std::vector<LedgerUnit>> by_class{num_channels};   ///< [channel][unit], depth-first
    std::vector<std::vector<AtomId>> atom_by_class{num_channels};  ///< [channel][atom] its number there
    bool operator==(const LedgerUnits&) const = default;
};

/// A release as the ledger has it.
struct LedgerRecord {
    LedgerEntry entry;
    LedgerUnits units;
    Memberships members;
};

}  // namespace meterveil::model
