#include "http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/connection.h"
#include "http/memory.h"
#include "http/middleware/shared_rate_limit.h"
#include "http/tls.h"

namespace osler::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::seconds kMemoryPause{10};
constexpr std::uint64_t kMegabyte = 1024 * 1024;

Result<tcp::acceptor> listen(asio::io_context& io, const ServerOptions& options) {
  error_code failure;
  const auto address = asio::ip::make_address(options.address, failure);
  if (failure) return make_error(ErrorCode::configuration, "The address to listen on cannot be read.");
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(tcp::acceptor::max_listen_connections, failure);
  const std::string where = "port " + std::to_string(options.port) + " of " + options.address;
  if (failure == asio::error::address_in_use)
    return make_error(ErrorCode::conflict, "Another process listens on " + where + " already.");
  if (failure) return make_error(ErrorCode::unavailable, "This server cannot listen on " + where + ".", failure.message());
  return acceptor;
}

Result<std::shared_ptr<ServerState>> make_state(ServerOptions options, service::DiagnoseService& service, service::FilmService& films,
                                                service::CaseService& cases, const Clock& clock, Logger logger, service::BatchService* batches,
                                                service::AuditTrail* audit) {
  auto state = std::make_shared<ServerState>();
  state->options = std::move(options);
  state->logger = logger;
  state->metrics = std::make_unique<Metrics>(state->options.version, service.model_version());
  state->edge.emplace(TRY(Edge::create(state->options, *state->metrics, clock, logger)));
  if (!state->options.web_root.empty()) state->files = TRY(StaticFiles::load(state->options.web_root));
  for (const std::string& missing : state->files.missing())
    logger.warning("web_package_not_installed", {{"file", LogText::safe(missing)}});
  ServerState* raw = state.get();  // Parts live inside the state
  const auto gauges = [raw] {
    Gauges now{raw->workers->queued() + raw->film_workers->queued(), raw->connections.size(), raw->edge->rate_limit_clients(), resident_bytes()};
    if (const SharedRateLimit* shared = raw->options.shared_rate_limit) now.rate_limit_shared = shared->shared();
    if (raw->certificate_expires) now.certificate_expires = raw->certificate_expires();
    if (raw->options.recording) now.recording = raw->options.recording();
    return now;
  };
  state->parts.emplace(Parts{service, films, cases, state->files, *state->metrics, gauges, state->options.version, state->options.trial, batches, audit, [raw] { return raw->draining.load(); }});
  state->workers = std::make_unique<WorkerPool>(state->options.threads, state->options.bounds.max_queued_requests);
  state->film_workers = std::make_unique<WorkerPool>(state->options.threads, state->options.bounds.max_queued_requests);
  return state;
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(std::shared_ptr<asio::io_context> io, tcp::acceptor acceptor, std::shared_ptr<ServerState> state,
                 std::optional<Certificate> certificate)
      : io_(std::move(io)), certificate_(std::move(certificate)), acceptor_(std::move(acceptor)), drain_(*io_), grace_(*io_), pause_(*io_), memory_(*io_),
        files_(*io_), state_(std::move(state)), port_(acceptor_.local_endpoint().port()) {
    state_->io = io_;
    if (certificate_) state_->certificate_expires = [this] { return certificate_->expires(); };
  }

  ~Implementation() {
    state_->workers->stop();
    state_->film_workers->stop();
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  std::uint16_t port() const { return port_; }
  bool is_busy() const { return state_->workers->queued() > 0; }

  void run() {
    state_->logger.info("listening", {{"address", LogText::safe(state_->options.address)},
                                      {"port", static_cast<int>(port_)},
                                      {"tls", LogText::safe(certificate_ ? "yes" : "no")},
                                      {"trial", LogText::safe(state_->options.trial ? "yes" : "no")},
                                      {"workers", state_->workers->threads()}});
    state_->last_connection_closed = [this] {
      if (state_->stopping) grace_.cancel();
    };
    asio::co_spawn(*io_, accept(), asio::detached);
    asio::co_spawn(*io_, watch_memory(), asio::detached);
    if (certificate_) asio::co_spawn(*io_, watch_certificate(), asio::detached);
    io_->run();
    state_->last_connection_closed = nullptr;
    state_->logger.info("http_stopped");
  }

  void stop() {
    asio::post(*io_, [this] { begin_drain(); });
  }

  void reload_certificate() {
    asio::post(*io_, [this] {
      if (certificate_) certificate_->refresh(true);
    });
  }

 private:
  asio::awaitable<void> accept() {
    while (!state_->stopping) {
      auto [failure, socket] = co_await acceptor_.async_accept(kAwait);
      if (state_->stopping) break;
      if (failure) {  // most likely no file descriptor is free: let some close
        state_->logger.warning("accept_failed", {{"detail", LogText::safe(failure.message())}});
        pause_.expires_after(kAcceptPause);
        co_await pause_.async_wait(kAwait);
      } else if (state_->connections.size() >= state_->options.bounds.max_connections) {
        refuse_connection(*state_, std::move(socket), certificate_.has_value());
      } else {
        start_connection(state_, std::move(socket), certificate_ ? &certificate_->context() : nullptr);
      }
    }
  }

  asio::awaitable<void> watch_memory() {
    MemoryWatch watch(state_->options.memory_warn_mb * kMegabyte);
    while (!state_->stopping) {
      const std::uint64_t bytes = resident_bytes();
      if (watch.crosses(bytes))
        state_->logger.warning("memory_above_threshold",
                               {{"resident_mb", static_cast<std::int64_t>(bytes / kMegabyte)},
                                {"threshold_mb", static_cast<std::int64_t>(state_->options.memory_warn_mb)}});
      memory_.expires_after(kMemoryPause);
      co_await memory_.async_wait(kAwait);
    }
  }

  asio::awaitable<void> watch_certificate() {
    while (!state_->stopping) {
      files_.expires_after(state_->options.bounds.certificate_check);
      co_await files_.async_wait(kAwait);
      if (!state_->stopping) certificate_->refresh();
    }
  }

  /// A balancer that asks for readiness learns that it must go elsewhere before a connection that it keeps is closed under its next request.
  void begin_drain() {
    if (state_->draining.exchange(true) || state_->options.drain.count() == 0) return begin_stop();
    state_->logger.info("http_draining", {{"milliseconds", static_cast<std::int64_t>(state_->options.drain.count())}});
    drain_.expires_after(state_->options.drain);
    drain_.async_wait([this](const error_code& cancelled) {
      if (!cancelled) begin_stop();
    });
  }

  void begin_stop() {
    if (state_->stopping) return;
    state_->stopping = true;
    drain_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    memory_.cancel();
    files_.cancel();
    const auto open = state_->connections;  // closing changes the set
    for (OpenConnection* connection : open) connection->close_if_idle();
    state_->logger.info("http_stopping", {{"connections", state_->connections.size()}});
    if (state_->connections.empty()) return;
    grace_.expires_after(state_->options.grace_period);
    grace_.async_wait([this](const error_code& cancelled) {
      if (cancelled) return;
      state_->logger.warning("grace_period_over", {{"connections", state_->connections.size()}});
      const auto late = state_->connections;
      for (OpenConnection* connection : late) connection->abort();
      io_->stop();
    });
  }

  // Destroyed from the bottom up: the state's workers first stop, sockets and TLS outlive what uses them.
  std::shared_ptr<asio::io_context> io_;
  std::optional<Certificate> certificate_;
  tcp::acceptor acceptor_;
  asio::steady_timer drain_, grace_, pause_, memory_, files_;
  std::shared_ptr<ServerState> state_;
  std::uint16_t port_;
};

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, service::DiagnoseService& service, service::FilmService& films,
                                               service::CaseService& cases, const Clock& clock, Logger logger, service::BatchService* batches,
                                                service::AuditTrail* audit) {
  auto io = std::make_shared<asio::io_context>(1);
  auto state = TRY(make_state(std::move(options), service, films, cases, clock, logger, batches, audit));
  std::optional<Certificate> certificate;
  if (state->options.tls) certificate.emplace(TRY(Certificate::load(*state->options.tls, logger)));
  auto acceptor = TRY(listen(*io, state->options));
  return std::unique_ptr<Server>(new Server(
      std::make_unique<Implementation>(std::move(io), std::move(acceptor), std::move(state), std::move(certificate))));
}

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Server::~Server() = default;
void Server::run() { implementation_->run(); }
void Server::reload_certificate() { implementation_->reload_certificate(); }
void Server::stop() { implementation_->stop(); }
bool Server::is_busy() const { return implementation_->is_busy(); }
std::uint16_t Server::port() const { return implementation_->port(); }

}  // namespace osler::http
