// One request and one answer as plain values: everything here but the socket code works on these, and is
// tested without sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "service/films.h"

namespace osler::http {

/// Header fields in the order they came; names are kept in lower case.
class HeaderFields {
 public:
  void add(std::string_view name, std::string_view value);
  /// The first value of a field; `name` in lower case. The view lives until the next add().
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// `query` and `body` may describe a patient: never log either, nor `path` (log the route's pattern).
struct Request {
  std::string method;  // as sent: methods are case-sensitive
  std::string path;    // before '?', not decoded
  std::string query;   // after '?', not decoded
  std::string id;      // what stands for {id} in the route's path: a UUID, in lower case
  HeaderFields headers;
  std::string body;
  std::string peer_address;  // of the socket, "127.0.0.1" or "::1"
};

struct Response {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // used instead of `body` when set
  std::vector<std::pair<std::string, std::string>> headers;

  // What the edge must know of the answer beside its bytes.
  std::optional<ErrorCode> error;                          // set on problem documents
  std::string log_detail;                                  // Error::internal; for the log only
  std::optional<service::AnswerStatistics> statistics;     // of a diagnosis
  std::optional<service::FilmStatistics> film_statistics;  // of a radiograph
  bool close = false;                                      // end the connection after this answer

  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
  void set_header(std::string_view name, std::string value);
};

/// ASCII only; leaves every other byte as it is.
std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);
/// Without spaces and tabs at either end.
std::string_view trim(std::string_view text);
/// What stands before the first `separator`, or all; `rest` becomes what stands after it.
std::string_view take_until(std::string_view& rest, char separator);

}  // namespace osler::http
