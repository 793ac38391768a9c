#include "vault/names.h"

#include "base/check.h"

namespace osler::vault {

namespace {

constexpr RowBinding kBinding{"secrets", "names"};
constexpr std::size_t kTokenBytes = 16;
constexpr KeyVersion kFirst = 1;
// What stood for the version of the key is now the number of the secret, of which there is one.
constexpr std::string_view kPrefix = "1:";

std::string prefixed(ByteView bytes) { return std::string(kPrefix) + to_hex(bytes); }

}  // namespace

Names::Names(Secret tokens, Secret commitments, Secret digests, Secret rotations)
    : tokens_(std::move(tokens)), commitments_(std::move(commitments)), digests_(std::move(digests)), rotations_(std::move(rotations)) {}

Names Names::random() { return Names(Secret::random(), Secret::random(), Secret::random(), Secret::random()); }

Names Names::of_first_key(const KeyRing& keys) {
  CHECK(keys.holds(kFirst));
  const Secret& tokens = keys.token_key(kFirst);
  return Names(tokens.copy(), keys.commitment_key(kFirst).copy(), tokens.derive("digests"), tokens.derive("rotations"));
}

Result<Names> Names::open(const KeyRing& keys, const SealedText& sealed) {
  Bytes bytes = TRY(vault::open(keys, kBinding, sealed));
  const WipeAtExit wiper(bytes);
  if (bytes.size() != 4 * kKeyBytes) return make_error(ErrorCode::corrupted, "The store's own secrets are damaged.", "names");
  const auto part = [&](std::size_t number) { return Secret(ByteView(bytes).subspan(number * kKeyBytes, kKeyBytes)); };
  return Names(part(0), part(1), part(2), part(3));
}

SealedText Names::sealed(const KeyRing& keys) const {
  Bytes bytes;
  bytes.reserve(4 * kKeyBytes);
  const WipeAtExit wiper(bytes);
  for (const Secret* secret : {&tokens_, &commitments_, &digests_, &rotations_}) {
    const ByteView view = secret->view();
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return seal(keys, kBinding, bytes);
}

std::string Names::token(std::string_view kind, std::string_view name) const {
  // The length keeps ("ab", "c") apart from ("a", "bc").
  const std::string message = std::to_string(kind.size()) + ":" + std::string(kind) + std::string(name);
  const Digest digest = hmac_sha256(tokens_.view(), as_bytes(message));
  return prefixed(ByteView(digest).first(kTokenBytes));
}

/// The name under a key stream that its own HMAC starts (SIV: Rogaway and Shrimpton 2006), so that equal names, and no others, look alike.
std::string Names::sealed_name(std::string_view kind, std::string_view name) const {
  Bytes bytes = from_hex(token(kind, name).substr(kPrefix.size())).value();
  const Bytes masked = mask(bytes, as_bytes(name));
  bytes.insert(bytes.end(), masked.begin(), masked.end());
  return std::string(kPrefix) + to_base64url(bytes);
}

Result<std::string> Names::open_name(std::string_view kind, std::string_view text) const {
  const Error error = make_error(ErrorCode::corrupted, "A stored name is damaged.", "sealed name");
  if (!text.starts_with(kPrefix)) return error;
  const std::optional<Bytes> bytes = from_base64url(text.substr(kPrefix.size()));
  if (!bytes || bytes->size() < kTokenBytes) return error;
  const Bytes opened = mask(ByteView(*bytes).first(kTokenBytes), ByteView(*bytes).subspan(kTokenBytes));
  std::string name(opened.begin(), opened.end());
  if (!constant_time_equal(as_bytes(sealed_name(kind, name)), as_bytes(text))) return error;
  return name;
}

/// `text` with a stream of HMACs laid over it; done twice it is the text again.
Bytes Names::mask(ByteView synthetic_iv, ByteView text) const {
  const Secret key = tokens_.derive("sealed names");
  Bytes masked(text.begin(), text.end());
  Digest block{};
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if (i % block.size() == 0) block = hmac_sha256(key.view(), as_bytes(std::to_string(i / block.size()) + ":" + to_hex(synthetic_iv)));
    masked[i] ^= block[i % block.size()];
  }
  return masked;
}

std::string Names::commitment(ByteView content) const { return prefixed(hmac_sha256(commitments_.view(), content)); }

bool Names::commits_to(std::string_view commitment_text, ByteView content) const {
  const std::string expected = commitment(content);
  return constant_time_equal(as_bytes(expected), as_bytes(commitment_text));
}

Digest Names::digest(std::string_view key_statement) const { return hmac_sha256(digests_.view(), as_bytes(key_statement)); }

std::string Names::request_id(std::string_view batch, std::uint64_t line) const {
  const std::string message = "13:batch request" + std::to_string(line) + " of " + std::string(batch);
  Digest digest = hmac_sha256(tokens_.view(), as_bytes(message));
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0f) | 0x80);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3f) | 0x80);
  std::string text = to_hex(ByteView(digest).first(kTokenBytes));
  for (const std::size_t place : {20u, 16u, 12u, 8u}) text.insert(place, 1, '-');
  return text;
}

Secret Names::rotation_seed(std::string_view vector_set) const { return rotations_.derive("rotation " + std::string(vector_set)); }

}  // namespace osler::vault
