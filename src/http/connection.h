// One connection: reads requests, writes answers, one after the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <atomic>
#include <memory>
#include <optional>
#include <set>

#include "http/edge.h"
#include "http/upload_room.h"
#include "http/worker_pool.h"

namespace osler::http {

/// What the server holds of an open connection. I/O thread only.
class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  /// Closes it if it only waits for the next request.
  virtual void close_if_idle() = 0;
  /// Closes it whatever it does.
  virtual void abort() = 0;
};

/// Everything that connections share. Kept alive by each of them and by each job on a worker.
struct ServerState {
  ServerOptions options;
  StaticFiles files;
  std::unique_ptr<Metrics> metrics;
  std::optional<Edge> edge;
  std::optional<Parts> parts;
  Logger logger{LogLevel::info};
  std::weak_ptr<boost::asio::io_context> io;  // expires with the server: answers that come later are dropped
  std::unique_ptr<WorkerPool> workers, film_workers;

  std::atomic<bool> draining = false;  // told to stop: not ready, and no connection is kept for another request

  // I/O thread only.
  UploadRoom uploads{limits::kMaxUploadBytesAtOnce, limits::kMaxWaitingUploads};
  std::set<OpenConnection*> connections;
  bool stopping = false;
  std::function<WallTime()> certificate_expires;  // empty: no TLS here
  std::function<void()> last_connection_closed;
};

/// Serves `socket` until either side closes it. `tls` may be null; the connection keeps what it needs of it.
void start_connection(std::shared_ptr<ServerState> state, boost::asio::ip::tcp::socket socket,
                      boost::asio::ssl::context* tls);

/// Answers 503 and closes, without reading and without waiting.
void refuse_connection(const ServerState& state, boost::asio::ip::tcp::socket socket, bool tls);

}  // namespace osler::http
