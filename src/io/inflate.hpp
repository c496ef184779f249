#pragma once
// Bytes of a file as they mean: as they are, or decompressed, one after another.

#include <memory>
#include <span>

#include "meterveil/io/text_source.hpp"

namespace meterveil::io {

class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `bytes` as far as it can; fewer only at the end. @errors input: damaged, truncated, a bomb
    virtual Result<std::size_t> read(std::span<char> bytes) = 0;
};

/// @param max_ratio decompressed bytes may be at most ratio * compressed bytes so far + 1 MiB
Result<std::unique_ptr<ByteSource>> open_bytes(const Path& path, Compression compression, std::uint64_t max_ratio);

}  // namespace meterveil::io
