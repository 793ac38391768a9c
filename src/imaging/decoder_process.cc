#include "imaging/decoder_process.h"

#include "imaging/child_process.h"
#include "imaging/film_wire.h"

namespace osler::imaging {

namespace {

Error unsafe(const std::string& how) { return make_error(ErrorCode::invalid, "The file could not be decoded safely.", "the decoder " + how); }

/// One message; fewer bytes where the child ended before. What it writes beyond is never read.
Result<Bytes> read_message(ChildProcess& child) {
  Bytes message(kFilmMessageHeadBytes);
  const std::size_t head = TRY(child.read(message));
  message.resize(head);
  if (head < kFilmMessageHeadBytes) return message;
  const std::optional<std::size_t> length = message_length(message);
  if (!length) return unsafe("wrote what is no film");
  message.resize(*length);
  message.resize(head + TRY(child.read(std::span(message).subspan(head))));
  return message;
}

}  // namespace

FilmDecoder::FilmDecoder(std::string program, std::chrono::milliseconds time_limit) : program_(std::move(program)), time_limit_(time_limit) {}

Result<Film> FilmDecoder::decode(ByteView file, std::optional<std::size_t> frame) const {
  if (file.size() > limits::kMaxFilmFileBytes) return make_error(ErrorCode::too_large, "The file is larger than 64 MiB.");
  std::vector<std::string> arguments{"decode"};
  if (frame) arguments.insert(arguments.end(), {"--frame", std::to_string(*frame)});
  ChildProcess child = TRY(ChildProcess::start(program_, std::move(arguments), {file}, time_limit_));
  const Bytes message = TRY(read_message(child));
  const std::string ending = TRY(child.end());
  const bool complete = message.size() >= kFilmMessageHeadBytes && message_length(message) == message.size();
  if (!complete) return unsafe(ending + " and no film");
  Result<Film> film = read_film(message);
  if (!film && film.error().code == ErrorCode::corrupted) return unsafe("wrote what is no film");
  return film;
}

}  // namespace osler::imaging
