// The program osler-decoder: one file from standard input, what became of it on standard output. Started by imaging/decoder_process.h.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "base/sha256.h"
#include "decoder/deidentify.h"
#include "decoder/dicom.h"
#include "decoder/picture.h"
#include "decoder/sandbox.h"
#include "imaging/film_wire.h"

namespace {

using namespace osler;

enum ExitCode { kDone = 0, kUsage = 64, kNoInput = 66, kNoSandbox = 70, kNoOutput = 74 };  // sysexits.h
constexpr std::size_t kReadBytes = 1 << 20;

/// What is to be decoded: a file (the server hands over one in memory) as it lies, anything else read into `owned`.
struct Input {
  ByteView file;
  Bytes owned;
};

std::optional<Input> map_input() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) return {};
  void* mapped = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, STDIN_FILENO, 0);
  if (mapped == MAP_FAILED) return {};
  return Input{ByteView(static_cast<const std::uint8_t*>(mapped), static_cast<std::size_t>(status.st_size)), {}};
}

/// Nothing where it is longer than a film may be, or cannot be read.
std::optional<Input> read_input() {
  Input input;
  std::size_t size = 0;
  while (size <= limits::kMaxFilmFileBytes) {
    if (input.owned.size() < size + kReadBytes) input.owned.resize(std::max(size + kReadBytes, 2 * size));
    const ssize_t count = ::read(STDIN_FILENO, input.owned.data() + size, input.owned.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {};
    if (count == 0) {
      input.file = ByteView(input.owned).first(size);
      return input;
    }
    size += static_cast<std::size_t>(count);
  }
  return {};
}

bool write_output(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

Result<imaging::Film> decode(ByteView file, std::optional<std::size_t> frame) {
  return decoder::is_picture(file) ? decoder::decode_picture(file) : decoder::decode_dicom(file, frame);
}

/// decode [--frame N]
std::optional<int> run_decode(std::span<char*> options, std::optional<Input> input) {
  std::optional<std::size_t> frame;
  if (options.size() == 2 && std::string_view(options[0]) == "--frame") {
    const std::string_view text(options[1]);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    frame = number;
  } else if (!options.empty()) {
    return {};
  }
  if (!input) input = read_input();
  if (!input) return kNoInput;
  return imaging::write_film(decode(input->file, frame), write_output) ? kDone : kNoOutput;
}

/// The request (imaging/deidentification.h) and the file behind it; the answer and the file behind it.
int run_deidentify(std::optional<Input> input) {
  if (!input) input = read_input();
  if (!input) return kNoInput;
  const Result<imaging::DeidentificationRequest> request = imaging::read_deidentification_request(input->file);
  if (!request) return kUsage;
  const Result<imaging::Deidentified> done = decoder::deidentify(request.value().file, request.value().key, request.value().options);
  if (!write_output(imaging::write_deidentification_outcome(done))) return kNoOutput;
  return !done || write_output(done.value().file) ? kDone : kNoOutput;
}

}  // namespace

int main(int count, char** arguments) {
  const std::span<char*> all(arguments, static_cast<std::size_t>(count));
  std::optional<Input> input = map_input();  // not a byte of it is looked at before the walls are up
  const std::string_view command = all.size() > 1 ? all[1] : "";
  if (command == "deidentify") hmac_sha256(as_bytes("any"), {});  // OpenSSL opens its configuration at first use, which the walls forbid
  if (!decoder::enter_sandbox()) return kNoSandbox;
  std::optional<int> code;
  if (command == "decode") code = run_decode(all.subspan(2), std::move(input));
  if (command == "deidentify" && all.size() == 2) code = run_deidentify(std::move(input));
  return code.value_or(kUsage);
}
