// Cross-origin requests (the Fetch standard's CORS protocol) from configured origins only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

/// Immutable, thread-safe.
class Cors {
 public:
  /// Each origin is `scheme://host` with an optional port, lower case, no path. "*" and "null" are
  /// ErrorCode::configuration: an answer about a patient is for no page that nobody named.
  static Result<Cors> create(std::vector<std::string> origins);

  /// OPTIONS with Origin and Access-Control-Request-Method.
  static bool is_preflight(const Request& request);

  /// Adds Access-Control-Allow-Origin when the request's origin is a configured one (byte for byte), and Vary. Never adds
  /// Access-Control-Allow-Credentials: keys travel in a header that the page sets itself.
  void decorate(const Request& request, Response& response) const;

  /// The 204 of a preflight; `methods` as in Allow.
  Response preflight(const Request& request, std::string_view methods) const;

 private:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}
  bool allows(const Request& request) const;
  std::vector<std::string> origins_;
};

}  // namespace osler::http
