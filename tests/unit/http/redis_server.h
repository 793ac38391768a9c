// A real Redis (or Valkey) of a test's own, on loopback, that can be killed, stopped and started again. tests/support/redis.mjs is the same for Node.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "http/middleware/redis_link.h"

namespace osler::http::testing {

class RedisServer {
 public:
  /// Started and ready. `options` as on its command line; TLS files are made when `tls`.
  explicit RedisServer(std::vector<std::string> options = {}, bool tls = false);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start();                 // again, on the same port, with nothing in it
  void kill();                  // SIGKILL
  void signal(int number) const;  // SIGSTOP and SIGCONT

  std::uint16_t port() const { return port_; }
  std::string socket_path() const { return (folder_ / "socket").string(); }
  std::string ca_file() const { return (folder_ / "cert.pem").string(); }  // of localhost and 127.0.0.1
  RedisAddress address() const;
  /// The reply to one command, on a connection of its own.
  RedisReply ask(const RedisCommand& command) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> options_;
  bool tls_;
  std::uint16_t port_;
  pid_t child_ = 0;
};

/// A deadline for what must happen on any machine.
inline RedisLink::Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

}  // namespace osler::http::testing
