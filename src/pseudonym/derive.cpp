#include "pseudonym/derive.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <string>

#include "meterveil/core/contract.hpp"

namespace meterveil::pseudonym {

void derive(std::span<const unsigned char> key, std::string_view info, Secret& derived) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
    std::string digest = "SHA256", context_info(info);
    const std::array<OSSL_PARAM, 4> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<unsigned char*>(key.data()), key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, context_info.data(), context_info.size()),
        OSSL_PARAM_construct_end()};
    EXPECTS(EVP_KDF_derive(context.get(), derived.data(), Secret::size, parameters.data()) == 1);
}

Hmac::Hmac(std::span<const unsigned char> key)
    : algorithm_(EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free), context_(EVP_MAC_CTX_new(algorithm_.get()), &EVP_MAC_CTX_free) {
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                                  OSSL_PARAM_construct_end()};
    EXPECTS(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) == 1);
}

std::array<std::byte, 32> Hmac::operator()(std::string_view message) {
    std::array<std::byte, 32> digest{};
    std::size_t length = 0;
    const bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
                      EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &length, digest.size()) == 1;
    EXPECTS(done && length == digest.size());
    return digest;
}

}  // namespace meterveil::pseudonym
