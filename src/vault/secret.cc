#include "vault/secret.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/check.h"

namespace osler::vault {

namespace {

constexpr std::string_view kSalt = "osler.vault.1";

}  // namespace

void wipe(void* memory, std::size_t size) { OPENSSL_cleanse(memory, size); }

Secret::Secret(ByteView bytes) : bytes_{} {
  CHECK(bytes.size() == kKeyBytes);
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_.data(), kKeyBytes); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  wipe(other.bytes_.data(), kKeyBytes);
  return *this;
}

Secret::~Secret() { wipe(bytes_.data(), kKeyBytes); }

Secret Secret::random() {
  Bytes bytes = random_bytes(kKeyBytes);
  const WipeAtExit wiper(bytes);
  return Secret(bytes);
}

Secret Secret::derive(std::string_view label) const { return hkdf_sha256(view(), as_bytes(kSalt), as_bytes(label)); }

Secret hkdf_sha256(ByteView key_material, ByteView salt, ByteView info) {
  Digest extracted = hmac_sha256(salt, key_material);
  Bytes block(info.begin(), info.end());
  block.push_back(1);
  Digest expanded = hmac_sha256(extracted, block);
  Secret secret{ByteView(expanded)};
  wipe(extracted.data(), extracted.size());
  wipe(expanded.data(), expanded.size());
  return secret;
}

}  // namespace osler::vault
