#pragma once
// Ed25519 signatures over manifests. Pure.

#include <string>

#include "meterveil/core/result.hpp"

namespace meterveil::collect {

/// @param signature 64 bytes, as `openssl pkeyutl -sign -rawin` writes them
/// @param public_key PEM, as `openssl pkey -pubout` writes it
/// @errors usage: not an Ed25519 public key; input: the signature does not fit
/// @source RFC 8032
Result<> check_signature(const std::string& message, const std::string& signature, const std::string& public_key);

}  // namespace meterveil::collect
