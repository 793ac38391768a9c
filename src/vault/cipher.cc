#include "vault/cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/check.h"

namespace osler::vault {

namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

int length_of(ByteView bytes) {
  CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

Error refused() { return make_error(ErrorCode::corrupted, "Sealed data cannot be opened.", "AES-GCM authentication failed"); }

}  // namespace

Bytes encrypt(const Secret& key, ByteView associated_data, ByteView plaintext) {
  Bytes sealed = random_bytes(kNonceBytes);
  sealed.resize(kNonceBytes + plaintext.size() + kTagBytes);
  std::uint8_t* body = sealed.data() + kNonceBytes;
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  CHECK(context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), sealed.data()) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), nullptr, &written, associated_data.data(), length_of(associated_data)) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), body, &written, plaintext.data(), length_of(plaintext)) == 1);
  CHECK(EVP_EncryptFinal_ex(context.get(), body + written, &written) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + plaintext.size()) == 1);
  return sealed;
}

Result<Bytes> decrypt(const Secret& key, ByteView associated_data, ByteView sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return refused();
  const ByteView body = sealed.subspan(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  Bytes tag(sealed.end() - kTagBytes, sealed.end());
  Bytes plaintext(body.size());
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  CHECK(context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), sealed.data()) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), nullptr, &written, associated_data.data(), length_of(associated_data)) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), plaintext.data(), &written, body.data(), length_of(body)) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  std::uint8_t unused[kTagBytes];
  if (EVP_DecryptFinal_ex(context.get(), unused, &written) != 1) {
    wipe(plaintext.data(), plaintext.size());
    return refused();
  }
  return plaintext;
}

}  // namespace osler::vault
