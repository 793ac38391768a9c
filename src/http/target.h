// The request target (RFC 9112 section 3.2) and its query.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace osler::http {

struct Target {
  std::string path;       // "/api/v1/diagnose"; "*" for OPTIONS *
  std::string query;      // without the '?'
  std::string authority;  // of an absolute-form target ("http://host:port/path"), else empty
};

/// ErrorCode::malformed for whatever is neither origin-form, absolute-form nor "*". Never repeats the input.
Result<Target> parse_target(std::string_view raw);

/// Decoded query parameters (application/x-www-form-urlencoded), each of them expected and given once.
class QueryParameters {
 public:
  /// Refuses what nobody asked for: ErrorCode::invalid with one entry for a parameter that is not in `allowed`,
  /// given twice, wrongly escaped or not UTF-8. The error names only parameters of `allowed`.
  static Result<QueryParameters> parse(std::string_view raw, std::initializer_list<std::string_view> allowed);

  std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// A decimal number in [low, high], nothing before or after it; none otherwise. Refuses infinities and NaN.
std::optional<double> parse_number(std::string_view text, double low, double high);
std::optional<std::size_t> parse_count(std::string_view text, std::size_t low, std::size_t high);

}  // namespace osler::http
