#pragma once
// The random bits of noise: a function of key, release, content, place and variance, and of nothing else.
// docs/methods/discrete-gaussian.md

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "protect/private/exact.hpp"

namespace meterveil::protect {

/// Where noise is added: the unit of work, whichever rank does it.
struct NoisePlace {
    std::uint32_t level = 0;
    std::uint32_t node = 0;
    std::uint32_t block = 0;  ///< of the node's values
};

/// 64-bit words of the key stream of AES-256 in counter mode. Not thread-safe: one for each thread.
class NoiseStream {
public:
    static constexpr std::size_t key_bytes = 32;
    explicit NoiseStream(std::span<const unsigned char, key_bytes> key);
    std::uint64_t next() {
        if (at_ == words_.size()) refill();
        return words_[at_++];
    }

private:
    void refill();
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
    std::array<std::uint64_t, 256> words_{};
    std::size_t at_ = words_.size();
};

/// The key of one release's noise. Not thread-safe: one for each thread.
class NoiseKey {
public:
    /// @param ledger_key a secret of custody
    /// @param release its name
    /// @param content digest of all that the noisy values are a function of: exact values, query, clip, norm, budgets, unit
    NoiseKey(std::span<const unsigned char, 32> ledger_key, std::string_view release, std::span<const std::byte, 32> content);
    /// The stream of a place. Two places, or one place at two variances, share nothing.
    NoiseStream stream(const NoisePlace& place, const Fraction& variance);

private:
    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> mac_;
};

}  // namespace meterveil::protect
