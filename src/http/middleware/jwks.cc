#include "http/middleware/jwks.h"

#include <cjose/jwk.h>
#include <cjose/jws.h>

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/json.h"
#include "base/limits.h"

namespace osler::http {

namespace {

Error refuse(std::string why) { return make_error(ErrorCode::configuration, "The key set is refused: " + why + "."); }

/// The text of a member; empty when it is missing or no text.
std::string text_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

bool names_other_use(const Json& key) {
  if (key.contains("use") && text_of(key, "use") != "sig") return true;
  const auto operations = key.find("key_ops");
  if (operations == key.end()) return false;
  return !operations->is_array() || std::find(operations->begin(), operations->end(), "verify") == operations->end();
}

/// RS256 or ES256; empty for a key that verifies neither.
std::string algorithm_of(const Json& key) {
  const std::string type = text_of(key, "kty");
  std::string algorithm = type == "RSA" ? "RS256" : type == "EC" && text_of(key, "crv") == "P-256" ? "ES256" : "";
  if (key.contains("alg") && text_of(key, "alg") != algorithm) return "";
  return names_other_use(key) ? "" : algorithm;
}

std::size_t bits_of(const Bytes& number) {
  const auto first = std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; });
  if (first == number.end()) return 0;
  return static_cast<std::size_t>(number.end() - first) * 8 - static_cast<std::size_t>(std::countl_zero(*first));
}

Result<void> check_modulus(const Json& key) {
  const auto modulus = from_base64url(text_of(key, "n"));
  if (!modulus || bits_of(*modulus) < limits::kMinTokenKeyBits || bits_of(*modulus) > limits::kMaxTokenKeyBits)
    return refuse("an RSA key must have 2048 to 8192 bits");
  return ok();
}

/// With an exponent of 1 a signature is what it signs, so anybody could make one; an even one belongs to no key.
Result<void> check_exponent(const Json& key) {
  const auto exponent = from_base64url(text_of(key, "e"));
  if (!exponent || bits_of(*exponent) < 2 || (exponent->back() & 1) == 0) return refuse("the exponent of an RSA key must be odd and at least 3");
  return ok();
}

/// Only the members that make the public key, so that nothing else reaches the library.
std::string public_part(const Json& key, const std::string& algorithm) {
  Json part;
  const std::vector<const char*> members = algorithm == "RS256" ? std::vector{"kty", "n", "e"} : std::vector{"kty", "crv", "x", "y"};
  for (const char* name : members) part[name] = text_of(key, name);
  return part.dump(-1, ' ', true);
}

}  // namespace

void TokenKey::Release::operator()(_cjose_jwk_int* key) const { cjose_jwk_release(key); }

bool TokenKey::signed_token(const std::string& token) const {
  cjose_err failure{};
  const std::unique_ptr<cjose_jws_t, void (*)(cjose_jws_t*)> parsed(cjose_jws_import(token.data(), token.size(), &failure), cjose_jws_release);
  if (parsed == nullptr) return false;
  const char* named = cjose_header_get(cjose_jws_get_protected(parsed.get()), "alg", &failure);
  if (named == nullptr || named != algorithm_) return false;
  return cjose_jws_verify(parsed.get(), key_.get(), &failure);
}

Result<KeySet> KeySet::parse(std::string_view json) {
  if (json.size() > limits::kMaxKeySetBytes) return make_error(ErrorCode::too_large, "The key set is refused: it may hold 262144 bytes.");
  const Result<Json> document = parse_json(json);
  if (!document || !document->is_object() || !document->contains("keys") || !(*document)["keys"].is_array()) return refuse("it must be JSON with an array \"keys\"");
  const Json& keys = (*document)["keys"];
  if (keys.size() > limits::kMaxKeySetKeys) return make_error(ErrorCode::too_large, "The key set is refused: it may hold 64 keys.");
  KeySet set;
  for (const Json& key : keys) {
    if (!key.is_object()) return refuse("a key must be an object");
    if (key.contains("d") || key.contains("k")) return refuse("it holds a private or secret key");
    TokenKey made;
    made.algorithm_ = algorithm_of(key);
    if (made.algorithm_.empty()) continue;
    made.id_ = text_of(key, "kid");
    if (made.id_.size() > limits::kMaxKeyIdBytes) return refuse("a kid may hold 256 bytes");
    if (made.algorithm_ == "RS256") {
      TRY_VOID(check_modulus(key));
      TRY_VOID(check_exponent(key));
    }
    const std::string part = public_part(key, made.algorithm_);
    cjose_err failure{};
    made.key_.reset(cjose_jwk_import(part.data(), part.size(), &failure));
    if (made.key_ == nullptr) return refuse("a key is not a point of its curve, or lacks a member");
    const bool twice = std::any_of(set.keys_.begin(), set.keys_.end(), [&](const TokenKey& other) { return other.id_ == made.id_ && other.algorithm_ == made.algorithm_; });
    if (twice) return refuse("two keys of one type have the same kid, or none");
    set.keys_.push_back(std::move(made));
  }
  if (set.keys_.empty()) return refuse("no key in it is for RS256 or ES256");
  return set;
}

const TokenKey* KeySet::find(const std::optional<std::string>& id, std::string_view algorithm) const {
  if (!id && keys_.size() != 1) return nullptr;
  for (const TokenKey& key : keys_)
    if ((!id || key.id() == *id) && key.algorithm() == algorithm) return &key;
  return nullptr;
}

bool KeySet::has(std::string_view id) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const TokenKey& key) { return key.id() == id; });
}

}  // namespace osler::http
