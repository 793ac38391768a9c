#include "vault/signing.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"

namespace osler::vault {

namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Key private_key(const Secret& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), kKeyBytes));
  CHECK(key != nullptr);
  return key;
}

}  // namespace

SigningKey::SigningKey(Secret seed) : seed_(std::move(seed)) {
  std::size_t length = public_key_.size();
  CHECK(EVP_PKEY_get_raw_public_key(private_key(seed_).get(), public_key_.data(), &length) == 1);
}

Bytes SigningKey::sign(ByteView message) const {
  const Key key = private_key(seed_);
  const Context context(EVP_MD_CTX_new());
  Bytes signature(kSignatureBytes);
  std::size_t length = signature.size();
  CHECK(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) == 1);
  return signature;
}

bool signature_is_valid(const PublicKey& key, ByteView message, ByteView signature) {
  const Key parsed(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  if (!parsed || !context || signature.size() != kSignatureBytes) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace osler::vault
