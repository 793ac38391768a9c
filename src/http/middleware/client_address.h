// Where a request comes from: addresses, networks, and whom to believe about them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 counts as the IPv4 address.
class IpAddress {
 public:
  /// A numeric address, with or without brackets or a zone; none otherwise.
  static std::optional<IpAddress> parse(std::string_view text);

  std::string text() const;
  bool is_loopback() const;
  bool is_v4() const { return v4_; }
  /// The first `bits` bits kept, the rest zero.
  IpAddress masked(unsigned bits) const;
  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v4_ = false;
};

/// `10.0.0.0/8`, `::1`, `192.168.1.4`.
class IpNetwork {
 public:
  /// ErrorCode::configuration when it cannot be read.
  static Result<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& address) const;

 private:
  IpNetwork(IpAddress first, unsigned bits) : first_(first), bits_(bits) {}
  IpAddress first_;
  unsigned bits_;
};

/// The peer's address, or, when the peer is a trusted proxy, the right-most address of X-Forwarded-For that is not
/// one. Whatever anybody else writes into that header is not believed.
std::string client_address(const Request& request, const std::vector<IpNetwork>& trusted_proxies);

/// The name under which an address shares a rate limit: itself, or its /64 for IPv6, which one client holds whole.
std::string rate_limit_name(std::string_view address);

}  // namespace osler::http
