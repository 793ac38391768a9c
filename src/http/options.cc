#include "http/options.h"

#include <algorithm>
#include <set>

#include "http/middleware/client_address.h"

namespace osler::http {

namespace {

Error refuse(std::string why) { return make_error(ErrorCode::configuration, std::move(why)); }

/// TLS ends at a proxy on this machine, and nobody else can reach this port.
bool is_behind_own_proxy(const ServerOptions& options, const IpAddress& address) {
  return address.is_loopback() && !options.trusted_proxies.empty() &&
         std::all_of(options.trusted_proxies.begin(), options.trusted_proxies.end(), [](const std::string& text) {
           const auto proxy = IpAddress::parse(text);
           return proxy && proxy->is_loopback();
         });
}

}  // namespace

Result<void> check_listening(const ServerOptions& options) {
  const auto address = IpAddress::parse(options.address);
  if (!address) return refuse("The address to listen on must be a numeric IPv4 or IPv6 address.");
  if (options.rate_limit_per_minute == 0) return refuse("The rate limit must be at least 1 request a minute.");
  if (options.threads > 1024) return refuse("The number of worker threads must be at most 1024.");
  if (options.trial && !address->is_loopback()) return refuse("Trial mode has no authentication, so it binds to loopback only.");
  if (!options.trial && !options.tls && !is_behind_own_proxy(options, *address))
    return refuse("Outside trial mode the server needs TLS: a certificate chain and a private key (or, where a proxy on this machine ends TLS, a loopback address to listen "
                  "on and trusted proxies that are loopback addresses).");
  return ok();
}

Result<void> check_options(const ServerOptions& options) {
  TRY_VOID(check_listening(options));
  if (options.trial) return ok();
  if (options.api_keys.empty() && options.stored_keys == nullptr && options.tokens == nullptr)
    return refuse("Outside trial mode the server needs at least one API key, or tokens to trust.");
  std::set<std::string> names;
  for (const ApiKey& key : options.api_keys)
    if (!names.insert(key.name()).second) return refuse("Two API keys have the name " + key.name() + ".");
  return ok();
}

}  // namespace osler::http
