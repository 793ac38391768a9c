#include "audit/witness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <filesystem>

namespace osler::audit {

namespace {

constexpr std::string_view kSyslog = "syslog:";
constexpr const char* kJournalSocket = "/dev/log";
constexpr int kPriority = 10 * 8 + 5;  // facility authpriv, severity notice (RFC 5424, 6.2.1)

Error not_told(const std::string& why) { return make_error(ErrorCode::unavailable, "The witness of the audit log cannot be written.", why); }

/// Closes itself.
class Socket {
 public:
  Socket() : number_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

/// `<priority>Mmm dd hh:mm:ss program[pid]: text`, as syslog(3) of the C library writes it. Sent by hand because syslog(3) does not say when nobody
/// listens, and a witness that hears nothing must be counted.
std::string syslog_message(std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &parts);
  return "<" + std::to_string(kPriority) + ">" + stamp + " osler-checkpoint[" + std::to_string(::getpid()) + "]: " + std::string(text);
}

Result<void> tell_journal(const std::string& path, std::string_view line) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return not_told("the path of the socket is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const Socket socket;
  const std::string message = syslog_message(line.substr(0, line.find('\n')));
  const ssize_t sent = ::sendto(socket.number(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return sent == static_cast<ssize_t>(message.size()) ? ok() : Result<void>(not_told(path + ": " + std::strerror(errno)));
}

Result<void> tell_file(FileSystem& files, const std::string& path, std::string_view line) {
  const bool is_new = !files.exists(path);
  const std::unique_ptr<AppendFile> file = TRY(files.open_append(path));
  // A line that an earlier crash left unfinished must not swallow this one.
  const bool mid_line = file->size() > 0 && TRY(files.read_at(path, file->size() - 1, 1)) != Bytes{'\n'};
  TRY_VOID(file->append(as_bytes((mid_line ? "\n" : "") + std::string(line))));
  TRY_VOID(file->sync());
  return is_new ? files.sync_folder(std::filesystem::path(path).parent_path().string()) : ok();
}

}  // namespace

bool is_syslog(std::string_view witness) { return witness.starts_with(kSyslog); }

Result<void> tell_witness(FileSystem& files, const std::string& witness, std::string_view line) {
  if (!is_syslog(witness)) return tell_file(files, witness, line);
  const std::string path = witness.substr(kSyslog.size());
  return tell_journal(path.empty() ? kJournalSocket : path, line);
}

Result<CheckpointFile> read_witness(FileSystem& files, const std::string& witness, const vault::PublicKey& key) {
  if (is_syslog(witness)) return CheckpointFile{};
  return read_checkpoints(files, witness, key);
}

Result<std::optional<Checkpoint>> newest_witnessed(FileSystem& files, const std::string& witness, const vault::PublicKey& key) {
  if (is_syslog(witness)) return std::optional<Checkpoint>();
  return TRY(newest_checkpoint(files, witness, key)).checkpoint;
}

}  // namespace osler::audit
