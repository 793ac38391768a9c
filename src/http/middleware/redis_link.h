// One connection to Valkey or Redis that sends many commands at once and reads their answers: the protocol by hiredis, the socket our own, since the
// hiredis of Debian 12 knows no TLS and no deadline for a whole exchange.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/middleware/deadline_socket.h"

struct redisReader;

namespace osler::http {

struct RedisAddress {
  StreamAddress stream{};
  unsigned database = 0;
  std::string user{}, password{};  // AUTH; empty: none
};

/// `redis://host[:6379][/db]` on this machine (loopback), `rediss://...` anywhere, verified by `ca_file`, or `unix:///path/of/socket`. `user:password@` may
/// stand before the host, percent-encoded. ErrorCode::configuration, which never repeats the address, for anything else.
Result<RedisAddress> parse_redis_url(std::string_view url, const std::string& ca_file);

struct RedisReply {
  enum class Kind { integer, text, error, other };
  Kind kind = Kind::other;
  long long integer = 0;
  std::string text;  // of an error too
};

using RedisCommand = std::vector<std::string>;

/// For one thread at a time. After an error it is of no more use.
class RedisLink {
 public:
  using Deadline = DeadlineSocket::Deadline;

  /// Connects, logs in, selects the database.
  static Result<std::unique_ptr<RedisLink>> connect(const RedisAddress& address, Deadline deadline);

  /// One reply for each command, in order. An error that the server answers is a reply.
  Result<std::vector<RedisReply>> exchange(const std::vector<RedisCommand>& commands, Deadline deadline);

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const;
  };
  explicit RedisLink(std::unique_ptr<DeadlineSocket> socket);
  Result<RedisReply> read_reply(Deadline deadline);

  std::unique_ptr<DeadlineSocket> socket_;
  std::unique_ptr<redisReader, FreeReader> reader_;
};

}  // namespace osler::http
