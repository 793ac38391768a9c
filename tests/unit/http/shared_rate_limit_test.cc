// The shared limit over a real server that is killed, stopped, flushed and made unable to write.
#include "http/middleware/shared_rate_limit.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <latch>
#include <map>

#include "base/limits.h"
#include "base/sha256.h"
#include "redis_server.h"

namespace osler::http {
namespace {

using testing::RedisServer;
using Verdict = std::optional<RateVerdict>;

/// Whether a limit is shared, and when that changes.
class Watch {
 public:
  SharedRateLimit::Observer observer() {
    return [this](bool shared) {
      const std::lock_guard lock(mutex_);
      shared_ = shared;
      ++changes_;
      changed_.notify_all();
    };
  }
  bool becomes(bool shared) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return shared_ == shared; });
  }
  int changes() {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool shared_ = false;
  int changes_ = 0;
};

std::string hashed(std::string_view client) { return to_hex(hmac_sha256(as_bytes("secret"), as_bytes(client))); }

/// Long enough for any machine, where the server is there.
constexpr std::chrono::milliseconds kPatient{20'000};

struct Limit {
  Limit(const RedisAddress& address, unsigned per_minute, std::chrono::milliseconds patience = kPatient)
      : limit({.address = address, .per_minute = per_minute, .name_of = hashed, .patience = patience}, Logger(LogLevel::error), watch.observer()) {}

  /// All at once; the verdicts in order.
  std::vector<Verdict> take(const std::vector<std::string>& clients) {
    std::vector<Verdict> verdicts(clients.size());
    std::latch left(static_cast<std::ptrdiff_t>(clients.size()));
    for (std::size_t i = 0; i < clients.size(); ++i)
      limit.take(clients[i], [&verdicts, &left, i](Verdict verdict) {
        verdicts[i] = verdict;
        left.count_down();
      });
    left.wait();
    return verdicts;
  }
  Verdict take(const std::string& client) { return take(std::vector{client}).front(); }

  Watch watch;
  SharedRateLimit limit;
};

bool is_allowed(const Verdict& verdict) { return verdict && verdict->wait.count() == 0; }

/// The server's own clock, in seconds.
double time_of(const RedisServer& server) { return std::stod(server.ask({"EVAL", "local t = redis.call('TIME') return t[1] .. '.' .. string.format('%06d', t[2])", "0"}).text); }

TEST(SharedRateLimit, TwoLimitersGiveOneBurstBetweenThemForEachOfManyClients) {
  const RedisServer server;
  constexpr unsigned kPerMinute = 30;
  constexpr int kClients = 40, kRounds = 25;  // 50 tries a client
  Limit one(server.address(), kPerMinute), two(server.address(), kPerMinute);
  std::vector<std::string> clients;
  for (int round = 0; round < kRounds; ++round)
    for (int client = 0; client < kClients; ++client) clients.push_back("key " + std::to_string(client));
  const double begin = time_of(server);
  std::vector<Verdict> first, second;
  std::thread other([&] { second = two.take(clients); });
  first = one.take(clients);
  other.join();
  const double elapsed = time_of(server) - begin;
  std::map<std::string, int> allowed;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    ASSERT_TRUE(first[i] && second[i]) << "fell back at " << i;
    allowed[clients[i]] += is_allowed(first[i]) + is_allowed(second[i]);
  }
  const int most = static_cast<int>(kPerMinute + elapsed * kPerMinute / 60);
  for (const auto& [client, count] : allowed) {
    EXPECT_GE(count, static_cast<int>(kPerMinute)) << client;
    EXPECT_LE(count, most) << client << " in " << elapsed << " s";
  }
}

TEST(SharedRateLimit, TellsHowLongToWait) {
  const RedisServer server;
  Limit limit(server.address(), 5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_allowed(limit.take("a")));
  const Verdict verdict = limit.take("a");
  ASSERT_TRUE(verdict);
  EXPECT_GE(verdict->wait.count(), 1);
  EXPECT_LE(verdict->wait.count(), 12);
  EXPECT_TRUE(is_allowed(limit.take("b")));
}

TEST(SharedRateLimit, NamesThereAreHashesAndGoByThemselves) {
  const RedisServer server;
  Limit limit(server.address(), 60);
  EXPECT_TRUE(is_allowed(limit.take("key ward")));
  EXPECT_EQ(server.ask({"EXISTS", "osler:rate:" + hashed("key ward")}).integer, 1);
  const long long left = server.ask({"PTTL", "osler:rate:" + hashed("key ward")}).integer;
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 1001);
  EXPECT_EQ(server.ask({"DBSIZE"}).integer, 2);  // and the probe
}

TEST(SharedRateLimit, AScriptThatWasFlushedIsLoadedAgainAndNothingIsLost) {
  const RedisServer server;
  Limit limit(server.address(), 3);
  EXPECT_TRUE(is_allowed(limit.take("a")));
  EXPECT_EQ(server.ask({"SCRIPT", "FLUSH"}).text, "OK");
  int allowed = 0;
  for (const Verdict& verdict : limit.take(std::vector<std::string>(10, "a"))) {
    ASSERT_TRUE(verdict);
    allowed += is_allowed(verdict);
  }
  EXPECT_EQ(allowed, 2);
  EXPECT_EQ(limit.watch.changes(), 1);
}

TEST(SharedRateLimit, AClockThatWasSetBackLocksNobodyOut) {
  const RedisServer server;
  Limit limit(server.address(), 60);
  EXPECT_EQ(server.ask({"SET", "osler:rate:" + hashed("a"), "9000000000000000"}).text, "OK");
  const Verdict verdict = limit.take("a");
  ASSERT_TRUE(verdict);
  EXPECT_LE(verdict->wait.count(), 1);
}

TEST(SharedRateLimit, KilledAndRestartedUnderLoadEachTakeIsAnsweredOnce) {
  RedisServer server;
  Limit limit(server.address(), 1'000'000);
  std::atomic<bool> done = false;
  std::atomic<long long> asked = 0, answered = 0, shared = 0;
  std::vector<std::thread> load;
  for (int i = 0; i < 3; ++i)
    load.emplace_back([&, i] {
      while (!done) {
        ++asked;
        std::latch one(1);
        limit.limit.take("client " + std::to_string(i), [&](Verdict verdict) {
          ++answered;
          shared += verdict.has_value();
          one.count_down();
        });
        one.wait();
      }
    });
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(limit.watch.becomes(true));
    const long long before = shared;
    while (shared < before + 100) std::this_thread::yield();
    server.kill();
    EXPECT_TRUE(limit.watch.becomes(false));
    server.start();
  }
  EXPECT_TRUE(limit.watch.becomes(true));
  done = true;
  for (std::thread& thread : load) thread.join();
  EXPECT_EQ(asked, answered);
  EXPECT_TRUE(is_allowed(limit.take("a")));
}

TEST(SharedRateLimit, AHangingServerIsLeftAndFoundAgain) {
  const RedisServer server;
  Limit limit(server.address(), 60, limits::kSharedRateLimitPatience);
  server.signal(SIGSTOP);
  for (const Verdict& verdict : limit.take(std::vector<std::string>(100, "a"))) EXPECT_FALSE(verdict);
  EXPECT_TRUE(limit.watch.becomes(false));
  EXPECT_FALSE(limit.limit.shared());
  EXPECT_FALSE(limit.take("a"));  // at once, without asking
  server.signal(SIGCONT);
  EXPECT_TRUE(limit.watch.becomes(true));
}

TEST(SharedRateLimit, WhatWaitsIsBounded) {
  const RedisServer server;
  Limit limit(server.address(), 60, limits::kSharedRateLimitPatience);
  server.signal(SIGSTOP);
  const auto verdicts = limit.take(std::vector<std::string>(3 * limits::kMaxSharedRateLimitQueue, "a"));
  EXPECT_TRUE(std::none_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.has_value(); }));
  server.signal(SIGCONT);
}

TEST(SharedRateLimit, AServerThatCannotWriteIsAway) {
  const RedisServer server;
  Limit limit(server.address(), 60);
  EXPECT_TRUE(limit.take("a"));
  EXPECT_EQ(server.ask({"CONFIG", "SET", "min-replicas-to-write", "1"}).text, "OK");
  EXPECT_FALSE(limit.take("a"));
  const int changes = limit.watch.changes();
  EXPECT_EQ(changes, 2);  // it is not taken back while it only answers
  EXPECT_EQ(server.ask({"CONFIG", "SET", "min-replicas-to-write", "0"}).text, "OK");
  EXPECT_TRUE(limit.watch.becomes(true));
  EXPECT_EQ(limit.watch.changes(), 3);
}

TEST(SharedRateLimit, AServerThatIsAwayAtTheStartIsFoundLater) {
  RedisServer server;
  server.kill();
  Limit limit(server.address(), 60);
  EXPECT_FALSE(limit.take("a"));
  server.start();
  EXPECT_TRUE(limit.watch.becomes(true));
  EXPECT_TRUE(is_allowed(limit.take("a")));
}

TEST(SharedRateLimit, TheEndAnswersAllThatWaits) {
  const RedisServer server;
  int answers = 0;
  std::mutex mutex;
  {
    SharedRateLimit limit({.address = server.address(), .per_minute = 60, .name_of = hashed}, Logger(LogLevel::error));
    server.signal(SIGSTOP);
    for (int i = 0; i < 1000; ++i)
      limit.take("a", [&](Verdict) {
        const std::lock_guard lock(mutex);
        ++answers;
      });
  }
  EXPECT_EQ(answers, 1000);
  server.signal(SIGCONT);
}

}  // namespace
}  // namespace osler::http
