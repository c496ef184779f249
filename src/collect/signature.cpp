#include "collect/signature.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace meterveil::collect {
namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Owned<EVP_PKEY> parse_key(const std::string& pem) {
    const Owned<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    return {PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

}  // namespace

Result<> check_signature(const std::string& message, const std::string& signature, const std::string& public_key) {
    const auto key = parse_key(public_key);
    if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
        return Error{Code::usage, "not an Ed25519 public key in PEM", "", "ask the source for it: openssl pkey -in KEY.pem -pubout"};
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool fits = EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
    if (!fits)
        return Error{Code::input, "the signature does not fit the manifest and the public key", "",
                     "nothing of it is taken: ask the source, by another way, which key and manifest are right"};
    return {};
}

}  // namespace meterveil::collect
