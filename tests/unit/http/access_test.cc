// Every route times every role times every state of a key, cell by cell. A route that is not in the table below fails: whoever adds one says here who may.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "http/edge.h"
#include "http/middleware/jwt.h"
#include "http/middleware/key_text.h"
#include "inspect.h"
#include "manual_clock.h"
#include "signed_tokens.h"

namespace osler::http {
namespace {

using testing::key_set;
using testing::SigningKey;

constexpr Role kRoles[] = {Role::clinician, Role::integrator, Role::data_scientist, Role::auditor, Role::admin};
constexpr Scope kScopes[] = {Scope::diagnose, Scope::read, Scope::operate};
constexpr const char* kEveryRole = "clinician integrator data_scientist auditor admin";
constexpr const char* kWhoDiagnoses = "clinician integrator admin";
constexpr const char* kWhoSendsBatches = "clinician integrator data_scientist admin";
constexpr const char* kWhoSeesCases = "clinician integrator";
constexpr const char* kWhoRemoves = "admin";
constexpr const char* kWhoAudits = "auditor";
constexpr const char* kAnyone = "anyone";

struct Expectation {
  const char* roles;  // or anyone
  Scope scope = Scope::diagnose;
  bool break_glass = false;
};

/// docs/access.md shows the same.
const std::map<std::string, Expectation> kExpected = {
    {"POST /api/v1/diagnose", {kWhoDiagnoses}},
    {"POST /api/v1/findings", {kWhoDiagnoses}},
    {"POST /api/v1/next", {kWhoDiagnoses}},
    {"POST /predict", {kWhoDiagnoses}},
    {"POST /api/v1/images/predict", {kWhoDiagnoses}},
    {"POST /api/v1/batches", {kWhoSendsBatches}},
    {"GET /api/v1/batches", {kWhoSendsBatches, Scope::read}},
    {"GET /api/v1/batches/{id}", {kWhoSendsBatches, Scope::read}},
    {"GET /api/v1/batches/{id}/results", {kWhoSendsBatches, Scope::read}},
    {"POST /api/v1/batches/{id}/cancel", {kWhoSendsBatches}},
    {"POST /api/v1/cases/search", {kWhoSeesCases, Scope::read}},
    {"GET /api/v1/cases", {kWhoSeesCases, Scope::read}},
    {"GET /api/v1/cases/{id}", {kWhoSeesCases, Scope::read, true}},
    {"POST /api/v1/cases/{id}/outcome", {kWhoSeesCases}},
    {"POST /api/v1/cases/{id}/share", {kWhoSeesCases}},
    {"POST /api/v1/patients/delete", {kWhoRemoves, Scope::operate}},
    {"POST /api/v1/patients/hold", {kWhoRemoves, Scope::operate}},
    {"GET /api/v1/audit", {kWhoAudits, Scope::read}},
    {"POST /api/v1/audit/accesses", {kWhoAudits, Scope::read}},
    {"GET /api/v1/complete", {kEveryRole}},
    {"GET /api/v1/metrics", {kEveryRole, Scope::operate}},
    {"GET /api/v1/about", {kAnyone}},
    {"GET /api/openapi.json", {kAnyone}},
    {"GET /api/docs", {kAnyone}},
    {"GET /api/redoc", {kAnyone}},
    {"GET /health/live", {kAnyone}},
    {"GET /health/ready", {kAnyone}},
    {"GET /films", {kAnyone}},
    {"GET /", {kAnyone}},
    {"GET /favicon.ico", {kAnyone}},
    {"GET /static/*", {kAnyone}},
};

bool lets_in(const Expectation& expected, Role role) {
  std::istringstream names(expected.roles);
  for (std::string name; names >> name;)
    if (name == name_of(role)) return true;
  return false;
}

std::string name_of_route(const Route& route) { return std::string(route.method) + " " + std::string(route.path); }

/// A path that a pattern stands for.
std::string path_of(const Route& route) {
  std::string path(route.path);
  for (const std::string_view part : {"*", "{id}"})
    if (const std::size_t at = path.find(part); at != std::string::npos) path.replace(at, part.size(), "11111111-2222-4333-8444-555555555555");
  return path;
}

std::string media_type_of(const Route& route) {
  if (route.takes.empty()) return "text/plain";
  const std::string_view first = route.takes.substr(0, route.takes.find(','));
  return std::string(first) + (first.starts_with("multipart/") ? "; boundary=x" : "");
}

class Access : public ::testing::Test {
 protected:
  enum class State { valid, expired, revoked };

  Access() : source_([this] { return Result<std::string>(key_set({signer_.jwk()})); }, {}, clock_, Logger(LogLevel::error)),
             tokens_({.issuer = "i", .audience = "a"}, source_) {
    std::vector<cases::StoredApiKey> stored;
    for (const Role role : kRoles)
      for (const State state : {State::valid, State::expired, State::revoked}) stored.push_back(make_key(role, state));
    keys_.replace(std::move(stored));
    options_.tls = TlsFiles{"c", "k"};
    options_.stored_keys = &keys_;
    options_.tokens = &tokens_;
    options_.rate_limit_per_minute = 1'000'000;
  }

  cases::StoredApiKey make_key(Role role, State state) {
    const KeyText key = make_key_text();
    text_[{role, state}] = key.text;
    cases::StoredApiKey stored{.name = std::string(name_of(role)) + std::to_string(static_cast<int>(state)), .role = std::string(name_of(role)), .prefix = key.prefix,
                               .digest = {}, .created = {}, .expires = clock_.now() + std::chrono::hours(1), .revoked = {}};
    if (state == State::expired) stored.expires = clock_.now();
    if (state == State::revoked) stored.revoked = clock_.now();
    stored.digest = sha256(as_bytes(key_statement(key.text, stored)));
    return stored;
  }

  std::string token(Role role, const std::string& scope, long long seconds_left) const {
    const long long now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    return signer_.token({{"alg", "ES256"}}, {{"iss", "i"}, {"aud", "a"}, {"sub", "s"}, {"roles", name_of(role)}, {"scope", scope}, {"exp", now + seconds_left}});
  }

  /// 0: the handler would run. With an edge of its own, so that no lock-out of another cell is met.
  unsigned ask(const Route& route, const std::string& credential) {
    Edge edge = Edge::create(options_, metrics_, clock_, Logger(LogLevel::error)).value();
    Exchange exchange;
    exchange.request.method = std::string(route.method);
    exchange.request.path = path_of(route);
    exchange.request.peer_address = "192.0.2.1";
    exchange.request.headers.add("Content-Type", media_type_of(route));
    if (!credential.empty()) exchange.request.headers.add("Authorization", "Bearer " + credential);
    edge.begin(exchange);
    auto refusal = edge.identify(exchange);
    if (!refusal) refusal = edge.admit(exchange);
    return refusal ? refusal->status : 0;
  }

  SigningKey signer_ = SigningKey::ec();
  testing::ManualClock clock_;
  KeySetSource source_;
  TokenVerifier tokens_;
  HeldKeys keys_{[](std::string_view key) { return sha256(as_bytes(key)); }};
  std::map<std::pair<Role, State>, std::string> text_;
  Metrics metrics_{"1", "m"};
  ServerOptions options_;
};

TEST_F(Access, EveryRouteIsExpectedAndEveryExpectationIsARoute) {
  std::map<std::string, Expectation> left = kExpected;
  for (const Route& route : routes()) EXPECT_EQ(left.erase(name_of_route(route)), 1u) << name_of_route(route) << ": say in this test who may";
  for (const auto& [name, expected] : left) ADD_FAILURE() << name << " is no route";
}

TEST_F(Access, TheGlassMayBeBrokenWhereTheTableSaysAndNowhereElse) {
  for (const Route& route : routes()) {
    const auto expected = kExpected.find(name_of_route(route));
    if (expected != kExpected.end()) { EXPECT_EQ(route.break_glass, expected->second.break_glass) << expected->first; }
  }
}

TEST_F(Access, EveryRouteTimesEveryRoleTimesEveryStateOfAKey) {
  for (const Route& route : routes()) {
    const std::string name = name_of_route(route);
    if (!kExpected.contains(name)) continue;
    const Expectation& expected = kExpected.at(name);
    const bool open = expected.roles == std::string(kAnyone);
    const unsigned refused = open ? 0 : 401;
    EXPECT_EQ(ask(route, ""), refused) << name << " without a key";
    EXPECT_EQ(ask(route, make_key_text().text), refused) << name << " with a wrong key";
    for (const Role role : kRoles) {
      EXPECT_EQ(ask(route, text_.at({role, State::expired})), refused) << name << ", expired, " << name_of(role);
      EXPECT_EQ(ask(route, text_.at({role, State::revoked})), refused) << name << ", revoked, " << name_of(role);
      EXPECT_EQ(ask(route, token(role, "", -61)), refused) << name << ", expired token, " << name_of(role);
      const unsigned allowed = open || lets_in(expected, role) ? 0 : 403;
      EXPECT_EQ(ask(route, text_.at({role, State::valid})), allowed) << name << ", " << name_of(role);
      EXPECT_EQ(ask(route, token(role, "", 60)), allowed) << name << ", token, " << name_of(role);
    }
  }
}

TEST_F(Access, EveryRouteTimesEveryScope) {
  for (const Route& route : routes()) {
    const std::string name = name_of_route(route);
    if (!kExpected.contains(name)) continue;
    const Expectation& expected = kExpected.at(name);
    for (const Role role : kRoles)
      for (const Scope scope : kScopes) {
        const bool allowed = expected.roles == std::string(kAnyone) || (lets_in(expected, role) && scope == expected.scope);
        EXPECT_EQ(ask(route, token(role, std::string(name_of(scope)), 60)), allowed ? 0u : 403u) << name << ", " << name_of(role) << ", " << name_of(scope);
      }
  }
}

TEST_F(Access, TheOperatorsTableIsThisTable) {
  std::ifstream stream(OSLER_SOURCE_DIR "/docs/access.md", std::ios::binary);
  const std::string page((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  for (const auto& [name, expected] : kExpected) {
    std::string row = "| `" + name + "` |";
    for (const Role role : kRoles) row += expected.roles == std::string(kAnyone) || lets_in(expected, role) ? " yes |" : " |";
    row += expected.roles == std::string(kAnyone) ? " none needed |" : " `" + std::string(name_of(expected.scope)) + "` |";
    EXPECT_NE(page.find(row + "\n"), std::string::npos) << "docs/access.md lacks: " << row;
  }
}

}  // namespace
}  // namespace osler::http
