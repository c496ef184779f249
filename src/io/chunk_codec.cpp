#include "io/chunk_codec.hpp"

#include <zstd.h>

#include <memory>

#include "meterveil/core/contract.hpp"

namespace meterveil::io {

std::vector<std::byte> compress(std::span<const std::byte> bytes) {
    std::vector<std::byte> packed(ZSTD_compressBound(bytes.size()));
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);  // a changed bit must not pass as another reading
    const std::size_t size = ZSTD_compress2(context.get(), packed.data(), packed.size(), bytes.data(), bytes.size());
    EXPECTS(ZSTD_isError(size) == 0);
    packed.resize(size);
    return packed;
}

std::uint64_t stated_size(std::span<const std::byte> packed) { return ZSTD_getFrameContentSize(packed.data(), packed.size()); }

bool decompress(std::span<const std::byte> packed, std::span<std::byte> bytes) {
    // To make one anew costs more than a small block.
    static thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    const std::size_t size = ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), packed.data(), packed.size());
    return ZSTD_isError(size) == 0 && size == bytes.size();
}

std::vector<std::byte> encode_chunk(std::span<const std::int32_t> values) {
    const std::size_t count = values.size();
    std::vector<std::byte> shuffled(count * 4);
    for (std::size_t i = 0; i < count; ++i) {
        const auto bits = static_cast<std::uint32_t>(values[i]);
        for (std::size_t b = 0; b < 4; ++b) shuffled[b * count + i] = static_cast<std::byte>(bits >> (8 * b));
    }
    return compress(shuffled);
}

Result<> decode_chunk(std::span<const std::byte> bytes, std::span<std::int32_t> values) {
    const std::size_t count = values.size();
    std::vector<std::byte> shuffled(count * 4);
    if (!decompress(bytes, shuffled)) return Error{Code::storage, "a chunk of the shard is damaged", "", ""};
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t bits = 0;
        for (std::size_t b = 0; b < 4; ++b) bits |= std::to_integer<std::uint32_t>(shuffled[b * count + i]) << (8 * b);
        values[i] = static_cast<std::int32_t>(bits);
    }
    return {};
}

}  // namespace meterveil::io
