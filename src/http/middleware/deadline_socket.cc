#include "http/middleware/deadline_socket.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/middleware/client_address.h"

namespace osler::http {

namespace {

using Deadline = DeadlineSocket::Deadline;

Error lost(std::string why) { return make_error(ErrorCode::unavailable, "The other side cannot be reached.", std::move(why)); }

bool is_loopback(const sockaddr* address) {
  char text[NI_MAXHOST];
  if (getnameinfo(address, address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6), text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) return false;
  const auto parsed = IpAddress::parse(text);
  return parsed && parsed->is_loopback();
}

Result<int> open_socket(int family) {
  const int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return lost("no socket");
  return descriptor;
}

/// What was said about why a connection is not there; 0: it is.
int pending_error(int descriptor) {
  int failure = 0;
  socklen_t size = sizeof failure;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
  return failure;
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return lost("the socket's path is too long");
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Result<Addresses> resolve(const StreamAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) return lost("the host's name cannot be resolved");
  return Addresses(found, freeaddrinfo);
}

}  // namespace

void DeadlineSocket::FreeTls::operator()(ssl_st* tls) const { SSL_free(tls); }
void DeadlineSocket::FreeTls::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

DeadlineSocket::~DeadlineSocket() {
  tls_.reset();
  close(descriptor_);
}

Result<std::unique_ptr<DeadlineSocket>> DeadlineSocket::connect(const StreamAddress& address, Deadline deadline) {
  const auto join = [&](int family, const sockaddr* peer, socklen_t size) -> Result<std::unique_ptr<DeadlineSocket>> {
    std::unique_ptr<DeadlineSocket> made(new DeadlineSocket(TRY(open_socket(family))));
    if (::connect(made->descriptor_, peer, size) != 0) {
      if (errno != EINPROGRESS) return lost(std::strerror(errno));
      TRY_VOID(made->wait(POLLOUT, deadline));
      if (const int failure = pending_error(made->descriptor_)) return lost(std::strerror(failure));
    }
    if (address.tls) TRY_VOID(made->start_tls(address, deadline));
    return made;
  };
  if (!address.socket_path.empty()) {
    const sockaddr_un peer = TRY(unix_address(address.socket_path));
    return join(AF_UNIX, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  }
  const Addresses found = TRY(resolve(address));
  Error last = lost("no address of the host is this machine, and there is no TLS");
  for (const addrinfo* entry = found.get(); entry != nullptr; entry = entry->ai_next) {
    if (!address.tls && !is_loopback(entry->ai_addr)) continue;  // whatever a name may lead to
    Result<std::unique_ptr<DeadlineSocket>> made = join(entry->ai_family, entry->ai_addr, entry->ai_addrlen);
    if (!made) {
      last = made.error();
      continue;
    }
    const int on = 1;
    setsockopt((*made)->descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return made;
  }
  return last;
}

Result<void> DeadlineSocket::wait(short events, Deadline deadline) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return make_error(ErrorCode::timeout, "The other side does not answer in time.");
    pollfd entry{descriptor_, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return ok();
    if (ready < 0 && errno != EINTR) return lost(std::strerror(errno));
  }
}

Result<void> DeadlineSocket::start_tls(const StreamAddress& address, Deadline deadline) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) return lost("no TLS");
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded = address.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context_.get()) : SSL_CTX_load_verify_file(context_.get(), address.ca_file.c_str());
  if (loaded != 1) return lost("the certificate authorities cannot be read");
  tls_.reset(SSL_new(context_.get()));
  if (!tls_ || SSL_set_fd(tls_.get(), descriptor_) != 1) return lost("no TLS");
  const bool numeric = IpAddress::parse(address.host).has_value();
  const int named = numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), address.host.c_str()) : SSL_set1_host(tls_.get(), address.host.c_str());
  // SSL_set_tlsext_host_name(), whose macro has a cast of C.
  const auto ask_for_name = [&] { return SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(address.host.c_str())); };
  if (named != 1 || (!numeric && ask_for_name() != 1)) return lost("the host's name cannot be verified");
  while (true) {
    ERR_clear_error();
    const int outcome = SSL_connect(tls_.get());
    if (outcome == 1) return ok();
    TRY_VOID(wait_for_tls(outcome, deadline));
  }
}

Result<void> DeadlineSocket::wait_for_tls(int outcome, Deadline deadline) const {
  const int wish = SSL_get_error(tls_.get(), outcome);
  if (wish == SSL_ERROR_WANT_READ) return wait(POLLIN, deadline);
  if (wish == SSL_ERROR_WANT_WRITE) return wait(POLLOUT, deadline);
  if (const long verified = SSL_get_verify_result(tls_.get()); verified != X509_V_OK) return lost(X509_verify_cert_error_string(verified));
  return lost("TLS ended");
}

Result<void> DeadlineSocket::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    if (tls_) {
      ERR_clear_error();
      sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) TRY_VOID(wait_for_tls(static_cast<int>(sent), deadline));
    } else {
      sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return lost(std::strerror(errno));
      if (sent < 0) TRY_VOID(wait(POLLOUT, deadline));
    }
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return ok();
}

Result<std::size_t> DeadlineSocket::receive(char* bytes, std::size_t size, Deadline deadline) {
  while (true) {
    if (tls_) {
      ERR_clear_error();
      const int got = SSL_read(tls_.get(), bytes, static_cast<int>(size));
      if (got > 0) return static_cast<std::size_t>(got);
      TRY_VOID(wait_for_tls(got, deadline));
      continue;
    }
    const ssize_t got = recv(descriptor_, bytes, size, 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return lost("the other side closed the connection");
    if (errno != EAGAIN && errno != EINTR) return lost(std::strerror(errno));
    TRY_VOID(wait(POLLIN, deadline));
  }
}

}  // namespace osler::http
