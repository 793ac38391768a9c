// Guessing at keys, at the edge.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "http/edge.h"
#include "http/middleware/key_text.h"
#include "inspect.h"
#include "manual_clock.h"

namespace osler::http {
namespace {

using testing::header;

class LockOut : public ::testing::Test {
 protected:
  LockOut() {
    cases::StoredApiKey ward{.name = "ward", .role = "clinician", .prefix = good_.prefix, .digest = {}, .created = {}, .expires = {}, .revoked = {}};
    ward.digest = digest_of(key_statement(good_.text, ward));
    keys_.replace({ward});
    options_.tls = TlsFiles{"c", "k"};
    options_.stored_keys = &keys_;
    options_.rate_limit_per_minute = 1000;
    options_.on_unaudited = [this](const service::RequestContext&, audit::Action action, const std::string& outcome) {
      denied_ += action == audit::Action::login_denied;
      limited_ += action == audit::Action::rate_limited;
      EXPECT_TRUE(outcome == "/api/v1/metrics" || outcome == "answered /api/v1/metrics") << outcome;
    };
    edge_.emplace(Edge::create(options_, metrics_, clock_, Logger(LogLevel::error)).value());
  }

  static Digest digest_of(std::string_view statement) { return sha256(as_bytes(statement)); }

  Response ask(const std::string& key, const std::string& address = "192.0.2.1") {
    Exchange exchange;
    exchange.request.method = "GET";
    exchange.request.path = "/api/v1/metrics";
    exchange.request.peer_address = address;
    if (!key.empty()) exchange.request.headers.add("X-API-Key", key);
    edge_->begin(exchange);
    auto refusal = edge_->identify(exchange);
    if (!refusal) refusal = edge_->admit(exchange);
    Response answer = refusal.value_or(Response{});
    edge_->finish(exchange, answer);
    return answer;
  }
  unsigned status(const std::string& key, const std::string& address = "192.0.2.1") { return ask(key, address).status; }
  void guess_out(const std::string& address) {
    for (std::size_t i = 0; i < limits::kMaxFailedLogins; ++i) EXPECT_EQ(status("guess", address), 401u) << i;
  }
  bool counted(const std::string& line) const { return metrics_.text({}).find(line + "\n") != std::string::npos; }

  const KeyText good_ = make_key_text();
  HeldKeys keys_{digest_of};
  testing::ManualClock clock_;
  Metrics metrics_{"1", "m"};
  ServerOptions options_;
  std::optional<Edge> edge_;
  int denied_ = 0, limited_ = 0;
};

TEST_F(LockOut, AnAddressThatGuessesWaitsWhateverItPresents) {
  guess_out("192.0.2.1");
  const Response locked = ask("guess");
  EXPECT_EQ(locked.status, 429u);
  EXPECT_EQ(header(locked, "Retry-After"), std::to_string(limits::kFailedLoginInterval.count()));
  EXPECT_EQ(status(good_.text), 429u);
  EXPECT_EQ(status(good_.text, "192.0.2.2"), 200u);
  EXPECT_TRUE(counted("http_failed_logins_total 10"));
  EXPECT_TRUE(counted("http_locked_out_total{by=\"address\"} 2"));
  EXPECT_EQ(denied_, 10);
  EXPECT_EQ(limited_, 2);
}

TEST_F(LockOut, EndsByItselfAndTriesMeanwhileDoNotProlongIt) {
  guess_out("192.0.2.1");
  for (int i = 0; i < 29; ++i) {
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(status(good_.text), 429u) << i;
  }
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(status(good_.text), 200u);
  EXPECT_EQ(status(good_.text), 200u);  // a right key costs nothing
  EXPECT_EQ(status("guess"), 401u);
  EXPECT_EQ(status("guess"), 429u);
}

TEST_F(LockOut, NeitherNothingNorTheOpenRoutesCountAsGuesses) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(status(""), 401u);
  EXPECT_EQ(status(good_.text), 200u);
  EXPECT_TRUE(counted("http_failed_logins_total 0"));
  EXPECT_EQ(denied_, 100);  // a missing key is no guess, but the audit names it
}

TEST_F(LockOut, GuessesAtOneKeyFromEverywhereWaitButTheRightKeyDoesNot) {
  const std::string wrong = good_.text.substr(0, 15) + make_key_text().text.substr(15);
  const auto address = [](std::size_t i) { return "198.51.100." + std::to_string(i); };
  for (std::size_t i = 0; i < limits::kMaxFailedLogins; ++i) EXPECT_EQ(status(wrong, address(i)), 401u);
  EXPECT_EQ(status(wrong, address(77)), 429u);
  EXPECT_TRUE(counted("http_locked_out_total{by=\"key\"} 1"));
  EXPECT_EQ(status(good_.text, address(78)), 200u);
}

TEST_F(LockOut, AnIpv6NetworkIsOneAddress) {
  for (std::size_t i = 0; i < limits::kMaxFailedLogins; ++i) EXPECT_EQ(status("guess", "2001:db8::" + std::to_string(i)), 401u);
  EXPECT_EQ(status("guess", "2001:db8::99"), 429u);
  EXPECT_EQ(status("guess", "2001:db8:0:1::1"), 401u);
}

}  // namespace
}  // namespace osler::http
