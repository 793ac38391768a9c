#include "http/middleware/redis_link.h"

#include <hiredis/hiredis.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "http/middleware/client_address.h"
#include "http/target.h"

namespace osler::http {

namespace {

constexpr std::uint16_t kPort = 6379;
constexpr std::size_t kMaxDatabase = 1'000'000;

Error wrong(std::string why) { return make_error(ErrorCode::configuration, "RATE_LIMIT_URL is wrong: " + std::move(why) + "."); }

bool is_this_machine(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = IpAddress::parse(host);
  return address && address->is_loopback();
}

Result<std::string> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return wrong("a % must stand before two hexadecimal digits");
    plain += static_cast<char>(byte->front());
    i += 2;
  }
  return plain;
}

Result<void> read_login(std::string_view text, RedisAddress& address) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return wrong("before @ stand user:password");
  address.user = TRY(unescape(text.substr(0, colon)));
  address.password = TRY(unescape(text.substr(colon + 1)));
  return ok();
}

Result<void> read_host(std::string_view text, StreamAddress& stream) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = text.substr(0, colon);
  if (bracket != std::string_view::npos && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return wrong("the host is missing");
  stream.host = std::string(host);
  stream.port = kPort;
  if (colon == std::string_view::npos) return ok();
  const auto port = parse_count(text.substr(colon + 1), 1, 65535);
  if (!port) return wrong("the port must be 1 to 65535");
  stream.port = static_cast<std::uint16_t>(*port);
  return ok();
}

RedisReply plain_reply(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return {RedisReply::Kind::integer, reply.integer, {}};
  if (reply.type == REDIS_REPLY_ERROR) return {RedisReply::Kind::error, 0, std::string(reply.str, reply.len)};
  if (reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS) return {RedisReply::Kind::text, 0, std::string(reply.str, reply.len)};
  return {};
}

void append(const RedisCommand& command, std::string& bytes) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* text = nullptr;
  const auto length = redisFormatCommandArgv(&text, static_cast<int>(command.size()), words.data(), sizes.data());
  if (length > 0) bytes.append(text, static_cast<std::size_t>(length));
  redisFreeCommand(text);
}

}  // namespace

Result<RedisAddress> parse_redis_url(std::string_view url, const std::string& ca_file) {
  RedisAddress address;
  if (url.starts_with("unix:///")) {
    address.stream.socket_path = std::string(url.substr(7));
    return address;
  }
  address.stream.tls = url.starts_with("rediss://");
  if (!address.stream.tls && !url.starts_with("redis://")) return wrong("it must be redis://host:port/db, rediss://host:port/db or unix:///path");
  address.stream.ca_file = ca_file;
  std::string_view rest = url.substr(url.find("//") + 2);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    TRY_VOID(read_login(rest.substr(0, at), address));
    rest.remove_prefix(at + 1);
  }
  TRY_VOID(read_host(take_until(rest, '/'), address.stream));
  if (!rest.empty()) {
    const auto database = parse_count(rest, 0, kMaxDatabase);
    if (!database) return wrong("after the / stands the number of a database");
    address.database = static_cast<unsigned>(*database);
  }
  if (!address.stream.tls && !is_this_machine(address.stream.host)) return wrong("beyond this machine it must be rediss://, over TLS");
  return address;
}

void RedisLink::FreeReader::operator()(redisReader* reader) const { redisReaderFree(reader); }

RedisLink::RedisLink(std::unique_ptr<DeadlineSocket> socket) : socket_(std::move(socket)), reader_(redisReaderCreate()) {}

Result<std::unique_ptr<RedisLink>> RedisLink::connect(const RedisAddress& address, Deadline deadline) {
  std::unique_ptr<RedisLink> link(new RedisLink(TRY(DeadlineSocket::connect(address.stream, deadline))));
  std::vector<RedisCommand> greeting;
  if (!address.password.empty()) greeting.push_back(address.user.empty() ? RedisCommand{"AUTH", address.password} : RedisCommand{"AUTH", address.user, address.password});
  if (address.database != 0) greeting.push_back({"SELECT", std::to_string(address.database)});
  for (const RedisReply& reply : TRY(link->exchange(greeting, deadline)))
    if (reply.kind == RedisReply::Kind::error) return make_error(ErrorCode::unavailable, "The server of the rate limit refuses the login or the database.");
  return link;
}

Result<std::vector<RedisReply>> RedisLink::exchange(const std::vector<RedisCommand>& commands, Deadline deadline) {
  std::string bytes;
  for (const RedisCommand& command : commands) append(command, bytes);
  TRY_VOID(socket_->send(bytes, deadline));
  std::vector<RedisReply> replies;
  for (std::size_t i = 0; i < commands.size(); ++i) replies.push_back(TRY(read_reply(deadline)));
  return replies;
}

Result<RedisReply> RedisLink::read_reply(Deadline deadline) {
  const Error broken = make_error(ErrorCode::unavailable, "The server of the rate limit answers something else.", "not its protocol, or too long");
  std::size_t read = 0;
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) return broken;
    if (reply != nullptr) {
      const std::unique_ptr<void, void (*)(void*)> owner(reply, freeReplyObject);
      return plain_reply(*static_cast<const redisReply*>(reply));
    }
    if (read > limits::kMaxRateLimitReplyBytes) return broken;
    char bytes[4096];
    const std::size_t got = TRY(socket_->receive(bytes, sizeof bytes, deadline));
    read += got;
    if (redisReaderFeed(reader_.get(), bytes, got) != REDIS_OK) return broken;
  }
}

}  // namespace osler::http
