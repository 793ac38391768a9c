#include "imaging/child_process.h"

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

namespace osler::imaging {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kPipeBytes = 1 << 20;              // the most that an ordinary user may ask for
constexpr std::size_t kReadBytes = 1 << 20;

Error unavailable(const char* what, int error) {
  return make_error(ErrorCode::unavailable, "The file cannot be worked on now.", std::string(what) + ": " + std::strerror(error));
}

Error late() { return make_error(ErrorCode::timeout, "The file took too long, and was given up."); }

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

Result<void> write_all(const Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unavailable("writing the input of the child", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ok();
}

/// The input in memory that the child reads as a file: no pipe that both would have to serve at once.
Result<Descriptor> memory_file(std::initializer_list<ByteView> pieces) {
  Descriptor file(memfd_create("input", MFD_CLOEXEC));
  if (file.get() < 0) return unavailable("memfd_create", errno);
  for (const ByteView piece : pieces) TRY_VOID(write_all(file, piece));
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

/// What posix_spawn is told: descriptors, and signals as a fresh process has them.
class SpawnSettings {
 public:
  SpawnSettings(const Descriptor& input, const Descriptor& output) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);  // codecs print what they find
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

Result<Child> spawn(const std::string& program, std::vector<std::string>& arguments, const Descriptor& input, const Descriptor& output) {
  const SpawnSettings settings(input, output);
  std::string name = program;
  std::vector<char*> words{name.data()};
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  std::string pages = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";  // large pages where there are: half of the time in the system went into small ones
  std::array<char*, 2> environment{pages.data(), nullptr};
  pid_t id = -1;
  const int error = posix_spawn(&id, program.c_str(), &settings.actions, &settings.attributes, words.data(), environment.data());
  if (error != 0) return unavailable("starting the child", error);
  return Child(id);
}

std::string words_for(int status) {
  if (status >= 0 && WIFSIGNALED(status)) return "was ended by signal " + std::to_string(WTERMSIG(status));
  if (status >= 0 && WIFEXITED(status)) return "ended with code " + std::to_string(WEXITSTATUS(status));
  return "ended";
}

}  // namespace

struct ChildProcess::Parts {
  Child child;
  Descriptor output;
  SteadyClock::time_point deadline;
};

ChildProcess::ChildProcess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() = default;

Result<ChildProcess> ChildProcess::start(const std::string& program, std::vector<std::string> arguments, std::initializer_list<ByteView> input,
                                         std::chrono::milliseconds time_limit) {
  const SteadyClock::time_point deadline = SteadyClock::now() + time_limit;
  const Descriptor file = TRY(memory_file(input));
  Pipe pipe = TRY(make_pipe());  // its write end goes with it, so that the end of the child is the end of the pipe
  Child child = TRY(spawn(program, arguments, file, pipe.write_end));
  return ChildProcess(std::unique_ptr<Parts>(new Parts{std::move(child), std::move(pipe.read_end), deadline}));
}

Result<std::size_t> ChildProcess::read_some(std::span<std::uint8_t> to) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(parts_->deadline - SteadyClock::now()).count();
    if (left <= 0) return late();
    pollfd waiting{parts_->output.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ready < 0 ? 0 : ::read(parts_->output.get(), to.data(), to.size());
    if (count < 0 && errno == EINTR) continue;
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
}

Result<std::size_t> ChildProcess::read(std::span<std::uint8_t> to) {
  std::size_t size = 0;
  while (size < to.size()) {
    const std::size_t count = TRY(read_some(to.subspan(size)));
    if (count == 0) break;
    size += count;
  }
  return size;
}

Result<std::string> ChildProcess::end() {
  const int status = parts_->child.end();
  if (status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return late();
  return words_for(status);
}

Result<ChildOutput> run_child(const std::string& program, std::vector<std::string> arguments, std::initializer_list<ByteView> input, std::size_t most_bytes,
                              std::chrono::milliseconds time_limit) {
  ChildProcess child = TRY(ChildProcess::start(program, std::move(arguments), input, time_limit));
  Bytes bytes;
  std::size_t size = 0;
  while (true) {
    if (bytes.size() < size + kReadBytes) bytes.resize(std::max(size + kReadBytes, 2 * size));
    const std::size_t count = TRY(child.read_some(std::span(bytes).subspan(size)));
    if (count == 0) break;
    size += count;
    if (size > most_bytes) return make_error(ErrorCode::invalid, "The file could not be worked on safely.", "the child wrote more than it may");
  }
  bytes.resize(size);
  return ChildOutput{std::move(bytes), TRY(child.end())};
}

}  // namespace osler::imaging
