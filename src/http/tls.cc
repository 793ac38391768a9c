#include "http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <ctime>

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

/// Another text whenever the file is another.
std::string identity_of(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return "missing ";
  std::string text;
  for (const auto number : {static_cast<long long>(file.st_ino), static_cast<long long>(file.st_size), static_cast<long long>(file.st_mtim.tv_sec), static_cast<long long>(file.st_mtim.tv_nsec)})
    text += std::to_string(number) + " ";
  return text;
}

WallTime end_of(const SSL_CTX* context) {
  const X509* certificate = SSL_CTX_get0_certificate(context);
  std::tm time{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return {};
  return WallTime(std::chrono::seconds(timegm(&time)));
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

Result<Certificate> Certificate::load(const TlsFiles& files, Logger logger) {
  Certificate certificate(files, logger);
  TRY_VOID(certificate.load_files());
  return certificate;
}

Result<void> Certificate::load_files() {
  seen_ = identity_of(files_.certificate_chain) + identity_of(files_.private_key);  // before reading: a change meanwhile is seen next time
  context_ = TRY(make_tls_context(files_));
  expires_ = end_of(context_->native_handle());
  return ok();
}

void Certificate::refresh(bool always) {
  if (!always && seen_ == identity_of(files_.certificate_chain) + identity_of(files_.private_key)) return;
  const Result<void> loaded = load_files();
  if (loaded) return logger_.info("certificate_loaded", {{"expires", LogText::safe(to_rfc3339(expires_))}});
  logger_.error("certificate_refused", {{"detail", LogText::safe(describe(loaded.error()))}});
}

}  // namespace osler::http
