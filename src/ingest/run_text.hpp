#pragma once
// The text of a file in the blocks that its format wants.

#include <memory>
#include <string>

#include "ingest/format.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::ingest {

inline constexpr IndexRange whole_file = {0, UINT64_MAX};

/// First bytes of a file, with all of its first line: of a wide file that is longer than other heads.
/// @errors input
inline Result<std::string> head_of_text(const std::string& path) {
    TRY(std::string head, io::head_of(path));
    if (head.find('\n') != std::string::npos) return head;
    return io::head_of(path, io::TextSource::Limits{}.max_line_bytes);
}

/// @errors input
inline Result<std::unique_ptr<io::TextSource>> open_text(const std::string& path, IndexRange range, const Format& format) {
    io::TextSource::Limits limits;
    limits.whole_lines = format.blocks != Blocks::bytes;
    return io::TextSource::open(path, range, limits);
}

}  // namespace meterveil::ingest
