#pragma once
// A file on its way: written beside its final place, resumed after a cut or by the next run.

#include <optional>
#include <string>

#include "collect/http.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::collect {

/// What is wanted of a file.
struct Expected {
    std::optional<std::uint64_t> bytes;
    std::string sha256;                      ///< empty: not known before
    std::uint64_t max_bytes = 0;
};

/// Bytes of one URL. Beside PATH lies PATH.json: which URL, which version (ETag), how much is known to be on disk.
/// What was written since is there as long as the machine has not started again; other bytes are not trusted.
class Partial final : public Sink {
public:
    /// Goes on where an earlier run ended, if it fetched the same URL and the server gave a strong ETag.
    static Result<std::unique_ptr<Partial>> open(const io::Path& path, const std::string& url, Expected expected);

    std::vector<std::string> headers() override;
    Result<> begin(const Reply& reply) override;
    Result<> take(std::span<const std::byte> bytes) override;
    Result<> start_anew() override { return restart(); }
    [[nodiscard]] std::uint64_t bytes_in_hand() const override { return size_; }

    /// The body is at its end. Syncs the file and checks size and digest. @return its SHA-256
    /// @errors input: not what was expected (the file is then removed); storage
    Result<std::string> finish();
    /// It goes on another time: syncs what is there, or removes what cannot be resumed.
    Result<> set_aside();
    /// It is of no use, or has its final name.
    void forget();

private:
    Partial(io::Path path, std::string url, Expected expected)
        : path_(std::move(path)), url_digest_(io::sha256_hex(url)), expected_(std::move(expected)) {}
    [[nodiscard]] io::Path note_path() const { return path_.string() + ".json"; }
    Result<std::uint64_t> trusted_bytes();
    Result<> read_on(std::uint64_t bytes);
    Result<> restart();
    Result<> write_note(std::uint64_t synced);
    Result<> check_size(const Reply& reply);
    /// It is of no use, and why.
    Error refuse(const std::string& what, const std::string& hint);
    Error oversize(std::uint64_t bytes);

    io::Path path_;
    std::string url_digest_, etag_;
    Expected expected_;
    std::optional<io::File> file_;
    io::Sha256 digest_;
    std::uint64_t size_ = 0;
    bool has_asked_on_ = false;              ///< the request under way has a Range
};

}  // namespace meterveil::collect
