// A stream to another process, over TCP, TLS or a Unix socket, on which every wait has an end.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace osler::http {

/// Where to connect to.
struct StreamAddress {
  std::string host{};       // a name or a numeric address
  std::uint16_t port = 0;
  std::string socket_path{};  // of a Unix socket, instead of host and port
  bool tls = false;         // verified: the certificate must be the host's; without it a host must be this machine
  std::string ca_file{};    // certificate authorities, PEM; empty: the system's
};

/// For one thread at a time. All errors are ErrorCode::unavailable (timeout for a wait that ended) and leave a socket that is of no more use.
class DeadlineSocket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Name resolution is the system's and has its own time-out.
  static Result<std::unique_ptr<DeadlineSocket>> connect(const StreamAddress& address, Deadline deadline);
  ~DeadlineSocket();
  DeadlineSocket(const DeadlineSocket&) = delete;
  DeadlineSocket& operator=(const DeadlineSocket&) = delete;

  Result<void> send(std::string_view bytes, Deadline deadline);
  /// At least one byte, at most `size`.
  Result<std::size_t> receive(char* bytes, std::size_t size, Deadline deadline);

 private:
  struct FreeTls {
    void operator()(ssl_st* tls) const;
    void operator()(ssl_ctx_st* context) const;
  };
  explicit DeadlineSocket(int descriptor) : descriptor_(descriptor) {}
  Result<void> wait(short events, Deadline deadline) const;
  Result<void> start_tls(const StreamAddress& address, Deadline deadline);
  /// Waits for what OpenSSL wants after an operation that returned `outcome`.
  Result<void> wait_for_tls(int outcome, Deadline deadline) const;

  int descriptor_;
  std::unique_ptr<ssl_ctx_st, FreeTls> context_;
  std::unique_ptr<ssl_st, FreeTls> tls_;
};

}  // namespace osler::http
