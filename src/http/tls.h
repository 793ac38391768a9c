// The TLS side of the server.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.h"
#include "http/options.h"

namespace osler::http {

/// TLS 1.2 and 1.3 with forward secrecy, no renegotiation, no compression. ErrorCode::configuration when a file cannot be
/// read, is not PEM, or the key is not the certificate's.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

}  // namespace osler::http
