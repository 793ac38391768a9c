#include "http/middleware/jwks_source.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>

#include "http/middleware/https_fetch.h"
#include "manual_clock.h"
#include "signed_tokens.h"

namespace osler::http {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::key_set;
using testing::SigningKey;

/// A source of key sets that tells when it was asked.
class Source {
 public:
  Result<std::string> load() {
    const std::lock_guard lock(mutex_);
    ++loads_;
    changed_.notify_all();
    return now_;
  }
  void set(Result<std::string> text) {
    const std::lock_guard lock(mutex_);
    now_ = std::move(text);
  }
  void wait_for(int loads) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, seconds(20), [&] { return loads_ >= loads; }));
  }
  int loads() {
    const std::lock_guard lock(mutex_);
    return loads_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int loads_ = 0;
  Result<std::string> now_ = make_error(ErrorCode::unavailable, "away");
};

constexpr KeySetSource::Timing kOnlyWhenAsked = {.refresh = hours(1), .retry = hours(1), .unknown_key = seconds(60)};
constexpr KeySetSource::Timing kAlways = {.refresh = std::chrono::milliseconds(1), .retry = std::chrono::milliseconds(1), .unknown_key = seconds(60)};

std::string set_of(const std::string& id) {
  static const SigningKey key = SigningKey::ec();
  return key_set({key.jwk(id)});
}

/// Waits until the keys are those of `id`, or the source has none of it after thousands of loads.
bool comes_to_hold(const KeySetSource& keys, Source& source, const std::string& id) {
  for (int round = 0; round < 5000; ++round) {
    if (const auto held = keys.keys(); held && held->has(id)) return true;
    source.wait_for(source.loads() + 1);
  }
  return false;
}

TEST(KeySetSource, LoadsBeforeItReturnsAndKeepsTheOldSetWhenTheSourceIsAway) {
  Source source;
  source.set(set_of("first"));
  const testing::ManualClock clock;
  const KeySetSource keys([&] { return source.load(); }, kAlways, clock, Logger(LogLevel::error));
  ASSERT_TRUE(keys.keys());
  EXPECT_TRUE(keys.keys()->has("first"));
  for (const Result<std::string>& bad : {Result<std::string>(make_error(ErrorCode::unavailable, "away")), Result<std::string>("<html>"), Result<std::string>(R"({"keys":[]})")}) {
    source.set(bad);
    source.wait_for(source.loads() + 3);  // at least two after the change
    EXPECT_TRUE(keys.keys()->has("first"));
  }
  source.set(set_of("second"));
  EXPECT_TRUE(comes_to_hold(keys, source, "second"));
}

TEST(KeySetSource, ASourceThatIsAwayAtTheStartIsAskedAgain) {
  Source source;
  const testing::ManualClock clock;
  const KeySetSource keys([&] { return source.load(); }, kAlways, clock, Logger(LogLevel::error));
  EXPECT_EQ(keys.keys(), nullptr);
  source.set(set_of("late"));
  EXPECT_TRUE(comes_to_hold(keys, source, "late"));
}

TEST(KeySetSource, AnUnknownKeyAsksAtMostOnceAMinute) {
  Source source;
  source.set(set_of("first"));
  testing::ManualClock clock;
  KeySetSource keys([&] { return source.load(); }, kOnlyWhenAsked, clock, Logger(LogLevel::error));
  for (int minute = 1; minute <= 3; ++minute) {
    for (int i = 0; i < 100; ++i) keys.miss();
    source.wait_for(1 + minute);
    clock.advance(seconds(59));
    keys.miss();
    clock.advance(seconds(1));
  }
  keys.miss();
  source.wait_for(5);
  EXPECT_EQ(source.loads(), 5);
}

// tests/integration/tokens.test.mjs fetches from a real server.
TEST(HttpsFetch, SpeaksNothingButHttps) {
  for (const std::string address : {"http://127.0.0.1:1/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "https://127.0.0.1:1/"}) {
    const auto body = fetch_https(address, "");
    ASSERT_FALSE(body) << address;
    EXPECT_EQ(body.error().code, ErrorCode::unavailable);
  }
  EXPECT_FALSE(fetch_https("https://127.0.0.1:1/", "/nowhere/ca.pem"));
}

}  // namespace
}  // namespace osler::http
