// Raw bytes and their text forms.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osler {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Views text as bytes; the view lives as long as the text.
ByteView as_bytes(std::string_view text);
std::string_view as_text(ByteView bytes);

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// Nothing unless `text` is an even number of hexadecimal digits (either case).
std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);
/// RFC 4648 section 5, without padding.
std::string to_base64url(ByteView bytes);
/// Nothing unless `text` is what to_base64url() gives for some bytes: no padding, no other character, no bits left over that are not zero.
std::optional<Bytes> from_base64url(std::string_view text);

/// Time depends on the lengths only.
bool constant_time_equal(ByteView left, ByteView right);

/// Cryptographically strong random bytes; aborts if the operating system has none to give.
Bytes random_bytes(std::size_t count);

}  // namespace osler
