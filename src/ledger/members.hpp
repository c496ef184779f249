#pragma once
// Members and units as bytes. Pure. docs/formats/custody.md has the layout.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "meterveil/model/ledger.hpp"

namespace meterveil::ledger {

/// Column after column: members, subjects, leaves, classes, atoms and energies of each channel, contents.
/// @param first, last of `all`
std::vector<std::byte> pack_members(const model::Memberships& all, std::size_t first, std::size_t last);

/// Appends the members of a block. @return false: not such a block
bool unpack_members(std::span<const std::byte> bytes, model::Memberships& all);

/// Lines of fields between tabs: "leaf", path; "unit", channel, name, level, parent, cohort, first atom, atoms.
std::string to_text(const model::LedgerUnits& units);
/// @return nothing if it is not such a text
std::optional<model::LedgerUnits> parse_units(const std::string& text);

}  // namespace meterveil::ledger
