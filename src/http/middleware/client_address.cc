#include "http/middleware/client_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "http/target.h"

namespace osler::http {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kMaxHops = 32;

bool is_trusted(const IpAddress& address, const std::vector<IpNetwork>& trusted) {
  return std::any_of(trusted.begin(), trusted.end(), [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string plain(text.substr(0, text.find('%')));
  IpAddress address;
  if (inet_pton(AF_INET, plain.c_str(), address.bytes_.data()) == 1) {
    address.v4_ = true;
    return address;
  }
  if (inet_pton(AF_INET6, plain.c_str(), address.bytes_.data()) != 1) return std::nullopt;
  if (!std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin())) return address;
  IpAddress mapped;
  mapped.v4_ = true;
  std::copy(address.bytes_.begin() + 12, address.bytes_.end(), mapped.bytes_.begin());
  return mapped;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

bool IpAddress::is_loopback() const {
  if (v4_) return bytes_[0] == 127;
  return bytes_.back() == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; });
}

IpAddress IpAddress::masked(unsigned bits) const {
  IpAddress result = *this;
  for (unsigned bit = bits; bit < 128; ++bit)
    result.bytes_[bit / 8] = static_cast<std::uint8_t>(result.bytes_[bit / 8] & ~(0x80u >> (bit % 8)));
  return result;
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const Error error = make_error(ErrorCode::configuration,
                                 "A trusted proxy must be an address or a network such as 10.0.0.0/8.");
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return error;
  const unsigned most = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return IpNetwork(*address, most);
  const auto bits = parse_count(text.substr(slash + 1), 0, most);
  if (!bits) return error;
  return IpNetwork(address->masked(static_cast<unsigned>(*bits)), static_cast<unsigned>(*bits));
}

bool IpNetwork::contains(const IpAddress& address) const {
  return address.is_v4() == first_.is_v4() && address.masked(bits_) == first_;
}

std::string client_address(const Request& request, const std::vector<IpNetwork>& trusted_proxies) {
  auto client = IpAddress::parse(request.peer_address);
  if (!client) return request.peer_address;
  std::string chain;  // all X-Forwarded-For fields are one list (RFC 9110 section 5.3)
  for (const auto& [name, value] : request.headers.all())
    if (name == "x-forwarded-for") chain += (chain.empty() ? "" : ",") + value;
  std::string_view rest = chain;
  for (std::size_t hop = 0; hop < kMaxHops && !rest.empty() && is_trusted(*client, trusted_proxies); ++hop) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    const auto named = IpAddress::parse(trim(last));
    if (!named) break;
    client = named;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return client->text();
}

std::string rate_limit_name(std::string_view address) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || parsed->is_v4()) return std::string(address);
  return parsed->masked(64).text() + "/64";
}

}  // namespace osler::http
