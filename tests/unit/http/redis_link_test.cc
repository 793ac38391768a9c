#include "http/middleware/redis_link.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/limits.h"
#include "http/middleware/deadline_socket.h"
#include "redis_server.h"

namespace osler::http {
namespace {

using testing::RedisServer;
using testing::soon;

TEST(RedisUrl, WhatItNames) {
  const auto tcp = parse_redis_url("redis://127.0.0.1:7000/3", "");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->stream.host, "127.0.0.1");
  EXPECT_EQ(tcp->stream.port, 7000);
  EXPECT_EQ(tcp->database, 3u);
  EXPECT_FALSE(tcp->stream.tls);
  EXPECT_EQ(parse_redis_url("redis://localhost", "")->stream.port, 6379);
  EXPECT_EQ(parse_redis_url("redis://[::1]:7000/", "")->stream.host, "::1");
  EXPECT_EQ(parse_redis_url("unix:///run/valkey/valkey.sock", "")->stream.socket_path, "/run/valkey/valkey.sock");
  const auto far = parse_redis_url("rediss://osler:p%40ss%3aword@cache.example:6380/1", "/etc/ca.pem");
  ASSERT_TRUE(far);
  EXPECT_TRUE(far->stream.tls);
  EXPECT_EQ(far->stream.ca_file, "/etc/ca.pem");
  EXPECT_EQ(far->user, "osler");
  EXPECT_EQ(far->password, "p@ss:word");
  EXPECT_EQ(parse_redis_url("rediss://:secret@cache.example", "")->user, "");
}

TEST(RedisUrl, WhatItRefusesAndNeverRepeats) {
  for (const std::string url : {"", "127.0.0.1", "http://127.0.0.1", "redis://", "redis://:hunter2@", "redis://cache.example", "redis://10.0.0.5:6379", "redis://hunter2@127.0.0.1",
                                "redis://localhost.evil.example", "redis://127.0.0.1:0", "redis://127.0.0.1:x", "redis://127.0.0.1/x", "redis://u:%zz@127.0.0.1", "unix://relative", "redis://127.0.0.1/1/2"}) {
    const auto address = parse_redis_url(url, "");
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, ErrorCode::configuration);
    EXPECT_EQ(describe(address.error()).find("hunter2"), std::string::npos);
  }
}

TEST(RedisLink, SpeaksOverTcpAndAUnixSocket) {
  const RedisServer server;
  RedisAddress local;
  local.stream.socket_path = server.socket_path();
  for (const RedisAddress& address : {server.address(), local}) {
    auto link = RedisLink::connect(address, soon());
    ASSERT_TRUE(link) << describe(link.error());
    const auto replies = (*link)->exchange({{"PING"}, {"INCR", "n"}, {"ECHO", std::string("a\0b", 3)}, {"NONSENSE"}, {"GET", "nothing"}}, soon());
    ASSERT_TRUE(replies);
    EXPECT_EQ((*replies)[0].text, "PONG");
    EXPECT_EQ((*replies)[1].kind, RedisReply::Kind::integer);
    EXPECT_EQ((*replies)[2].text, std::string("a\0b", 3));
    EXPECT_EQ((*replies)[3].kind, RedisReply::Kind::error);
    EXPECT_EQ((*replies)[4].kind, RedisReply::Kind::other);
  }
  EXPECT_EQ(server.ask({"GET", "n"}).text, "2");
}

TEST(RedisLink, LogsInAndSelectsADatabase) {
  const RedisServer server({"--requirepass", "right"});
  RedisAddress address = server.address();
  EXPECT_EQ(RedisLink::connect(address, soon()).value()->exchange({{"PING"}}, soon()).value()[0].kind, RedisReply::Kind::error);
  address.password = "wrong";
  EXPECT_EQ(RedisLink::connect(address, soon()).error().code, ErrorCode::unavailable);
  address.password = "right";
  address.database = 2;
  EXPECT_EQ(RedisLink::connect(address, soon()).value()->exchange({{"SET", "here", "1"}}, soon()).value()[0].text, "OK");
  address.database = 1;
  EXPECT_EQ(RedisLink::connect(address, soon()).value()->exchange({{"EXISTS", "here"}}, soon()).value()[0].integer, 0);
  address.database = 999;
  EXPECT_FALSE(RedisLink::connect(address, soon()));
}

TEST(RedisLink, TlsIsVerified) {
  const RedisServer server({}, true);
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    RedisAddress address = server.address();
    address.stream.host = host;
    const auto link = RedisLink::connect(address, soon());
    ASSERT_TRUE(link) << describe(link.error());
    EXPECT_EQ((*link)->exchange({{"ECHO", std::string(10'000, 'x')}}, soon()).value()[0].text.size(), 10'000u);
  }
  RedisAddress unknown = server.address();
  unknown.stream.ca_file.clear();
  EXPECT_FALSE(RedisLink::connect(unknown, soon()));
  RedisAddress other_name = server.address();
  other_name.stream.host = "127.0.0.2";  // answers there too if it may; its certificate is not for it
  EXPECT_FALSE(RedisLink::connect(other_name, soon()));
  RedisAddress plain = server.address();
  plain.stream.tls = false;
  const auto link = RedisLink::connect(plain, soon());
  EXPECT_TRUE(!link || !(*link)->exchange({{"PING"}}, soon()));
}

TEST(RedisLink, WithoutTlsItGoesNowhereElseWhateverTheNameLeadsTo) {
  StreamAddress address;
  address.host = "192.0.2.1";
  address.port = 6379;
  EXPECT_EQ(DeadlineSocket::connect(address, soon()).error().code, ErrorCode::unavailable);
}

TEST(RedisLink, EveryWaitEnds) {
  const RedisServer server;
  const auto link = RedisLink::connect(server.address(), soon());
  ASSERT_TRUE(link);
  server.signal(SIGSTOP);
  EXPECT_EQ((*link)->exchange({{"PING"}}, std::chrono::steady_clock::now() + limits::kSharedRateLimitPatience).error().code, ErrorCode::timeout);
  server.signal(SIGCONT);
}

TEST(RedisLink, AReplyIsBounded) {
  const RedisServer server;
  const auto link = RedisLink::connect(server.address(), soon());
  ASSERT_TRUE(link);
  EXPECT_FALSE((*link)->exchange({{"ECHO", std::string(2 * limits::kMaxRateLimitReplyBytes, 'x')}}, soon()));
}

}  // namespace
}  // namespace osler::http
