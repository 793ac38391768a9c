#include "http/tls.h"

#include <openssl/ssl.h>

namespace osler::http {

namespace ssl = boost::asio::ssl;

namespace {

Error refuse(std::string why, const boost::system::error_code& failure) {
  return make_error(ErrorCode::configuration, std::move(why), failure.message());
}

/// False when OpenSSL does not take a setting.
bool harden(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_tls_context(const TlsFiles& files) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  if (!harden(context->native_handle())) return make_error(ErrorCode::configuration, "OpenSSL refuses the TLS settings.");
  boost::system::error_code failure;
  // Without this an encrypted key would make OpenSSL ask on the terminal.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, failure);
  context->use_certificate_chain_file(files.certificate_chain, failure);
  if (failure) return refuse("The TLS certificate chain cannot be read as PEM.", failure);
  context->use_private_key_file(files.private_key, ssl::context::pem, failure);
  if (failure)
    return refuse("The TLS private key cannot be read as PEM without a passphrase, or is not the certificate's.", failure);
  return context;
}

}  // namespace osler::http
