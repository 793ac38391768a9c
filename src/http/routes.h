// Every address this server answers at, as one table.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/middleware/auth.h"
#include "http/middleware/security_headers.h"
#include "http/static_files.h"
#include "service/films.h"

namespace osler::http {

/// What handlers work with. All of it outlives every request.
struct Parts {
  service::DiagnoseService& service;
  service::FilmService& films;
  const StaticFiles& files;
  Metrics& metrics;
  std::function<Gauges()> gauges;  // on the I/O thread only
  std::string version;
  bool trial = false;
};

/// Takes the answer; called exactly once, on any thread.
using Done = std::function<void(Response)>;

/// Parses, calls a service, writes. `request` and `context` live until the handler returns, not until `done`.
using Handler = void (*)(const Parts& parts, const Request& request, const service::RequestContext& context,
                         const Done& done);

enum class Runs {
  on_io_thread,    // takes microseconds
  on_worker,       // needs a core
  on_film_worker,  // needs a core for long: on threads of its own, so that no diagnosis waits behind it
};

struct Route {
  std::string_view method;   // GET also answers HEAD
  std::string_view path;     // a trailing * stands for anything
  Handler handler;
  RoleSet roles;
  bool rate_limited;
  Runs runs;
  std::string_view takes;    // media type of the body; empty: a body is read and ignored
  std::size_t max_body_bytes;
  ContentPolicy policy;
};

std::span<const Route> routes();

/// Whether its bodies are large enough to be counted together (http/upload_room.h).
inline bool is_upload(const Route& route) { return route.max_body_bytes > limits::kMaxBodyBytes; }

struct RouteMatch {
  const Route* route = nullptr;  // none: 404 when `allow` is empty, else 405
  std::string allow;             // methods of this path, as in the Allow field
};

/// Compares bytes: a path that is escaped, doubled or dotted is another path.
RouteMatch match_route(std::string_view method, std::string_view path);

}  // namespace osler::http
