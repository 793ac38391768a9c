#include "http/options.h"

#include <set>

#include "http/middleware/client_address.h"

namespace osler::http {

namespace {

Error refuse(std::string why) { return make_error(ErrorCode::configuration, std::move(why)); }

Result<void> check_access(const ServerOptions& options, const IpAddress& address) {
  if (options.trial) {
    if (!address.is_loopback()) return refuse("Trial mode has no authentication, so it binds to loopback only.");
    return ok();
  }
  if (!options.tls) return refuse("Outside trial mode the server needs TLS: a certificate chain and a private key.");
  if (options.api_keys.empty()) return refuse("Outside trial mode the server needs at least one API key.");
  std::set<std::string> names;
  for (const ApiKey& key : options.api_keys)
    if (!names.insert(key.name()).second) return refuse("Two API keys have the name " + key.name() + ".");
  return ok();
}

}  // namespace

Result<void> check_options(const ServerOptions& options) {
  const auto address = IpAddress::parse(options.address);
  if (!address) return refuse("The address to listen on must be a numeric IPv4 or IPv6 address.");
  if (options.rate_limit_per_minute == 0) return refuse("The rate limit must be at least 1 request a minute.");
  if (options.threads > 1024) return refuse("The number of worker threads must be at most 1024.");
  return check_access(options, *address);
}

}  // namespace osler::http
