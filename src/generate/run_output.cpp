#include "generate/run_output.hpp"

#include <zlib.h>

#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace meterveil::generate {

struct Output::Gzip {
    z_stream stream{};
    std::vector<unsigned char> buffer = std::vector<unsigned char>(std::size_t{1} << 18);
    bool is_open = false;
    Gzip() {  // 15 + 16: a gzip header, without time and name
        is_open = deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    ~Gzip() {
        if (is_open) deflateEnd(&stream);
    }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;
};

Output::Output(io::File file, std::unique_ptr<Gzip> gzip) : file_(std::move(file)), gzip_(std::move(gzip)) {}
Output::Output(Output&&) noexcept = default;
Output::~Output() = default;

Result<Output> Output::create(const io::Path& path, bool compress) {
    TRY(io::File file, io::File::open(path, io::File::Mode::create_new));
    auto gzip = compress ? std::make_unique<Gzip>() : nullptr;
    if (gzip && !gzip->is_open) return Error{Code::storage, "cannot start to compress: out of memory", path.string(), "use fewer threads"};
    return Output(std::move(file), std::move(gzip));
}

Result<> Output::append(std::string_view text) { return gzip_ ? deflate_all(text, Z_NO_FLUSH) : file_.write(text); }

Result<> Output::deflate_all(std::string_view text, int flush) {
    z_stream& stream = gzip_->stream;
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    do {
        const std::string_view piece = text.substr(0, most);
        text.remove_prefix(piece.size());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // zlib reads only
        stream.avail_in = static_cast<uInt>(piece.size());
        do {
            stream.next_out = gzip_->buffer.data();
            stream.avail_out = static_cast<uInt>(gzip_->buffer.size());
            ::deflate(&stream, text.empty() ? flush : Z_NO_FLUSH);
            TRY_DO(file_.write(std::as_bytes(std::span(gzip_->buffer).first(gzip_->buffer.size() - stream.avail_out))));
        } while (stream.avail_out == 0);
    } while (!text.empty());
    return {};
}

Result<> Output::close() {
    if (gzip_) TRY_DO(deflate_all({}, Z_FINISH));
    TRY_DO(file_.sync());
    return file_.close();
}

}  // namespace meterveil::generate
