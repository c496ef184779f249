#include "collect/secret.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "meterveil/core/contract.hpp"

namespace meterveil::collect {
namespace {

std::string name_of(const SecretPlace& place) { return place.file.empty() ? fmt::format("descriptor {}", place.descriptor) : place.file; }

Error bad_secret(const std::string& what, const SecretPlace& place, const std::string& hint) { return {Code::usage, what, name_of(place), hint}; }

/// Only its owner may read it, and the owner is who fetches.
Result<> check_file(int descriptor, const SecretPlace& place) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return bad_secret("the secret is not in a file", place, "put it into a file of its own, mode 0600");
    if ((status.st_mode & 077U) != 0)
        return bad_secret("the file of the secret can be read by others", place,
                          fmt::format("chmod 600 '{}'; if anybody did read it, ask for a new secret", place.file));
    if (status.st_uid != ::geteuid()) return bad_secret("the file of the secret belongs to another user", place, "run as its owner");
    return {};
}

/// Reads to the end, one byte beyond the limit at most. @return bytes; negative: errno
ssize_t read_all(int descriptor, char* into, std::size_t most) {
    std::size_t have = 0;
    while (have < most) {
        const ssize_t count = ::read(descriptor, into + have, most - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(have);
}

Result<> fill(Secret& secret, int descriptor, const SecretPlace& place, bool is_line) {
    const ssize_t count = read_all(descriptor, secret.data(), Secret::max_bytes + 1);
    if (count < 0) return bad_secret(fmt::format("cannot read the secret: {}", std::strerror(errno)), place, "check the descriptor or the file");
    std::size_t size = static_cast<std::size_t>(count);
    if (size > Secret::max_bytes) {
        secret.data()[Secret::max_bytes] = '\0';
        return bad_secret(fmt::format("the secret has more than {} bytes", Secret::max_bytes), place, "is it the right file?");
    }
    char* const text = secret.data();
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r')) text[--size] = '\0';
    if (size == 0) return bad_secret("the secret is empty", place, "a descriptor can be read once: is it used up?");
    const bool has_control = std::any_of(text, text + size, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (std::memchr(text, 0, size) != nullptr || (is_line && has_control))
        return bad_secret("the secret is not one line of text", place, "is it the right file?");
    return {};
}

/// The descriptor closes itself.
struct Closing {
    int descriptor;
    ~Closing() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

constexpr std::size_t room = Secret::max_bytes + 4096;  ///< whole pages

}  // namespace

Secret::Secret() {
    void* const memory = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECTS(memory != MAP_FAILED);
    ::mlock(memory, room);  // refused under a small limit: the secret may then reach swap, never a dump
    ::madvise(memory, room, MADV_DONTDUMP);
    bytes_ = static_cast<char*>(memory);
}

Secret::~Secret() {
    OPENSSL_cleanse(bytes_, room);
    ::munmap(bytes_, room);
}

bool Secret::assign(std::string_view text) {
    OPENSSL_cleanse(bytes_, room);
    if (text.size() > max_bytes) return false;
    std::copy(text.begin(), text.end(), bytes_);
    return true;
}

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

Result<> Secrets::read(const SecretPlace& place, bool is_line) {
    if (!place.is_there() || secrets_.contains(place)) return {};
    const Closing source{place.file.empty() ? place.descriptor : ::open(place.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (source.descriptor < 0) return bad_secret(fmt::format("cannot read the secret: {}", std::strerror(errno)), place, "name a file, mode 0600");
    if (!place.file.empty()) TRY_DO(check_file(source.descriptor, place));
    auto secret = std::make_unique<Secret>();
    TRY_DO(fill(*secret, source.descriptor, place, is_line));
    secrets_.emplace(place, std::move(secret));
    return {};
}

}  // namespace meterveil::collect
