#pragma once
// Members of several releases side by side. Pure.

#include <cstdint>
#include <vector>

#include "meterveil/model/ledger.hpp"

namespace meterveil::prove {

/// One member of one or several releases: a column of the incidence, before like ones are taken together.
struct Element {
    model::Pseudonym subject;
    std::uint32_t group = 0;        ///< class of subjects of the candidate
    std::int64_t energy_wh = 0;
    std::vector<std::uint32_t> key; ///< [release] its atom or no_id, then the version that the column is of
};

/// Months that two releases share, each as its numbers in both. @return nothing if a month is shared in part
bool shared_months(const model::LedgerEntry& a, const model::LedgerEntry& b, std::vector<std::pair<std::uint32_t, std::uint32_t>>& months);

/// [a][b] shared_months of two releases.
using SharedMonths = std::vector<std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>>>;

/// Index of each class of `of` among the classes of `in`: by name, else the last, which takes in the rest.
std::vector<std::uint32_t> groups_in(const model::LedgerEntry& of, const model::LedgerEntry& in);

/// Meters of releases over the same intervals. A meter whose readings differ between releases is one element of all of them, and one more
/// for each further version, of the releases that have it: what the change added.
/// @param records this rank's members, the candidate first
/// @param shared months in which readings are compared
std::vector<Element> align_meters(const std::vector<const model::LedgerRecord*>& records, model::Channel channel,
                                  const SharedMonths& shared);

/// A meter of a subject, of one of two consecutive releases. The record on the wire.
struct Standing {
    model::Pseudonym subject, member;
    std::uint32_t leaf = 0, release = 0, atom = 0, group = 0;
    std::int64_t energy_wh = 0;
    auto operator<=>(const Standing&) const = default;
};

/// [names taken off the end][leaf] number of the place whose path is left.
using Places = std::vector<std::vector<std::uint32_t>>;

/// Meters of subjects in two releases: one and the same; else one that replaced another at the same leaf; else one of a subject that moved, within the
/// lowest node that has both. What is left joined or left. @param standings sorted
std::vector<Element> align_subjects(const std::vector<Standing>& standings, const Places& places);

}  // namespace meterveil::prove
