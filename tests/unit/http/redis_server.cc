#include "redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/check.h"
#include "base/ids.h"

namespace osler::http::testing {

namespace {

std::uint16_t free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 && getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(probe);
  return ntohs(address.sin_port);
}

[[noreturn]] void become(std::vector<std::string> words, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  std::vector<char*> arguments = {nullptr};
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  for (std::string program : {"redis-server", "valkey-server"}) {
    arguments[0] = program.data();
    execvp(program.c_str(), arguments.data());
  }
  _exit(127);
}

/// Reads what a server says until it is ready; false when it ends first.
bool becomes_ready(int output) {
  std::string said;
  char bytes[1024];
  for (ssize_t got = read(output, bytes, sizeof bytes); got > 0; got = read(output, bytes, sizeof bytes)) {
    said.append(bytes, static_cast<std::size_t>(got));
    if (said.find("eady to accept connections") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> options, bool tls)
    : folder_(std::filesystem::temp_directory_path() / ("osler-redis-" + make_uuid().substr(0, 8))), options_(std::move(options)), tls_(tls), port_(free_port()) {
  std::filesystem::create_directories(folder_);
  if (tls_) {
    const std::string command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + (folder_ / "key.pem").string() + " -out " + ca_file() +
                                " -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null";
    CHECK(std::system(command.c_str()) == 0);
  }
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::start() {
  std::vector<std::string> words = {"--port", tls_ ? "0" : std::to_string(port_), "--bind", "127.0.0.1", "--unixsocket", socket_path(), "--dir", folder_.string(),
                                    "--save", "", "--appendonly", "no"};
  if (tls_) {
    const std::vector<std::string> more = {"--tls-port", std::to_string(port_), "--tls-cert-file", ca_file(), "--tls-key-file", (folder_ / "key.pem").string(),
                                           "--tls-ca-cert-file", ca_file(), "--tls-auth-clients", "no"};
    words.insert(words.end(), more.begin(), more.end());
  }
  words.insert(words.end(), options_.begin(), options_.end());
  int pipe_ends[2];
  CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);
  child_ = fork();
  CHECK(child_ >= 0);
  if (child_ == 0) become(words, pipe_ends[1]);
  close(pipe_ends[1]);
  const bool ready = becomes_ready(pipe_ends[0]);
  close(pipe_ends[0]);
  CHECK(ready);  // redis-server or valkey-server must be installed: tools/packages.sh
}

void RedisServer::kill() {
  if (child_ == 0) return;
  ::kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  child_ = 0;
}

void RedisServer::signal(int number) const { ::kill(child_, number); }

RedisAddress RedisServer::address() const {
  RedisAddress address;
  address.stream.host = "127.0.0.1";
  address.stream.port = port_;
  address.stream.tls = tls_;
  if (tls_) address.stream.ca_file = ca_file();
  return address;
}

RedisReply RedisServer::ask(const RedisCommand& command) const { return RedisLink::connect(address(), soon()).value()->exchange({command}, soon()).value().front(); }

}  // namespace osler::http::testing
