#include "vault/envelope.h"

#include <string>

#include "base/check.h"
#include "vault/cipher.h"

namespace osler::vault {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kBoundFormat = 2;  // of a payload: RowBinding::beside too
constexpr std::size_t kWrapHeaderBytes = 5;

void append_u32(Bytes& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_field(Bytes& bytes, std::string_view text) {
  append_u32(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
}

/// purpose, table, row (each with its length), format, key version (0 for a payload).
Bytes associated_data(std::string_view purpose, const RowBinding& binding, std::uint8_t format, KeyVersion version) {
  Bytes bytes;
  append_field(bytes, purpose);
  append_field(bytes, binding.table);
  append_field(bytes, binding.row);
  bytes.push_back(format);
  append_u32(bytes, version);
  return bytes;
}

Bytes associated_with_key(const RowBinding& binding, KeyVersion version) { return associated_data("data key", binding, kFormat, version); }

Bytes associated_with_payload(const RowBinding& binding, std::uint8_t format) {
  Bytes bytes = associated_data("payload", binding, format, 0);
  if (format == kBoundFormat) append_field(bytes, binding.beside);
  return bytes;
}

Error not_sealed() { return make_error(ErrorCode::corrupted, "Sealed data cannot be opened.", "unknown format"); }

Bytes wrap(const KeyRing& keys, const RowBinding& binding, const Secret& data_key) {
  const KeyVersion version = keys.current_version();
  Bytes wrapped{kFormat};
  append_u32(wrapped, version);
  const Bytes body = encrypt(keys.wrapping_key(version), associated_with_key(binding, version), data_key.view());
  wrapped.insert(wrapped.end(), body.begin(), body.end());
  CHECK(wrapped.size() == kWrappedKeyBytes);
  return wrapped;
}

Result<Secret> unwrap(const KeyRing& keys, const RowBinding& binding, ByteView wrapped) {
  const KeyVersion version = TRY(version_of(wrapped));
  if (!keys.holds(version))
    return make_error(ErrorCode::not_found, "The key of this record is not held.", "key version " + std::to_string(version));
  Bytes key = TRY(decrypt(keys.wrapping_key(version), associated_with_key(binding, version),
                          wrapped.subspan(kWrapHeaderBytes)));
  const WipeAtExit wiper(key);
  return Secret(key);
}

}  // namespace

Result<KeyVersion> version_of(ByteView wrapped_key) {
  if (wrapped_key.size() != kWrappedKeyBytes || wrapped_key[0] != kFormat) return not_sealed();
  KeyVersion version = 0;
  for (std::size_t i = 0; i < 4; ++i) version |= static_cast<KeyVersion>(wrapped_key[1 + i]) << (8 * i);
  return version;
}

SealedText seal(const KeyRing& keys, const RowBinding& binding, ByteView plaintext) {
  const Secret data_key = Secret::random();
  const std::uint8_t format = binding.beside.empty() ? kFormat : kBoundFormat;
  SealedText sealed{wrap(keys, binding, data_key), {format}};
  const Bytes body = encrypt(data_key, associated_with_payload(binding, format), plaintext);
  sealed.payload.insert(sealed.payload.end(), body.begin(), body.end());
  return sealed;
}

Result<Bytes> open(const KeyRing& keys, const RowBinding& binding, const SealedText& sealed) {
  if (sealed.payload.empty() || (sealed.payload[0] != kFormat && sealed.payload[0] != kBoundFormat)) return not_sealed();
  const Secret data_key = TRY(unwrap(keys, binding, sealed.wrapped_key));
  return decrypt(data_key, associated_with_payload(binding, sealed.payload[0]), ByteView(sealed.payload).subspan(1));
}

Result<Bytes> rewrap(const KeyRing& from, const KeyRing& to, const RowBinding& binding, ByteView wrapped_key) {
  const Secret data_key = TRY(unwrap(from, binding, wrapped_key));
  return wrap(to, binding, data_key);
}

}  // namespace osler::vault
