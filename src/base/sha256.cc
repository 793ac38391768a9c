#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "base/check.h"

namespace osler {

Digest sha256(std::initializer_list<ByteView> pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  CHECK(context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  for (const ByteView piece : pieces) CHECK(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1);
  Digest digest{};
  CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

Digest sha256(ByteView bytes) { return sha256({bytes}); }

Digest hmac_sha256(ByteView key, ByteView message) {
  Digest digest{};
  unsigned length = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), digest.data(),
             &length) != nullptr);
  CHECK(length == digest.size());
  return digest;
}

}  // namespace osler
