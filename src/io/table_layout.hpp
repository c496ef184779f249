#pragma once
// The part of a published file that one rank writes: structure, scales, small datasets.

#include <map>

#include "meterveil/io/table_file.hpp"

namespace meterveil::io {

/// Where a bulk dataset's values lie in the file.
struct Extent {
    std::uint64_t offset = 0;     ///< of the first byte
    std::uint64_t rows = 0;
    std::uint64_t row_values = 0;
};

/// Local. Writes the layout with its small datasets to a new file.
/// @return extent of every bulk dataset
Result<std::map<std::string, Extent>> write_layout(const Path& path, const FileLayout& layout);

}  // namespace meterveil::io
