#pragma once
// The decoder of every format that has one reading a line.

#include <optional>

#include "ingest/format.hpp"

namespace meterveil::ingest {

/// Which field of a line is what.
struct Layout {
    char delimiter = ',';
    std::size_t meter = 0, time = 0, energy = 0;
    std::optional<std::size_t> channel;
    EnergyUnit unit = EnergyUnit::kwh;
    std::vector<std::string> names;  ///< the header
    bool is_power = false;           ///< values are mean power
    std::optional<std::size_t> quality = {};  ///< a flag or status of the value
};

/// The channel that a field names: "import", "consumption", "A+"; "export", "production", "A-"; any case.
std::optional<model::Channel> channel_of(std::string_view text);

/// @param use_shortcuts false: every line by the general splitter and no memory of stamps; the reference
std::unique_ptr<Decoder> make_delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts = true);

}  // namespace meterveil::ingest
