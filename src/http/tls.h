// The TLS side of the server.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/options.h"

namespace osler::http {

/// TLS 1.2 and 1.3 with forward secrecy, no renegotiation, no compression. ErrorCode::configuration when a file cannot be
/// read, is not PEM, or the key is not the certificate's.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

/// The context of the certificate files as they are now. One thread at a time.
class Certificate {
 public:
  /// Errors as for make_tls_context().
  static Result<Certificate> load(const TlsFiles& files, Logger logger);

  /// For new connections; those that stand go on with the one that they began with.
  boost::asio::ssl::context& context() { return *context_; }

  /// Loads again when a file is another than last time (or `always`). Files that are refused leave the old certificate and are logged, once.
  void refresh(bool always = false);

  /// When the certificate ends.
  WallTime expires() const { return expires_; }

 private:
  Certificate(TlsFiles files, Logger logger) : files_(std::move(files)), logger_(logger) {}
  Result<void> load_files();

  TlsFiles files_;
  Logger logger_;
  std::string seen_;  // which files, by inode, size and time of change
  std::unique_ptr<boost::asio::ssl::context> context_;
  WallTime expires_{};
};

}  // namespace osler::http
