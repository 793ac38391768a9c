// Key material that is wiped from memory when it goes.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/sha256.h"

namespace osler::vault {

inline constexpr std::size_t kKeyBytes = 32;

/// Overwrites memory in a way that no compiler removes.
void wipe(void* memory, std::size_t size);

/// A 256-bit key. Moves, never copies but by `copy()`, has no comparison and no text form; zeroised when destroyed or
/// moved from.
class Secret {
 public:
  /// Exactly kKeyBytes bytes (CHECK).
  explicit Secret(ByteView bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// Fresh from the operating system.
  static Secret random();
  /// HKDF-SHA-256 (RFC 5869) of this secret to one 32-byte key: the same label gives the same key, different labels give
  /// independent ones.
  Secret derive(std::string_view label) const;
  Secret copy() const { return Secret(view()); }

  ByteView view() const { return bytes_; }

 private:
  std::array<std::uint8_t, kKeyBytes> bytes_;
};

/// HKDF-SHA-256 (RFC 5869) with one block of output: extract with `salt`, expand with `info`.
Secret hkdf_sha256(ByteView key_material, ByteView salt, ByteView info);

/// Wipes a buffer that held key material, at the end of a scope.
class WipeAtExit {
 public:
  explicit WipeAtExit(Bytes& buffer) : buffer_(buffer) {}
  ~WipeAtExit() { wipe(buffer_.data(), buffer_.size()); }
  WipeAtExit(const WipeAtExit&) = delete;
  WipeAtExit& operator=(const WipeAtExit&) = delete;

 private:
  Bytes& buffer_;
};

}  // namespace osler::vault
