// The HTTP edge of Osler: everything between a socket and the service.
//
// One thread (the one that calls run()) does all reading and writing; workers do what needs a core, behind a queue
// of fixed length. A full queue or too many connections is answered 503 at once.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/options.h"
#include "service/audit_trail.h"
#include "service/batch_service.h"
#include "service/cases.h"
#include "service/diagnose.h"

namespace osler::http {

class Server {
 public:
  /// Checks the options, reads the page's files and the TLS files, binds and listens; answers nothing before run(). Errors:
  /// configuration (a wrong option or file), conflict (the port is taken), unavailable (anything else about the address).
  /// The services and `clock` outlive the server; without batches and audit their addresses are not there.
  static Result<std::unique_ptr<Server>> create(ServerOptions options, service::DiagnoseService& service, service::FilmService& films,
                                                service::CaseService& cases, const Clock& clock, Logger logger, service::BatchService* batches = nullptr,
                                                service::AuditTrail* audit = nullptr);

  /// Joins the workers; answers that the service still owes are dropped when they come. Not while run() runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until stop(). Call once.
  void run();

  /// Says that it is not ready and answers on for as long as the options say (`drain`), a second call ends that; then takes no more connections, closes the idle
  /// ones, lets requests in flight finish within the grace period, closes everything and lets run() return. Any thread, any number of times, also before run();
  /// not from a signal handler.
  void stop();

  /// Requests wait for a worker. Any thread.
  bool is_busy() const;

  /// Reads the certificate's files again at once, though they look unchanged. Any thread; not from a signal handler.
  void reload_certificate();

  /// The port that is bound, also when the options said 0.
  std::uint16_t port() const;

 private:
  class Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace osler::http
