// The root key travels from rank 0 to the others under a key that only the two ends can compute:
// X25519 of fresh key pairs, HKDF-SHA256, AES-256-GCM. @source privacy.md, keys; RFC 7748

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "meterveil/core/contract.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pseudonym/keys.hpp"
#include "pseudonym/derive.hpp"

namespace meterveil::pseudonym {
namespace {

using PublicKey = std::array<unsigned char, 32>;
using Pair = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

struct Envelope {
    std::array<unsigned char, 12> nonce{};
    std::array<unsigned char, Secret::size> sealed{};
    std::array<unsigned char, 16> tag{};
};

Pair fresh_pair() {
    Pair pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), &EVP_PKEY_free);
    EXPECTS(pair != nullptr);
    return pair;
}

PublicKey public_of(const Pair& pair) {
    PublicKey bytes{};
    std::size_t size = bytes.size();
    EXPECTS(EVP_PKEY_get_raw_public_key(pair.get(), bytes.data(), &size) == 1);
    return bytes;
}

/// The key that this pair and the peer's make together.
void agree_on_key(const Pair& mine, const PublicKey& theirs, Secret& shared) {
    const Pair peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, theirs.data(), theirs.size()), &EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(mine.get(), nullptr), &EVP_PKEY_CTX_free);
    Secret point;
    std::size_t size = Secret::size;
    EXPECTS(EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
            EVP_PKEY_derive(context.get(), point.data(), &size) == 1);
    derive(point.view(), "meterveil/1|share", shared);
}

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Envelope seal(const Secret& shared, std::span<const unsigned char> secret) {
    Envelope envelope;
    const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    EXPECTS(RAND_bytes(envelope.nonce.data(), static_cast<int>(envelope.nonce.size())) == 1 &&
            EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, shared.view().data(), envelope.nonce.data()) == 1 &&
            EVP_EncryptUpdate(cipher.get(), envelope.sealed.data(), &size, secret.data(), static_cast<int>(secret.size())) == 1 &&
            EVP_EncryptFinal_ex(cipher.get(), envelope.sealed.data() + size, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, 16, envelope.tag.data()) == 1);
    return envelope;
}

bool unseal(const Secret& shared, Envelope envelope, unsigned char* secret) {
    const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    return EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, shared.view().data(), envelope.nonce.data()) == 1 &&
           EVP_DecryptUpdate(cipher.get(), secret, &size, envelope.sealed.data(), static_cast<int>(envelope.sealed.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, 16, envelope.tag.data()) == 1 &&
           EVP_DecryptFinal_ex(cipher.get(), secret + size, &size) == 1;
}

}  // namespace

Result<RootKey> share_key(par::Comm& comm, std::optional<Result<RootKey>> mine) {
    EXPECTS(mine.has_value() == (comm.rank() == 0));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (mine && !mine->ok()) return mine->error();
        return {};
    }));
    const Pair pair = fresh_pair();
    const auto publics = par::all_gather(comm, std::vector<PublicKey>{public_of(pair)});
    std::vector<std::vector<Envelope>> to(static_cast<std::size_t>(comm.size()));
    for (std::size_t r = 1; mine && r < to.size(); ++r) {
        Secret shared;
        agree_on_key(pair, publics[r][0], shared);
        to[r].push_back(seal(shared, mine->value().view()));
    }
    const auto received = par::exchange(comm, to);
    return par::agree_on(comm, [&]() -> Result<RootKey> {
        if (mine) return std::move(*mine);
        Secret shared;
        agree_on_key(pair, publics[0][0], shared);
        RootKey key = RootKey::random();
        if (!unseal(shared, received[0].at(0), key.writable()))
            return Error{Code::internal, "the key did not arrive whole", "", "run again"};
        return key;
    });
}

}  // namespace meterveil::pseudonym
