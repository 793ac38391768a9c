#include "http/middleware/client_address.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

std::vector<IpNetwork> trusted(std::initializer_list<std::string_view> texts) {
  std::vector<IpNetwork> networks;
  for (const std::string_view text : texts) networks.push_back(IpNetwork::parse(text).value());
  return networks;
}

Request from(std::string peer, std::initializer_list<std::string_view> forwarded) {
  Request request;
  request.peer_address = std::move(peer);
  for (const std::string_view value : forwarded) request.headers.add("X-Forwarded-For", value);
  return request;
}

TEST(IpAddress, ParsesBothFamilies) {
  EXPECT_EQ(IpAddress::parse("10.1.2.3")->text(), "10.1.2.3");
  EXPECT_EQ(IpAddress::parse("[2001:DB8::1]")->text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("fe80::1%eth0")->text(), "fe80::1");
  EXPECT_EQ(IpAddress::parse("::ffff:10.1.2.3")->text(), "10.1.2.3");
  for (const std::string_view text : {"", "10.1.2", "10.1.2.256", "localhost", "::g", "1.2.3.4:80", "[10.1.2.3"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, KnowsLoopback) {
  EXPECT_TRUE(IpAddress::parse("127.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::ffff:127.0.0.1")->is_loopback());
  for (const std::string_view text : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "2001::1"})
    EXPECT_FALSE(IpAddress::parse(text)->is_loopback()) << text;
}

TEST(IpNetwork, ContainsByPrefix) {
  const IpNetwork ten = IpNetwork::parse("10.9.0.0/16").value();
  EXPECT_TRUE(ten.contains(*IpAddress::parse("10.9.255.255")));
  EXPECT_FALSE(ten.contains(*IpAddress::parse("10.10.0.0")));
  EXPECT_FALSE(ten.contains(*IpAddress::parse("a09::")));  // the same bits in the other family
  EXPECT_TRUE(IpNetwork::parse("10.9.1.1/16")->contains(*IpAddress::parse("10.9.7.7")));
  EXPECT_TRUE(IpNetwork::parse("::1")->contains(*IpAddress::parse("::1")));
  EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->contains(*IpAddress::parse("8.8.8.8")));
  EXPECT_FALSE(IpNetwork::parse("0.0.0.0/0")->contains(*IpAddress::parse("2001::1")));
}

TEST(IpNetwork, RefusesWhatCannotBeRead) {
  for (const std::string_view text : {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "/8"})
    EXPECT_EQ(IpNetwork::parse(text).error().code, ErrorCode::configuration) << text;
}

TEST(ClientAddress, NobodyIsBelievedWithoutTrust) {
  EXPECT_EQ(client_address(from("203.0.113.9", {"1.2.3.4"}), {}), "203.0.113.9");
  EXPECT_EQ(client_address(from("203.0.113.9", {"1.2.3.4"}), trusted({"10.0.0.0/8"})), "203.0.113.9");
}

TEST(ClientAddress, ATrustedProxyNamesItsClient) {
  EXPECT_EQ(client_address(from("10.0.0.1", {"203.0.113.9"}), trusted({"10.0.0.0/8"})), "203.0.113.9");
  EXPECT_EQ(client_address(from("10.0.0.1", {}), trusted({"10.0.0.0/8"})), "10.0.0.1");
}

TEST(ClientAddress, OnlyTheRightMostUntrustedHopCounts) {
  // The client itself wrote 1.2.3.4; the first proxy added 203.0.113.9; the second added the first.
  EXPECT_EQ(client_address(from("10.0.0.2", {"1.2.3.4, 203.0.113.9, 10.0.0.1"}), trusted({"10.0.0.0/8"})), "203.0.113.9");
  EXPECT_EQ(client_address(from("10.0.0.2", {"1.2.3.4", "203.0.113.9, 10.0.0.1"}), trusted({"10.0.0.0/8"})), "203.0.113.9");
}

TEST(ClientAddress, NonsenseInTheChainStopsAtTheLastBelievableHop) {
  EXPECT_EQ(client_address(from("10.0.0.2", {"garbage"}), trusted({"10.0.0.0/8"})), "10.0.0.2");
  EXPECT_EQ(client_address(from("10.0.0.2", {"1.2.3.4, x, 10.0.0.1"}), trusted({"10.0.0.0/8"})), "10.0.0.1");
  EXPECT_EQ(client_address(from("10.0.0.2", {std::string_view(",,,,")}), trusted({"10.0.0.0/8"})), "10.0.0.2");
}

TEST(RateLimitName, AnIpv6ClientIsItsNetwork) {
  EXPECT_EQ(rate_limit_name("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(rate_limit_name("2001:db8:1:2:3:4:5:6"), rate_limit_name("2001:db8:1:2::9"));
  EXPECT_NE(rate_limit_name("2001:db8:1:2::9"), rate_limit_name("2001:db8:1:3::9"));
  EXPECT_EQ(rate_limit_name(""), "");
}

}  // namespace
}  // namespace osler::http
