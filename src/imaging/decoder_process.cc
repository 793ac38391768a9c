#include "imaging/decoder_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include "imaging/film_wire.h"

namespace osler::imaging {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kPipeBytes = 1 << 20;  // the most that an ordinary user may ask for

Error unavailable(const char* what, int error) {
  return make_error(ErrorCode::unavailable, "Films cannot be decoded now.", std::string(what) + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// The file in memory that the child reads as its standard input: no pipe that both would have to serve at once.
Result<Descriptor> memory_file(ByteView bytes) {
  Descriptor file(memfd_create("film", MFD_CLOEXEC));
  if (file.get() < 0) return unavailable("memfd_create", errno);
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t count = ::write(file.get(), bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unavailable("writing the file for the decoder", errno);
    written += static_cast<std::size_t>(count);
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0) return unavailable("lseek", errno);
  return file;
}

struct Pipe {
  Descriptor read_end, write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return unavailable("pipe2", errno);
  Pipe made{Descriptor(ends[0]), Descriptor(ends[1])};
  static_cast<void>(fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes));  // only faster
  return made;
}

/// A started process; killed and reaped at the latest when this goes.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  ~Child() { end(); }
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

  /// Kills it if it still runs; what it ended with (see waitpid), or -1 where that is not known.
  int end() {
    if (id_ < 0) return -1;
    ::kill(id_, SIGKILL);
    int status = -1;
    pid_t waited;
    do waited = waitpid(id_, &status, 0);
    while (waited < 0 && errno == EINTR);
    id_ = -1;
    return waited < 0 ? -1 : status;
  }

 private:
  pid_t id_;
};

/// Nothing of this process but the two descriptors reaches the child: no other descriptor, none of its environment, no signal settings.
Result<Child> start(const std::string& program, std::optional<std::size_t> frame, const Descriptor& input, const Descriptor& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);  // codecs print what they find
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string command = "decode", option = "--frame", number = std::to_string(frame.value_or(0)), name = program;
  std::array<char*, 5> arguments{name.data(), command.data(), frame ? option.data() : nullptr, number.data(), nullptr};
  std::string pages = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";  // large pages where there are: half of the time in the system went into small ones
  std::array<char*, 2> environment{pages.data(), nullptr};
  pid_t id = -1;
  const int error = posix_spawn(&id, program.c_str(), &actions, &attributes, arguments.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return unavailable("starting the decoder", error);
  return Child(id);
}

enum class Ending { complete, broken_off, late, untrue };

/// Fills `to` from the pipe; less than that is `broken_off`.
Ending fill(const Descriptor& from, std::span<std::uint8_t> to, SteadyClock::time_point deadline) {
  while (!to.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return Ending::late;
    pollfd waiting{from.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ready < 0 ? -1 : ::read(from.get(), to.data(), to.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Ending::broken_off;
    to = to.subspan(static_cast<std::size_t>(count));
  }
  return Ending::complete;
}

/// One message. What the child writes beyond it is never read.
Ending read_message(const Descriptor& from, SteadyClock::time_point deadline, Bytes& message) {
  message.resize(kFilmMessageHeadBytes);
  if (const Ending ending = fill(from, message, deadline); ending != Ending::complete) return ending;
  const std::optional<std::size_t> length = message_length(message);
  if (!length) return Ending::untrue;
  message.resize(*length);
  return fill(from, std::span(message).subspan(kFilmMessageHeadBytes), deadline);
}

Error unsafe(std::string how) { return make_error(ErrorCode::invalid, "The file could not be decoded safely.", "the decoder " + std::move(how)); }

Error late() { return make_error(ErrorCode::timeout, "The file took too long to decode, and was given up."); }

Error broken_off(int status) {
  if (status >= 0 && WIFSIGNALED(status)) return WTERMSIG(status) == SIGXCPU ? late() : unsafe("was ended by signal " + std::to_string(WTERMSIG(status)));
  if (status >= 0 && WIFEXITED(status)) return unsafe("ended with code " + std::to_string(WEXITSTATUS(status)) + " and no film");
  return unsafe("ended without a film");
}

}  // namespace

FilmDecoder::FilmDecoder(std::string program, std::chrono::milliseconds time_limit) : program_(std::move(program)), time_limit_(time_limit) {}

Result<Film> FilmDecoder::decode(ByteView file, std::optional<std::size_t> frame) const {
  if (file.size() > limits::kMaxFilmFileBytes) return make_error(ErrorCode::too_large, "The file is larger than 64 MiB.");
  const SteadyClock::time_point deadline = SteadyClock::now() + time_limit_;
  const Descriptor input = TRY(memory_file(file));
  Pipe pipe = TRY(make_pipe());
  Child child = TRY(start(program_, frame, input, pipe.write_end));
  pipe.write_end.close();  // so that the end of the child is the end of the pipe
  Bytes message;
  const Ending ending = read_message(pipe.read_end, deadline, message);
  const int status = child.end();
  if (ending == Ending::late) return late();
  if (ending == Ending::broken_off) return broken_off(status);
  if (ending == Ending::untrue) return unsafe("wrote what is no film");
  Result<Film> film = read_film(message);
  if (!film && film.error().code == ErrorCode::corrupted) return unsafe("wrote what is no film");
  return film;
}

}  // namespace osler::imaging
