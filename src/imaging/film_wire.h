// A film, or the refusal of one, as bytes: what the decoder's process writes and the server reads. docs/formats/film.md is the grammar.
#pragma once

#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "imaging/film.h"

namespace osler::imaging {

/// No message is longer.
inline constexpr std::size_t kMaxFilmMessageBytes = 2 * limits::kMaxFilmPixels + 256 * 1024;
/// Of these the first bytes say how long the whole is: message_length.
inline constexpr std::size_t kFilmMessageHeadBytes = 12;

/// Hands the message to `write`, piece by piece, and stops when that says no; true if it never did. Texts are cut to their limits, and what is
/// not printable ASCII in them becomes '?'. CHECKs what decoders promise: sizes, a complete display.
bool write_film(const Result<Film>& outcome, const std::function<bool(ByteView)>& write);

/// The length of the message, head included, that starts with `head`; nothing where no message does, or where it would be too long.
std::optional<std::size_t> message_length(ByteView head);

/// The film, or the error that was written (malformed, invalid, too_large or unsupported_media). The writer is not trusted: ErrorCode::corrupted
/// for bytes that no honest writer makes (sizes, texts, numbers out of their bounds, bytes missing or left over). Thread-safe.
Result<Film> read_film(ByteView message);

}  // namespace osler::imaging
