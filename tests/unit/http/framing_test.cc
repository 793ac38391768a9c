#include "http/framing.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace osler::http {
namespace {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

struct Outcome {
  std::optional<FramingFault> fault;
  Request request;
  Framing framing;
  unsigned status() const { return fault ? fault->status : 0; }
};

Outcome check(std::string_view target, Fields fields, unsigned version = 11, std::string_view method = "POST") {
  Outcome outcome;
  outcome.request.method = method;
  for (const auto& [name, value] : fields) outcome.request.headers.add(name, value);
  outcome.fault = check_framing(target, version, outcome.request, outcome.framing);
  return outcome;
}

TEST(Framing, AnOrdinaryRequest) {
  const Outcome outcome = check("/x?y=1", {{"Host", "h"}, {"Content-Length", "12"}});
  EXPECT_EQ(outcome.status(), 0u);
  EXPECT_EQ(outcome.request.path, "/x");
  EXPECT_EQ(outcome.request.query, "y=1");
  EXPECT_EQ(outcome.framing.content_length, 12u);
  EXPECT_TRUE(outcome.framing.has_body());
  EXPECT_FALSE(check("/", {{"Host", "h"}, {"Content-Length", "0"}}).framing.has_body());
  EXPECT_TRUE(check("/", {{"Host", "h"}, {"Transfer-Encoding", "Chunked"}}).framing.chunked);
}

TEST(Framing, WhateverCouldBeReadTwoWaysIsRefused) {
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "1"}, {"Content-Length", "1"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "1, 1"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "+1"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", ""}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "99999999999999999999999"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Transfer-Encoding", "gzip, chunked"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Transfer-Encoding", "identity"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Transfer-Encoding", "chunked"}}, 10).status(), 400u);
}

TEST(Framing, ExactlyOneHost) {
  EXPECT_EQ(check("/", {}).status(), 400u);
  EXPECT_EQ(check("/", {{"Host", "a"}, {"Host", "a"}}).status(), 400u);
  EXPECT_EQ(check("/", {}, 10).status(), 0u);
  EXPECT_EQ(check("http://a/", {{"Host", "A"}}).status(), 0u);
  EXPECT_EQ(check("http://a/", {{"Host", "b"}}).status(), 400u);
}

TEST(Framing, BodyOverTheBoundIsRefusedByItsLengthAlone) {
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", "10000000000"}}).status(), 413u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", std::to_string(limits::kMaxBatchBytes + 1)}}).status(), 413u);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Content-Length", std::to_string(limits::kMaxBatchBytes)}}).status(), 0u);
}

TEST(Framing, TargetOverTheBound) {
  EXPECT_EQ(check("/" + std::string(limits::kMaxTargetBytes, 'a'), {{"Host", "h"}}).status(), 414u);
  EXPECT_EQ(check("/" + std::string(limits::kMaxTargetBytes - 1, 'a'), {{"Host", "h"}}).status(), 0u);
}

TEST(Framing, TheAsteriskIsForOptions) {
  EXPECT_EQ(check("*", {{"Host", "h"}}, 11, "GET").status(), 400u);
  EXPECT_EQ(check("*", {{"Host", "h"}}, 11, "OPTIONS").status(), 0u);
}

TEST(Framing, Expectations) {
  EXPECT_TRUE(check("/", {{"Host", "h"}, {"Expect", "100-Continue"}}).framing.expects_continue);
  EXPECT_EQ(check("/", {{"Host", "h"}, {"Expect", "200-ok"}}).status(), 417u);
  EXPECT_FALSE(check("/", {{"Host", "h"}, {"Expect", "100-continue"}}, 10).framing.expects_continue);
}

}  // namespace
}  // namespace osler::http
