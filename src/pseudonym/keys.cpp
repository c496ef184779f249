#include "meterveil/pseudonym/keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "meterveil/core/contract.hpp"
#include "meterveil/io/posix.hpp"
#include "pseudonym/secret.hpp"

namespace meterveil::pseudonym {
namespace {

Error bad_key(std::string what, const std::string& where, std::string hint) {
    return {Code::usage, std::move(what), where, std::move(hint)};
}

/// Of the user, who named what cannot be read; or of the machine, which cannot read it now.
Error unreadable(int cause, const std::string& where) {
    const bool of_machine = cause == EIO || cause == EMFILE || cause == ENFILE || cause == ENOMEM || cause == ESTALE;
    return {of_machine ? Code::input : Code::usage, fmt::format("cannot read the key: {}", std::strerror(cause)), where,
            of_machine ? "check the disk, and the limit on open files" : "make one with: meterveil keygen --out FILE"};
}

/// Only its owner may read a key, and the owner is who runs the job.
Result<> check_key_file(int descriptor, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return bad_key("the key is not a file", path, "make one with: meterveil keygen --out FILE");
    if ((status.st_mode & 077U) != 0)
        return bad_key("the key file can be read by others", path, fmt::format("chmod 600 '{}'; if anybody did read it, make a new key", path));
    if (status.st_uid != ::geteuid()) return bad_key("the key file belongs to another user", path, "run as its owner");
    return {};
}

}  // namespace

Secret::Secret() {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECTS(memory != MAP_FAILED);
    ::mlock(memory, page);  // refused under a small limit: the key may then reach swap, never a dump
    ::madvise(memory, page, MADV_DONTDUMP);
    bytes_ = static_cast<unsigned char*>(memory);
}

Secret::~Secret() {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    OPENSSL_cleanse(bytes_, size);
    ::munmap(bytes_, page);
}

struct RootKey::Locked {
    Secret secret;
};

RootKey::RootKey(std::unique_ptr<Locked> bytes) : bytes_(std::move(bytes)) {}
RootKey::RootKey(RootKey&&) noexcept = default;
RootKey& RootKey::operator=(RootKey&&) noexcept = default;
RootKey::~RootKey() = default;

std::span<const unsigned char> RootKey::view() const { return bytes_->secret.view(); }
unsigned char* RootKey::writable() { return bytes_->secret.data(); }

Result<RootKey> RootKey::from_descriptor(int descriptor) {
    auto locked = std::make_unique<Locked>();
    std::size_t have = 0;
    int trouble = 0;
    unsigned char extra = 0;
    for (;;) {
        const bool full = have == Secret::size;
        const ssize_t count = ::read(descriptor, full ? &extra : locked->secret.data() + have, full ? 1 : Secret::size - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) trouble = errno;
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
        if (full) break;
    }
    ::close(descriptor);
    if (trouble != 0) return unreadable(trouble, fmt::format("descriptor {}", descriptor));
    if (have != Secret::size)
        return bad_key(fmt::format("a key has {} bytes; this one has {}", Secret::size, have > Secret::size ? "more" : "fewer"),
                       fmt::format("descriptor {}", descriptor), "under mpirun only standard input reaches rank 0: --key-fd 0 < FILE");
    return RootKey(std::move(locked));
}

Result<RootKey> RootKey::from_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return unreadable(errno, path);
    if (auto fit = check_key_file(descriptor, path); !fit.ok()) {
        ::close(descriptor);
        return std::move(fit).error();
    }
    auto key = from_descriptor(descriptor);
    if (!key.ok()) key.error().where = path;
    return key;
}

RootKey RootKey::random() {
    auto locked = std::make_unique<Locked>();
    EXPECTS(RAND_priv_bytes(locked->secret.data(), static_cast<int>(Secret::size)) == 1);
    return RootKey(std::move(locked));
}

Result<> RootKey::write_new(const std::string& path) const {
    if (::access(path.c_str(), F_OK) == 0) return bad_key("the file exists, and a key is never overwritten", path, "choose another name");
    TRY(auto file, io::File::open(path, io::File::Mode::create_new));
    TRY_DO(file.write(std::as_bytes(view())));
    TRY_DO(file.sync());
    return file.close();
}

void forbid_core_dumps() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace meterveil::pseudonym
