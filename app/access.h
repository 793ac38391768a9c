// Who may ask a server, as configured: keys of a file and of the store, tokens of an identity provider, and how often.
#pragma once

#include <memory>
#include <optional>

#include "app/config.h"
#include "app/housekeeping.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "cases/api_keys.h"
#include "http/middleware/jwt.h"
#include "http/middleware/shared_rate_limit.h"
#include "http/options.h"
#include "vault/names.h"

namespace osler::app {

/// What JWT_ISSUER, JWT_AUDIENCE and the other settings of tokens say; none when they are not set. ErrorCode::configuration for some without the others,
/// or a role that is not known.
Result<std::optional<http::TokenRules>> token_rules(const Config& config);

/// All that http::ServerOptions only points to; it outlives the server. Not movable: the parts refer to one another.
class Access {
 public:
  /// Reads API_KEYS_FILE, the keys of the store and the key set, connects to the shared rate limit. A key set or a rate limit that is away does not stop
  /// the start. Everything that is passed outlives it. Errors: configuration, or those of the store.
  static Result<std::unique_ptr<Access>> open(const Config& config, FileSystem& files, cases::ApiKeys& stored, const vault::Names& names, const Clock& clock, Logger logger);

  /// Sets what `options` say about callers and about the shared rate limit.
  void give_to(http::ServerOptions& options);

  /// A new set of keys within this time of the store's.
  static constexpr std::chrono::seconds kKeyInterval{2};

 private:
  Access(const Config& config, FileSystem& files, cases::ApiKeys& stored, const vault::Names& names, Logger logger);
  Result<void> refresh_keys();
  Result<void> start_tokens(const Clock& clock);
  Result<void> start_rate_limit();

  const Config& config_;
  FileSystem& files_;
  cases::ApiKeys& stored_;
  const vault::Names& names_;
  const Logger logger_;
  std::vector<http::ApiKey> file_keys_;
  http::HeldKeys held_;
  bool holds_any_ = false;  // at the start
  std::unique_ptr<http::KeySetSource> key_set_;
  std::unique_ptr<http::TokenVerifier> tokens_;
  std::unique_ptr<http::SharedRateLimit> rate_limit_;
  std::optional<Housekeeping> housekeeping_;
};

}  // namespace osler::app
