// A server on loopback and a client that writes whatever bytes it is told to.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "fake_cases.h"
#include "fake_films.h"
#include "fake_service.h"
#include "http/server.h"

namespace osler::http::testing {

struct Answer {
  int status = 0;  // 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// One TCP connection. Every wait ends after 20 s, so that a broken server fails a test instead of hanging it.
class Wire {
 public:
  explicit Wire(std::uint16_t port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// False when the server has closed the connection.
  bool send(std::string_view bytes);
  void finish_sending();
  /// The next answer; `head`: it has no body whatever its header says.
  Answer receive(bool head = false);
  /// The next answer that is not an interim one (100 Continue).
  Answer receive_final();
  /// The answer to `bytes`.
  Answer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  /// True when the server closes the connection without a further byte.
  bool closed_by_server();
  /// Ends with a reset instead of an orderly close.
  void reset();
  int descriptor() const { return socket_; }

 private:
  bool fill();
  int socket_;
  std::string buffer_;
};

/// Trial-mode options on a free port.
ServerOptions trial_options();

/// Runs a server on its own thread until it goes out of scope.
class RunningServer {
 public:
  explicit RunningServer(ServerOptions options = trial_options(), service::BatchService* batches = nullptr);
  ~RunningServer();

  std::uint16_t port() const { return server_->port(); }
  void stop() { server_->stop(); }
  /// Returns when run() has returned.
  void join();
  void destroy();
  FakeService& service() { return service_; }
  FakeFilms& films() { return films_; }
  FakeCases& cases() { return cases_; }

 private:
  FakeService service_;
  FakeFilms films_;
  FakeCases cases_;
  SystemClock clock_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// `method path HTTP/1.1` with Host and the given further header lines (each ended by \r\n) and body.
std::string request(std::string_view method, std::string_view path, std::string_view headers = {},
                    std::optional<std::string_view> body = std::nullopt);
/// A POST /api/v1/diagnose.
std::string diagnose_request(std::string_view body = "{}", std::string_view headers = {});

}  // namespace osler::http::testing
