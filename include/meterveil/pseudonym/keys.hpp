#pragma once
// The root key and what is derived from it. Secrets live in locked memory only.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ids.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::pseudonym {

/// Domains keep one id apart in different roles. @source privacy.md section 6
enum class Domain { meter, member, customer, premise, region, substation, feeder, text, recipient };

/// 32 bytes, mlocked, kept out of core dumps, zeroised at the end. Movable, not copyable.
class RootKey {
public:
    /// @errors usage: file missing, wrong size, readable by others (says the chmod), not the caller's
    static Result<RootKey> from_file(const std::string& path);
    /// Reads the key from an inherited descriptor and closes it. @errors usage
    static Result<RootKey> from_descriptor(int descriptor);
    /// Fresh random key.
    static RootKey random();
    /// Writes a new key file, mode 0600, never over an older one. @errors storage, usage
    Result<> write_new(const std::string& path) const;
    RootKey(RootKey&&) noexcept;
    RootKey& operator=(RootKey&&) noexcept;
    ~RootKey();

private:
    friend class Pseudonymiser;
    friend std::string key_check_value(const RootKey& key);
    friend Result<RootKey> share_key(par::Comm& comm, std::optional<Result<RootKey>> mine);
    [[nodiscard]] std::span<const unsigned char> view() const;
    unsigned char* writable();
    struct Locked;
    explicit RootKey(std::unique_ptr<Locked> bytes);
    std::unique_ptr<Locked> bytes_;
};

/// 16 hex digits that identify a key and reveal nothing of it:
/// HMAC-SHA256(HKDF(key, "meterveil/1|check"), "check") truncated.
std::string key_check_value(const RootKey& key);

/// P = first 128 bits of HMAC-SHA256(K[d,e], id), K[d,e] = HKDF-SHA256(K, info = "meterveil/1|d|e").
/// Not thread-safe: one per thread (it reuses its HMAC state).
class Pseudonymiser {
public:
    Pseudonymiser(const RootKey& key, Domain domain, std::string_view epoch);
    Pseudonymiser(Pseudonymiser&&) noexcept;
    ~Pseudonymiser();
    model::Pseudonym operator()(std::string_view canonical_id);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Collective. Rank 0's key on every rank; on the wire it is sealed for each of them.
/// @param mine what rank 0 read; nothing on the others
/// @errors those of reading the key, on every rank
Result<RootKey> share_key(par::Comm& comm, std::optional<Result<RootKey>> mine);

/// First thing in main: no core dumps, not dumpable.
void forbid_core_dumps();

}  // namespace meterveil::pseudonym
