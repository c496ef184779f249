// Text out of files: damaged gzip and zstd end in an error; blocks and ranges give every byte once.
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "input_file.hpp"
#include "meterveil/io/text_source.hpp"

namespace {

using namespace meterveil;
using Limits = io::TextSource::Limits;

constexpr Limits small_limits = {512, 128, 200, true};

/// Appends the blocks of a range to `text`. @return whether it went well
bool read(const std::string& path, IndexRange range, const Limits& limits, std::string& text) {
    auto source = io::TextSource::open(path, range, limits);
    if (!source.ok()) return false;
    for (io::TextBlock block;;) {
        const auto more = source.value()->next(block);
        if (!more.ok()) {
            HOLDS(more.error().code == Code::input && more.error().where == path);
            return false;
        }
        if (!more.value()) return true;
        HOLDS(!block.text.empty() && block.offset == text.size() && block.is_first == text.empty());
        text += block.text;
    }
}

/// What is in the file, whatever it is, stays within the limit on what it may unpack to.
void check_any(std::string_view bytes) {
    const std::string path = fuzz::file_of(bytes);
    std::string text;
    read(path, {0, UINT64_MAX}, Limits{}, text);
    HOLDS(text.size() <= Limits{}.max_ratio * bytes.size() + (std::size_t{1} << 20) + Limits{}.block_bytes);
}

/// Plain text cut anywhere is the same text, or has a line that is too long.
void check_ranges(std::string_view bytes) {
    const std::string path = fuzz::file_of(bytes);
    if (io::compression_of(path).value() != io::Compression::none) return;
    std::string whole, parts;
    const std::uint64_t cut = fuzz::choice(bytes, bytes.size() + 1);
    if (read(path, {0, UINT64_MAX}, Limits{}, whole)) HOLDS(whole == bytes);
    if (read(path, {0, cut}, small_limits, parts) && read(path, {cut, bytes.size()}, small_limits, parts)) HOLDS(parts == bytes);
}

std::string gzipped(std::string_view text) {
    z_stream stream{};
    HOLDS(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib reads only
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    HOLDS(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

/// Packed text is the text, in one member or two.
void check_packed(std::string_view bytes) {
    const std::size_t cut = fuzz::choice(bytes, bytes.size() + 1);
    const std::string path = fuzz::file_of(gzipped(bytes.substr(0, cut)) + gzipped(bytes.substr(cut)));
    std::string text, blocks;
    HOLDS(read(path, {0, UINT64_MAX}, Limits{}, text) && text == bytes);
    if (read(path, {0, UINT64_MAX}, small_limits, blocks)) HOLDS(blocks == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    check_any(bytes);
    check_ranges(bytes);
    check_packed(bytes);
    return 0;
}
