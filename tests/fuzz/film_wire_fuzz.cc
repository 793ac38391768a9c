// libFuzzer: any bytes as a message of the decoder. What is taken is a whole film within its limits, and the same after writing and reading it again.
#include <cstdint>

#include "base/check.h"
#include "imaging/film_wire.h"

namespace {

using namespace osler;
using namespace osler::imaging;

Bytes message_of(const Result<Film>& outcome) {
  Bytes message;
  CHECK(write_film(outcome, [&](ByteView piece) {
    message.insert(message.end(), piece.begin(), piece.end());
    return true;
  }));
  return message;
}

/// The sizes and the tables of a film are too much for a fuzzer to invent: it gives what stands before them.
void check_with_pixels(ByteView start) {
  Bytes message(start.begin(), start.end());
  message.resize(message.size() + 2 * 65536 + 2, 0);  // a display table and one value
  const auto body = static_cast<std::uint32_t>(message.size() - kFilmMessageHeadBytes);
  for (int i = 0; i < 4; ++i) message[8 + i] = static_cast<std::uint8_t>(body >> 8 * i);
  const Result<Film> film = read_film(message);
  if (!film) return;
  CHECK(film->values.size() == film->width * film->height && film->values.size() <= limits::kMaxFilmPixels);
  CHECK(message_of(film) == message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const Result<Film> film = read_film(bytes);
  if (!film && film.error().code != ErrorCode::corrupted) CHECK(message_of(film) == Bytes(data, data + size));
  if (size >= kFilmMessageHeadBytes) check_with_pixels(bytes);
  return 0;
}
