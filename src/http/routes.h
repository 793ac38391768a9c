// Every address this server answers at, as one table.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/middleware/auth.h"
#include "http/middleware/security_headers.h"
#include "http/static_files.h"
#include "service/audit_trail.h"
#include "service/batch_service.h"
#include "service/cases.h"
#include "service/films.h"

namespace osler::http {

/// What handlers work with. All of it outlives every request.
struct Parts {
  service::DiagnoseService& service;
  service::FilmService& films;
  service::CaseService& cases;
  const StaticFiles& files;
  Metrics& metrics;
  std::function<Gauges()> gauges;  // on the I/O thread only
  std::string version;
  bool trial = false;
  service::BatchService* batches = nullptr;  // of a server that has them
  service::AuditTrail* audit = nullptr;      // likewise
  std::function<bool()> draining{};          // told to stop, and still answering; empty: never
};

/// Takes the answer; called exactly once, on any thread.
using Done = std::function<void(Response)>;

/// Parses, calls a service, writes. `request` and `context` live until the handler returns, not until `done`.
using Handler = void (*)(const Parts& parts, const Request& request, const service::RequestContext& context,
                         const Done& done);

/// Takes a body that is too large to be held, piece by piece: each call on a worker, one after the other. One that goes without finish() was cut off.
class BodyTaker {
 public:
  virtual ~BodyTaker() = default;
  /// Before the body is read. An answer ends the exchange, here and below.
  virtual std::optional<Response> begin() = 0;
  virtual std::optional<Response> take(std::string_view piece) = 0;
  /// The body has come to its end.
  virtual Response finish() = 0;
};

/// On the I/O thread: must not wait. `parts` outlives what it makes.
using OpenBody = std::unique_ptr<BodyTaker> (*)(const Parts& parts, const Request& request, const service::RequestContext& context);

enum class Runs {
  on_io_thread,    // takes microseconds
  on_worker,       // needs a core
  on_film_worker,  // needs a core for long: on threads of its own, so that no diagnosis waits behind it
  on_store_worker,  // waits for the store: on those threads too
};

struct Route {
  std::string_view method;   // GET also answers HEAD
  std::string_view path;     // a trailing * stands for anything, one segment {id} for a UUID
  Handler handler;
  RoleSet roles;
  bool rate_limited;
  Runs runs;
  std::string_view takes;    // media types of the body, with commas between; empty: a body is read and ignored
  std::size_t max_body_bytes;
  ContentPolicy policy;
  Scope scope = Scope::diagnose;  // that a token must have; on a route that is open to anyone it means nothing
  bool break_glass = false;  // whether a clinician may look at what is not theirs, for a reason in X-Break-Glass
  OpenBody open_body = nullptr;  // instead of a handler, where the body is taken in pieces
};

std::span<const Route> routes();

/// Whether its bodies are held and so large that they are counted together (http/upload_room.h).
inline bool is_upload(const Route& route) { return route.max_body_bytes > limits::kMaxBodyBytes && route.open_body == nullptr; }

struct RouteMatch {
  const Route* route = nullptr;  // none: 404 when `allow` is empty, else 405
  std::string allow;             // methods of this path, as in the Allow field
  std::string_view id;           // what stands for {id}; a view into the path
};

/// Compares bytes: a path that is escaped, doubled or dotted is another path.
RouteMatch match_route(std::string_view method, std::string_view path);

}  // namespace osler::http
