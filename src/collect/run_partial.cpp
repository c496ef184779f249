#include "collect/run_partial.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

namespace meterveil::collect {
namespace {

/// A weak ETag does not say that bytes are equal. @source RFC 9110, section 8.8.1
bool is_strong(const std::string& etag) { return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"'; }

/// Changes when the machine starts, and differs between machines.
std::string boot_id() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    return id;
}

/// The offset of "bytes FIRST-LAST/TOTAL".
std::optional<std::uint64_t> offset_of(const std::string& content_range) {
    constexpr std::string_view unit = "bytes ";
    std::uint64_t first = 0;
    if (!content_range.starts_with(unit)) return std::nullopt;
    const char* const end = content_range.data() + content_range.size();
    const auto [at, failure] = std::from_chars(content_range.data() + unit.size(), end, first);
    return failure == std::errc() && at != end && *at == '-' ? std::optional(first) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Partial>> Partial::open(const io::Path& path, const std::string& url, Expected expected) {
    std::unique_ptr<Partial> partial(new Partial(path, url, std::move(expected)));
    TRY(const std::uint64_t bytes, partial->trusted_bytes());
    if (bytes > 0) TRY_DO(partial->read_on(bytes));
    else TRY_DO(partial->restart());
    return partial;
}

Result<std::uint64_t> Partial::trusted_bytes() {
    std::error_code ignored;
    const bool is_there = std::filesystem::symlink_status(path_, ignored).type() == std::filesystem::file_type::regular;
    const auto note = io::read_text(note_path(), std::uint64_t{1} << 16);
    const auto document = note.ok() ? nlohmann::json::parse(note.value(), nullptr, false) : nlohmann::json();
    if (!is_there || !document.is_object() || document.value("url", "") != url_digest_) return std::uint64_t{0};
    etag_ = document.value("etag", "");
    const std::uint64_t written = std::min<std::uint64_t>(std::filesystem::file_size(path_), expected_.max_bytes);
    const std::string boot = boot_id();
    const bool is_same_boot = !boot.empty() && document.value("boot", "") == boot;
    return is_same_boot ? written : std::min<std::uint64_t>(written, document.value("synced", std::uint64_t{0}));
}

Result<> Partial::read_on(std::uint64_t bytes) {
    TRY(io::File file, io::of_storage(io::File::open(path_, io::File::Mode::write_existing)));
    TRY_DO(file.set_size(bytes));
    std::vector<std::byte> block(std::size_t{1} << 20);
    while (size_ < bytes) {
        TRY(const std::size_t count,
            io::of_storage(file.read_at(size_, std::span(block).first(std::min<std::uint64_t>(block.size(), bytes - size_)))));
        if (count == 0)
            return Error{Code::storage, "the file became shorter while it was read", path_.string(), "does something else write into this folder?"};
        digest_.add(std::span(block).first(count));
        size_ += count;
    }
    file_.emplace(std::move(file));
    return {};
}

Result<> Partial::restart() {
    forget();
    etag_.clear();
    size_ = 0;
    digest_ = io::Sha256();
    TRY(io::File file, io::File::open(path_, io::File::Mode::create_new));
    file_.emplace(std::move(file));
    return {};
}

std::vector<std::string> Partial::headers() {
    has_asked_on_ = size_ > 0 && is_strong(etag_);
    if (!has_asked_on_) return {};
    return {fmt::format("Range: bytes={}-", size_), fmt::format("If-Range: {}", etag_)};
}

Error Partial::refuse(const std::string& what, const std::string& hint) {
    forget();
    return {Code::input, what, "", hint};
}

Error Partial::oversize(std::uint64_t bytes) {
    return refuse(fmt::format("the file is too large: {} bytes or more, at most {}", bytes, expected_.max_bytes),
                  "is it the right file? max_bytes of the source is the limit");
}

Result<> Partial::check_size(const Reply& reply) {
    if (!reply.has_end() && expected_.sha256.empty() && !expected_.bytes)
        return refuse("the server does not say where the file ends",
                      "it must send Content-Length or chunks, or a signed manifest must name the digest");
    if (!reply.length) return {};
    if (*reply.length > expected_.max_bytes - size_) return oversize(size_ + *reply.length);
    if (expected_.bytes && size_ + *reply.length != *expected_.bytes)
        return refuse(fmt::format("the file has {} bytes, and {} were listed", size_ + *reply.length, *expected_.bytes),
                      "it changed since it was listed: run it again");
    return {};
}

Result<> Partial::begin(const Reply& reply) {
    const bool goes_on = reply.status == 206;
    if (goes_on && !(has_asked_on_ && offset_of(reply.content_range) == size_ && (reply.etag.empty() || reply.etag == etag_)))
        return refuse("the server sends another part of the file than was asked for", "run it again: the file starts anew");
    if (!goes_on && size_ > 0) TRY_DO(restart());
    TRY_DO(check_size(reply));
    if (goes_on) return {};
    etag_ = reply.etag;
    return write_note(0);
}

Result<> Partial::take(std::span<const std::byte> bytes) {
    if (bytes.size() > expected_.max_bytes - size_) return oversize(size_ + bytes.size());
    TRY_DO(file_->write_at(size_, bytes));
    digest_.add(bytes);
    size_ += bytes.size();
    return {};
}

Result<> Partial::write_note(std::uint64_t synced) {
    const nlohmann::ordered_json note = {{"url", url_digest_}, {"etag", etag_}, {"boot", boot_id()}, {"synced", synced}};
    return io::write_whole(note_path(), note.dump() + "\n");
}

Result<std::string> Partial::finish() {
    TRY_DO(file_->sync());
    const std::string digest = digest_.hex();
    if (expected_.bytes && *expected_.bytes != size_)
        return refuse("the file is not what was listed: its size is another", "run it again, and ask the source if it stays so");
    if (expected_.sha256.empty() || digest == expected_.sha256) return digest;
    return refuse("the file is not what was listed: its SHA-256 is another",
                  "nothing of it is kept; run it again, and ask the source if it stays so");
}

Result<> Partial::set_aside() {
    if (!file_ || size_ == 0 || !is_strong(etag_)) {
        forget();
        return {};
    }
    TRY_DO(file_->sync());
    return write_note(size_);
}

void Partial::forget() {
    file_.reset();
    ::unlink(path_.c_str());
    ::unlink(note_path().c_str());
}

}  // namespace meterveil::collect
