#include "http/middleware/trial_guard.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

TEST(TrialGuard, KnowsLoopbackHosts) {
  for (const std::string_view host : {"localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const std::string_view host :
       {"", "evil.example", "localhost.evil.example", "evil.example:8000", "localhost:", "localhost:x", "localhost:0",
        "localhost:65536", "127.0.0.1.evil.example", "127.0.0.2", "::1", "[::1", "[::1]x", "[::2]", "0.0.0.0", "[", "]",
        "localhost@evil.example", " localhost", "localhost "})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(TrialGuard, OneLoopbackHostIsRequired) {
  HeaderFields none;
  EXPECT_EQ(check_trial_request(none).error().code, ErrorCode::forbidden);
  HeaderFields two;
  two.add("Host", "localhost");
  two.add("Host", "localhost");
  EXPECT_FALSE(check_trial_request(two));
  HeaderFields one;
  one.add("Host", "localhost:8000");
  EXPECT_TRUE(check_trial_request(one));
}

TEST(TrialGuard, RefusesWhateverAProxyLeaves) {
  for (const std::string_view name :
       {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-proto", "X-Real-IP", "Via"}) {
    HeaderFields headers;
    headers.add("Host", "localhost");
    headers.add(name, "127.0.0.1");
    const auto result = check_trial_request(headers);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().code, ErrorCode::forbidden);
  }
}

}  // namespace
}  // namespace osler::http
