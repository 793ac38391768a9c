#include "cases/postgres/address.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

namespace osler::cases::postgres {

namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

Error refuse(std::string what) { return make_error(ErrorCode::configuration, "DATABASE_URL " + std::move(what)); }

Result<std::map<std::string, std::string>> parse(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &message));
  if (message) PQfreemem(message);  // it may repeat a password
  if (!options) return refuse("is not an address of PostgreSQL: it must be postgresql://user@host:port/database.");
  std::map<std::string, std::string> given;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option)
    if (option->val && *option->val) given[option->keyword] = option->val;
  return given;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') parts.emplace_back();
    else parts.back() += c;
  }
  return parts;
}

bool is_on_this_machine(const std::string& host) {
  if (host.starts_with('/') || host.starts_with('@')) return true;  // a folder of Unix sockets
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

Result<void> check_address(const std::string& url) {
  const auto given = TRY(parse(url));
  for (const char* name : {"PGHOSTADDR", "PGSERVICE"})  // libpq would follow them, whatever the host of the URL
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
      return refuse(std::string("does not say alone where it leads: take ") + name + " out of the environment.");
  if (given.contains("service")) return refuse("names a service file: write host, port and database instead.");
  // With an address the name is only what the certificate must say.
  const auto where = given.contains("hostaddr") ? given.find("hostaddr") : given.find("host");
  if (where == given.end()) return refuse("names no host: write a host, or a folder of Unix sockets as ?host=/run/postgresql.");
  bool here = true;
  for (const std::string& host : split(where->second)) {
    if (host.empty()) return refuse("names an empty host among others.");
    here = here && is_on_this_machine(host);
  }
  const auto mode = given.find("sslmode");
  if (here || (mode != given.end() && mode->second == "verify-full")) return ok();
  return refuse("leads beyond this machine, so it needs ?sslmode=verify-full (and sslrootcert=, unless the system knows the authority).");
}

}  // namespace osler::cases::postgres
