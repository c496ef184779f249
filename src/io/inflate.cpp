#include "io/inflate.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <vector>

namespace meterveil::io {
namespace {

constexpr std::size_t input_block = std::size_t{1} << 18;

Error damaged(const Path& path, const char* what) {
    return {Code::input, what, path.string(), "fetch the file again from its source"};
}

/// Compressed input, block by block.
struct Input {
    File file;
    Path path;
    std::uint64_t max_ratio;
    std::uint64_t offset = 0, produced = 0;
    bool at_end = false;
    std::vector<std::byte> block = std::vector<std::byte>(input_block);

    Result<std::span<std::byte>> next() {
        TRY(const std::size_t count, file.read_at(offset, block));
        offset += count;
        at_end = count < block.size();
        return std::span(block).first(count);
    }
    Result<> account(std::size_t bytes) {
        produced += bytes;
        if (produced <= max_ratio * offset + (std::uint64_t{1} << 20)) return {};
        return Error{Code::input, fmt::format("the file unpacks to over {} times its size", max_ratio), path.string(),
                     "unpack it by hand if it is what it says"};
    }
};

class GzipSource final : public ByteSource {
public:
    explicit GzipSource(Input input) : input_(std::move(input)) { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
    ~GzipSource() override { inflateEnd(&stream_); }
    GzipSource(const GzipSource&) = delete;
    GzipSource& operator=(const GzipSource&) = delete;

    Result<std::size_t> read(std::span<char> bytes) override {
        if (!ready_) return Error{Code::internal, "zlib cannot start", input_.path.string(), ""};
        stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());
        stream_.avail_out = static_cast<uInt>(bytes.size());
        while (stream_.avail_out > 0 && !done_) TRY_DO(step());
        const std::size_t count = bytes.size() - stream_.avail_out;
        TRY_DO(input_.account(count));
        return count;
    }

private:
    Result<> step() {
        if (stream_.avail_in == 0 && !input_.at_end) {
            TRY(const auto block, input_.next());
            stream_.next_in = reinterpret_cast<Bytef*>(block.data());
            stream_.avail_in = static_cast<uInt>(block.size());
        }
        if (stream_.avail_in == 0) {
            if (!between_members_) return damaged(input_.path, "the gzip file is truncated");
            done_ = true;
            return {};
        }
        const int status = inflate(&stream_, Z_NO_FLUSH);
        between_members_ = status == Z_STREAM_END;
        if (between_members_) return next_member();
        if (status != Z_OK && status != Z_BUF_ERROR) return damaged(input_.path, "the gzip file is damaged");
        return {};
    }

    /// A gzip file is a row of members; what follows the last one must be nothing.
    Result<> next_member() {
        if (inflateReset(&stream_) != Z_OK) return damaged(input_.path, "the gzip file is damaged");
        return {};
    }

    Input input_;
    z_stream stream_{};
    bool ready_ = false, done_ = false, between_members_ = false;
};

class ZstdSource final : public ByteSource {
public:
    explicit ZstdSource(Input input) : input_(std::move(input)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
        ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 27);
    }

    Result<std::size_t> read(std::span<char> bytes) override {
        ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
        while (out.pos < out.size && !done_) TRY_DO(step(out));
        TRY_DO(input_.account(out.pos));
        return out.pos;
    }

private:
    Result<> step(ZSTD_outBuffer& out) {
        if (in_.pos == in_.size && !input_.at_end) {
            TRY(const auto block, input_.next());
            in_ = {block.data(), block.size(), 0};
        }
        if (in_.pos == in_.size && between_frames_) {
            done_ = true;
            return {};
        }
        const std::size_t before_in = in_.pos, before_out = out.pos;
        const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in_);
        if (ZSTD_isError(status) != 0) return damaged(input_.path, "the zstd file is damaged");
        between_frames_ = status == 0;
        const bool stuck = in_.pos == before_in && out.pos == before_out && in_.pos == in_.size && input_.at_end;
        if (stuck && !between_frames_) return damaged(input_.path, "the zstd file is truncated");
        return {};
    }

    Input input_;
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    bool done_ = false, between_frames_ = false;
};

class PlainSource final : public ByteSource {
public:
    explicit PlainSource(File file) : file_(std::move(file)) {}
    Result<std::size_t> read(std::span<char> bytes) override {
        TRY(const std::size_t count, file_.read_at(offset_, std::as_writable_bytes(bytes)));
        offset_ += count;
        return count;
    }

private:
    File file_;
    std::uint64_t offset_ = 0;
};

}  // namespace

Result<Compression> compression_of(const Path& path) {
    TRY(const File file, File::open(path, File::Mode::read));
    std::array<std::byte, 4> magic{};
    TRY(const std::size_t count, file.read_at(0, magic));
    const auto is = [&](std::initializer_list<int> wanted) {
        std::size_t i = 0;
        for (const int value : wanted)
            if (i >= count || std::to_integer<int>(magic[i++]) != value) return false;
        return true;
    };
    if (is({0x1f, 0x8b})) return Compression::gzip;
    if (is({0x28, 0xb5, 0x2f, 0xfd})) return Compression::zstd;
    return Compression::none;
}

Result<std::unique_ptr<ByteSource>> open_bytes(const Path& path, Compression compression, std::uint64_t max_ratio) {
    TRY(File file, File::open(path, File::Mode::read));
    if (compression == Compression::none) return std::unique_ptr<ByteSource>(new PlainSource(std::move(file)));
    Input input{std::move(file), path, max_ratio};
    if (compression == Compression::gzip) return std::unique_ptr<ByteSource>(new GzipSource(std::move(input)));
    return std::unique_ptr<ByteSource>(new ZstdSource(std::move(input)));
}

}  // namespace meterveil::io
