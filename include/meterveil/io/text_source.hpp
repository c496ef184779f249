#pragma once
// Text of a file in blocks of whole lines, by byte range; .gz and .zst as they are.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::io {

enum class Compression { none, gzip, zstd };
/// By content (magic bytes), not by name. @errors input
Result<Compression> compression_of(const Path& path);

/// A block of whole lines (or, if so wanted, of bytes); the view is valid until the next call.
struct TextBlock {
    std::uint64_t offset = 0;  ///< of the first byte, in the decompressed text
    std::string_view text;     ///< ends with a line end, except at the end of the file
    bool is_first = false;     ///< starts the file: header and byte order mark are here
};

/// Reads lines whose first byte lies in `range` (bytes of the decompressed text; a compressed file
/// is only read as a whole). A line belongs to the range in which it starts, so that ranges that
/// tile the file give every line once.
class TextSource {
public:
    struct Limits {
        std::uint64_t block_bytes = std::uint64_t{4} << 20;
        std::uint64_t max_line_bytes = std::uint64_t{1} << 20;  ///< longer: input error, file named
        std::uint64_t max_ratio = 200;                          ///< decompressed <= ratio * input + 1 MiB
        bool whole_lines = true;                                ///< false: blocks end anywhere, and lines are of any length
    };
    virtual ~TextSource() = default;
    /// Fills `block`; false at the end. @errors input: truncated or damaged stream, bomb, line too long
    virtual Result<bool> next(TextBlock& block) = 0;

    /// @param range {0, UINT64_MAX} for all of it
    static Result<std::unique_ptr<TextSource>> open(const Path& path, IndexRange range, Limits limits);
    static Result<std::unique_ptr<TextSource>> open(const Path& path);
};

/// First bytes of the decompressed text, at most `bytes`. @errors input
Result<std::string> head_of(const Path& path, std::uint64_t bytes = 65536);

}  // namespace meterveil::io
