#pragma once
// The text of a file in the blocks that its format wants.

#include <memory>
#include <string>

#include "ingest/format.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::ingest {

inline constexpr IndexRange whole_file = {0, UINT64_MAX};

/// @errors input
inline Result<std::unique_ptr<io::TextSource>> open_text(const std::string& path, IndexRange range, const Format& format) {
    io::TextSource::Limits limits;
    limits.whole_lines = format.blocks != Blocks::bytes;
    return io::TextSource::open(path, range, limits);
}

}  // namespace meterveil::ingest
