#pragma once
// HKDF-SHA256 (RFC 5869, empty salt) and HMAC-SHA256 (RFC 2104) by OpenSSL.

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "pseudonym/secret.hpp"

namespace meterveil::pseudonym {

/// Pure. Fills `derived` with HKDF-SHA256(key, salt = "", info).
void derive(std::span<const unsigned char> key, std::string_view info, Secret& derived);

/// HMAC-SHA256 under one key, for many messages. The keyed state is kept: a message costs its own blocks.
class Hmac {
public:
    explicit Hmac(std::span<const unsigned char> key);
    std::array<std::byte, 32> operator()(std::string_view message);

private:
    std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm_;
    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context_;
};

}  // namespace meterveil::pseudonym
