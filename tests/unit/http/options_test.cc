#include "http/options.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace osler::http {
namespace {

ApiKey key(std::string name) { return ApiKey::create(std::move(name), "clinician", std::string(64, 'a')).value(); }

ServerOptions hospital() {
  ServerOptions options;
  options.address = "0.0.0.0";
  options.tls = TlsFiles{"chain.pem", "key.pem"};
  options.api_keys = {key("one"), key("two")};
  return options;
}

ServerOptions trial() {
  ServerOptions options;
  options.trial = true;
  return options;
}

void expect_refused(const ServerOptions& options, std::string_view because) {
  const auto result = check_options(options);
  ASSERT_FALSE(result) << because;
  EXPECT_EQ(result.error().code, ErrorCode::configuration);
  EXPECT_NE(result.error().external.find(because), std::string::npos) << result.error().external;
}

TEST(Options, TheTwoWaysToStart) {
  EXPECT_TRUE(check_options(hospital()));
  EXPECT_TRUE(check_options(trial()));
  ServerOptions v6 = trial();
  v6.address = "::1";
  EXPECT_TRUE(check_options(v6));
}

TEST(Options, NoDoorIsOpenByAccident) {
  expect_refused(ServerOptions{}, "TLS");
  ServerOptions no_tls = hospital();
  no_tls.tls.reset();
  expect_refused(no_tls, "TLS");
  ServerOptions no_keys = hospital();
  no_keys.api_keys.clear();
  expect_refused(no_keys, "API key");
  ServerOptions stored = no_keys;
  const HeldKeys held([](std::string_view) { return Digest{}; });
  stored.stored_keys = &held;
  EXPECT_TRUE(check_options(stored));
  ServerOptions open_trial = trial();
  for (const std::string address : {"0.0.0.0", "::", "10.0.0.5"}) {
    open_trial.address = address;
    expect_refused(open_trial, "loopback");
  }
}

TEST(Options, TlsMayEndAtAProxyOnThisMachineAndNowhereElse) {
  ServerOptions behind = hospital();
  behind.tls.reset();
  behind.address = "127.0.0.1";
  expect_refused(behind, "TLS");  // nobody said that there is a proxy
  for (const std::string proxy : {"127.0.0.1", "::1"}) {
    behind.trusted_proxies = {proxy};
    EXPECT_TRUE(check_options(behind)) << proxy;
  }
  behind.trusted_proxies = {"127.0.0.1", "10.0.0.7"};
  expect_refused(behind, "TLS");
  behind.trusted_proxies = {"127.0.0.0/8"};
  expect_refused(behind, "TLS");
  behind.trusted_proxies = {"127.0.0.1"};
  for (const std::string address : {"0.0.0.0", "::", "10.0.0.5"}) {
    behind.address = address;
    expect_refused(behind, "TLS");
  }
  behind.address = "::1";
  behind.api_keys.clear();
  EXPECT_TRUE(check_listening(behind));
  expect_refused(behind, "API key");
}

TEST(Options, WrongValuesStopTheStart) {
  ServerOptions twice = hospital();
  twice.api_keys.push_back(key("one"));
  expect_refused(twice, "one");
  ServerOptions address = trial();
  address.address = "localhost";
  expect_refused(address, "numeric");
  ServerOptions limit = trial();
  limit.rate_limit_per_minute = 0;
  expect_refused(limit, "rate limit");
  ServerOptions threads = trial();
  threads.threads = 5000;
  expect_refused(threads, "threads");
}

TEST(Bounds, AreThoseOfTheLimits) {
  const Bounds bounds;
  EXPECT_EQ(bounds.max_connections, limits::kMaxConnections);
  EXPECT_EQ(bounds.max_queued_requests, limits::kMaxQueuedRequests);
  EXPECT_EQ(bounds.max_rate_limit_clients, limits::kMaxRateLimitClients);
  EXPECT_EQ(bounds.header_timeout, limits::kHeaderTimeout);
  EXPECT_EQ(bounds.body_timeout, limits::kBodyTimeout);
  EXPECT_EQ(bounds.idle_timeout, limits::kIdleTimeout);
}

}  // namespace
}  // namespace osler::http
