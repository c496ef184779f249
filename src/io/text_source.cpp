#include "meterveil/io/text_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/inflate.hpp"

namespace meterveil::io {
namespace {

Error line_too_long(const Path& path, std::uint64_t limit) {
    return {Code::input, fmt::format("a line is longer than {} bytes", limit), path.string(), "is it a text file of rows?"};
}

/// Whole lines of a stream that is read from its first byte.
class StreamText final : public TextSource {
public:
    StreamText(std::unique_ptr<ByteSource> source, Path path, Limits limits)
        : source_(std::move(source)), path_(std::move(path)), limits_(limits) {}

    Result<bool> next(TextBlock& block) override {
        buffer_.erase(0, given_);  // what is left is the start of a line
        offset_ += given_;
        given_ = 0;
        while (!at_end_ && buffer_.size() < limits_.block_bytes) TRY_DO(fill());
        if (buffer_.empty()) return false;
        const std::size_t line_end = buffer_.rfind('\n');
        given_ = at_end_ ? buffer_.size() : line_end + 1;
        if (!at_end_ && line_end == std::string::npos) return line_too_long(path_, limits_.max_line_bytes);
        block = {offset_, std::string_view(buffer_).substr(0, given_), offset_ == 0};
        return true;
    }

private:
    Result<> fill() {
        const std::size_t had = buffer_.size();
        const std::size_t want = std::max(limits_.block_bytes, limits_.max_line_bytes);
        buffer_.resize(had + want);
        auto count = source_->read(std::span(buffer_).subspan(had));
        if (!count.ok()) return std::move(count).error();
        buffer_.resize(had + count.value());
        at_end_ = count.value() < want;
        return {};
    }

    std::unique_ptr<ByteSource> source_;
    Path path_;
    Limits limits_;
    std::string buffer_;
    std::size_t given_ = 0;
    std::uint64_t offset_ = 0;
    bool at_end_ = false;
};

/// Lines of a plain file that start within a range.
class RangeText final : public TextSource {
public:
    RangeText(File file, Path path, IndexRange range, Limits limits)
        : file_(std::move(file)), path_(std::move(path)), range_(range), limits_(limits), position_(range.first) {}

    Result<bool> next(TextBlock& block) override {
        if (!started_) TRY_DO(skip_to_line_start());
        started_ = true;
        if (position_ >= range_.last) return false;
        const std::uint64_t length = std::min(limits_.block_bytes, range_.last - position_);
        TRY(const std::size_t end, read_to_line_end(length));
        if (end == 0) return false;
        block = {position_, std::string_view(buffer_).substr(0, end), position_ == 0};
        position_ += end;
        return true;
    }

private:
    /// Reads `length` bytes, up to the end of the block or range, and on to the end of the line that straddles it.
    /// @return bytes of whole lines in the buffer; 0 at the end of the file
    Result<std::size_t> read_to_line_end(std::uint64_t length) {
        for (std::uint64_t beyond = std::min(first_beyond, limits_.max_line_bytes);; beyond = limits_.max_line_bytes) {
            buffer_.resize(length + beyond);
            TRY(const std::size_t count, file_.read_at(position_, std::as_writable_bytes(std::span(buffer_))));
            if (count <= length) return count;
            const void* line_end = std::memchr(buffer_.data() + length - 1, '\n', count - length + 1);
            if (line_end != nullptr) return static_cast<std::size_t>(static_cast<const char*>(line_end) - buffer_.data()) + 1;
            if (count < buffer_.size()) return count;
            if (beyond == limits_.max_line_bytes) return line_too_long(path_, limits_.max_line_bytes);
        }
    }

    /// A range that starts inside a line leaves that line to the range before.
    Result<> skip_to_line_start() {
        if (position_ == 0) return {};
        buffer_.resize(limits_.max_line_bytes + 1);
        TRY(const std::size_t count, file_.read_at(position_ - 1, std::as_writable_bytes(std::span(buffer_))));
        const void* line_end = std::memchr(buffer_.data(), '\n', count);
        if (line_end != nullptr) position_ += static_cast<std::uint64_t>(static_cast<const char*>(line_end) - buffer_.data());
        else if (count == buffer_.size()) return line_too_long(path_, limits_.max_line_bytes);
        else position_ = range_.last;
        return {};
    }

    static constexpr std::uint64_t first_beyond = 4096;  ///< most lines end within it
    File file_;
    Path path_;
    IndexRange range_;
    Limits limits_;
    std::uint64_t position_;
    bool started_ = false;
    std::string buffer_;
};

/// Bytes as they come, whatever lines they are.
class Bytes final : public TextSource {
public:
    Bytes(std::unique_ptr<ByteSource> source, std::uint64_t block_bytes) : source_(std::move(source)), buffer_(block_bytes, '\0') {}

    Result<bool> next(TextBlock& block) override {
        TRY(const std::size_t count, source_->read(buffer_));
        block = {offset_, std::string_view(buffer_).substr(0, count), offset_ == 0};
        offset_ += count;
        return count > 0;
    }

private:
    std::unique_ptr<ByteSource> source_;
    std::string buffer_;
    std::uint64_t offset_ = 0;
};

}  // namespace

Result<std::unique_ptr<TextSource>> TextSource::open(const Path& path, IndexRange range, Limits limits) {
    TRY(const Compression compression, compression_of(path));
    if (!limits.whole_lines) {
        TRY(auto bytes, open_bytes(path, compression, limits.max_ratio));
        return std::unique_ptr<TextSource>(new Bytes(std::move(bytes), limits.block_bytes));
    }
    if (compression == Compression::none) {
        TRY(File file, File::open(path, File::Mode::read));
        TRY(const std::uint64_t size, file.size());
        range.last = std::min(range.last, size);
        return std::unique_ptr<TextSource>(new RangeText(std::move(file), path, range, limits));
    }
    TRY(auto bytes, open_bytes(path, compression, limits.max_ratio));
    return std::unique_ptr<TextSource>(new StreamText(std::move(bytes), path, limits));
}

Result<std::unique_ptr<TextSource>> TextSource::open(const Path& path) { return open(path, {0, UINT64_MAX}, Limits{}); }

Result<std::string> head_of(const Path& path, std::uint64_t bytes) {
    TRY(const Compression compression, compression_of(path));
    TRY(const auto source, open_bytes(path, compression, TextSource::Limits{}.max_ratio));
    std::string text(bytes, '\0');
    TRY(const std::size_t count, source->read(text));
    text.resize(count);
    return text;
}

}  // namespace meterveil::io
