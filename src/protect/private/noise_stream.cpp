#include "protect/private/noise_stream.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <bit>
#include <string>

#include "meterveil/core/contract.hpp"

namespace meterveil::protect {
namespace {

static_assert(std::endian::native == std::endian::little, "the words of a stream are little-endian");

using Mac = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

/// A key of 32 bytes that is overwritten at the end.
struct DerivedKey {
    std::array<unsigned char, NoiseStream::key_bytes> bytes{};
    DerivedKey() = default;
    ~DerivedKey() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
    DerivedKey(const DerivedKey&) = delete;
    DerivedKey& operator=(const DerivedKey&) = delete;
};

/// HMAC-SHA256 under a key, for many messages.
Mac keyed_mac(std::span<const unsigned char> key) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
    Mac mac(EVP_MAC_CTX_new(algorithm.get()), &EVP_MAC_CTX_free);
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                                  OSSL_PARAM_construct_end()};
    EXPECTS(EVP_MAC_init(mac.get(), key.data(), key.size(), parameters.data()) == 1);
    return mac;
}

void derive(EVP_MAC_CTX* mac, std::string_view message, DerivedKey& derived) {
    std::size_t length = 0;
    const bool done = EVP_MAC_init(mac, nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(mac, reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
                      EVP_MAC_final(mac, derived.bytes.data(), &length, derived.bytes.size()) == 1;
    EXPECTS(done && length == derived.bytes.size());
}

void append(std::string& message, std::uint32_t number) { message.append(reinterpret_cast<const char*>(&number), sizeof number); }

}  // namespace

NoiseStream::NoiseStream(std::span<const unsigned char, key_bytes> key) : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
    static const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher(EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr), &EVP_CIPHER_free);
    constexpr std::array<unsigned char, 16> first_counter{};
    EXPECTS(EVP_EncryptInit_ex2(context_.get(), cipher.get(), key.data(), first_counter.data(), nullptr) == 1);
}

void NoiseStream::refill() {
    static constexpr std::array<unsigned char, sizeof words_> zeros{};
    int length = 0;
    EXPECTS(EVP_EncryptUpdate(context_.get(), reinterpret_cast<unsigned char*>(words_.data()), &length, zeros.data(), zeros.size()) == 1 &&
            length == static_cast<int>(zeros.size()));
    at_ = 0;
}

NoiseKey::NoiseKey(std::span<const unsigned char, 32> ledger_key, std::string_view release, std::span<const std::byte, 32> content)
    : mac_(nullptr, &EVP_MAC_CTX_free) {
    std::string message = "meterveil/1|noise|";
    message.append(reinterpret_cast<const char*>(content.data()), content.size()).append(release);
    DerivedKey key;
    derive(keyed_mac(ledger_key).get(), message, key);
    mac_ = keyed_mac(key.bytes);
}

NoiseStream NoiseKey::stream(const NoisePlace& place, const Fraction& variance) {
    std::string message;
    append(message, place.level);
    append(message, place.node);
    append(message, place.block);
    message += variance.str();
    DerivedKey key;
    derive(mac_.get(), message, key);
    return NoiseStream(key.bytes);
}

}  // namespace meterveil::protect
