#include "http/middleware/trial_guard.h"

#include <algorithm>

#include "http/target.h"

namespace osler::http {

bool is_loopback_host(std::string_view host) {
  const std::size_t name_end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  const std::string_view name = host.substr(0, name_end);
  if (!equal_ignoring_case(name, "localhost") && name != "127.0.0.1" && name != "[::1]") return false;
  if (name.size() == host.size()) return true;
  const std::string_view port = host.substr(name.size());
  return port.front() == ':' && parse_count(port.substr(1), 1, 65535).has_value();
}

Result<void> check_trial_request(const HeaderFields& headers) {
  const auto host = headers.find("host");
  if (headers.count("host") != 1 || !is_loopback_host(*host))
    return make_error(ErrorCode::forbidden,
                      "In trial mode this server answers only under localhost, 127.0.0.1 or [::1] (the Host header).");
  const bool proxied = std::any_of(headers.all().begin(), headers.all().end(), [](const auto& field) {
    return field.first == "forwarded" || field.first == "x-real-ip" || field.first == "via" ||
           field.first.starts_with("x-forwarded-");
  });
  if (proxied)
    return make_error(ErrorCode::forbidden,
                      "In trial mode this server does not answer through a proxy: configure TLS and API keys instead.");
  return ok();
}

}  // namespace osler::http
