// SHA-256 by OpenSSL.

#include <openssl/evp.h>

#include <array>

#include "meterveil/io/posix.hpp"

namespace meterveil::io {
Sha256::Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Sha256::add(std::span<const std::byte> bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

std::string Sha256::hex() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
    Sha256 digest;
    digest.add(bytes);
    return digest.hex();
}

std::string sha256_hex(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

Result<std::string> sha256_of_file(const Path& path) {
    TRY(const File file, File::open(path, File::Mode::read));
    std::vector<std::byte> block(std::size_t{1} << 20);
    Sha256 digest;
    for (std::uint64_t offset = 0;;) {
        TRY(const std::size_t count, file.read_at(offset, block));
        digest.add(std::span(block).first(count));
        offset += count;
        if (count < block.size()) return digest.hex();
    }
}

}  // namespace meterveil::io
