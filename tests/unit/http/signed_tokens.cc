#include "signed_tokens.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/bytes.h"
#include "base/check.h"

namespace osler::http::testing {

SigningKey::SigningKey(evp_pkey_st* key, bool is_rsa) : key_(key, EVP_PKEY_free), rsa_(is_rsa) { CHECK(key != nullptr); }

SigningKey SigningKey::rsa(unsigned bits) { return SigningKey(EVP_RSA_gen(bits), true); }
SigningKey SigningKey::ec(const char* curve) { return SigningKey(EVP_EC_gen(curve), false); }

/// A number of the key in base64url; `bytes` 0: as short as it is.
std::string SigningKey::number(const char* parameter, std::size_t bytes) const {
  BIGNUM* value = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key_.get(), parameter, &value) == 1);
  Bytes text(bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : bytes);
  CHECK(BN_bn2binpad(value, text.data(), static_cast<int>(text.size())) > 0);
  BN_free(value);
  return to_base64url(text);
}

Json SigningKey::jwk(const std::string& id) const {
  Json key;
  if (rsa_) {
    key = {{"kty", "RSA"}, {"n", number(OSSL_PKEY_PARAM_RSA_N, 0)}, {"e", number(OSSL_PKEY_PARAM_RSA_E, 0)}};
  } else {
    char curve[32];
    CHECK(EVP_PKEY_get_group_name(key_.get(), curve, sizeof curve, nullptr) == 1);
    const bool is_p256 = std::string_view(curve) == "prime256v1";
    const std::size_t bytes = is_p256 ? 32 : 48;
    key = {{"kty", "EC"}, {"crv", is_p256 ? "P-256" : "P-384"}, {"x", number(OSSL_PKEY_PARAM_EC_PUB_X, bytes)}, {"y", number(OSSL_PKEY_PARAM_EC_PUB_Y, bytes)}};
  }
  if (!id.empty()) key["kid"] = id;
  return key;
}

std::string SigningKey::signature(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Bytes signature(1024);
  std::size_t size = signature.size();
  CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), signature.data(), &size, as_bytes(text).data(), text.size()) == 1);
  signature.resize(size);
  if (rsa_) return std::string(as_text(signature));
  const unsigned char* at = signature.data();
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
  Bytes raw(64);
  CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw.data(), 32) == 32 && BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw.data() + 32, 32) == 32);
  ECDSA_SIG_free(pair);
  return std::string(as_text(raw));
}

std::string SigningKey::public_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, key_.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

std::string SigningKey::token_of(std::string_view header, std::string_view claims) const {
  const std::string text = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(claims));
  return text + "." + to_base64url(as_bytes(signature(text)));
}

std::string key_set(std::initializer_list<Json> keys) {
  Json set;
  set["keys"] = Json::array();
  for (const Json& key : keys) set["keys"].push_back(key);
  return set.dump();
}

}  // namespace osler::http::testing
