#pragma once
// Files of the source tree that are part of the program: it needs no search path. CMake writes the table.

#include <span>
#include <string_view>

namespace meterveil::config {

struct Embedded {
    std::string_view name;  ///< of the file, without folder and ending
    std::string_view text;
};

/// src/protect/presets, by name.
std::span<const Embedded> embedded_presets();
/// The documents that `explain` speaks from.
std::span<const Embedded> embedded_documents();

}  // namespace meterveil::config
