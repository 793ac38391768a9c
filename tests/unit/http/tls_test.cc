// TLS, keys and roles as outside trial mode.
#include "http/tls.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>

#include "base/ids.h"
#include "inspect.h"
#include "wire.h"

namespace osler::http {
namespace {

using testing::request;
using testing::RunningServer;
using testing::sha256;
using testing::trial_options;
using testing::Wire;

/// A folder with two self-signed certificates and their keys.
class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("osler-tls-" + make_uuid());
    std::filesystem::create_directories(folder_);
    write_pair("one");
    write_pair("two");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void write_pair(const std::string& name) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = std::fopen(path(name + ".crt").c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(path(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  ServerOptions hospital() const {
    auto options = trial_options();
    options.trial = false;
    options.tls = TlsFiles{path("one.crt"), path("one.key")};
    options.api_keys = {ApiKey::create("ward", "clinician", sha256("good key")).value()};
    return options;
  }

  std::filesystem::path folder_;
};

/// One TLS connection that sends one request and reads to the end; "" when the handshake fails.
std::string ask_over_tls(std::uint16_t port, const std::string& bytes, int highest = TLS1_3_VERSION) {
  Wire wire(port);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, highest);
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, wire.descriptor());
  std::string answer;
  if (SSL_connect(tls) == 1 && SSL_write(tls, bytes.data(), static_cast<int>(bytes.size())) > 0) {
    char buffer[4096];
    int count;
    while ((count = SSL_read(tls, buffer, sizeof buffer)) > 0) answer.append(buffer, static_cast<std::size_t>(count));
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  return answer;
}

std::string closing(std::string_view path, std::string_view headers = {}) {
  return request("GET", path, "Connection: close\r\n" + std::string(headers));
}

TEST_F(TlsTest, ServesOverTlsOnly) {
  RunningServer server(hospital());
  const std::string answer = ask_over_tls(server.port(), closing("/health/live"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find("Strict-Transport-Security"), std::string::npos);
  Wire plain(server.port());
  EXPECT_LE(plain.ask(closing("/health/live")).status, 0);  // a TLS alert at most, never HTTP
}

TEST_F(TlsTest, OldProtocolsAreRefused) {
  RunningServer server(hospital());
  EXPECT_EQ(ask_over_tls(server.port(), closing("/health/live"), TLS1_1_VERSION), "");
  EXPECT_TRUE(ask_over_tls(server.port(), closing("/health/live"), TLS1_2_VERSION).starts_with("HTTP/1.1 200 "));
}

TEST_F(TlsTest, KeysAreRequiredOverTheWire) {
  RunningServer server(hospital());
  const std::string refused = ask_over_tls(server.port(), closing("/api/v1/metrics"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 401 ")) << refused;
  EXPECT_NE(refused.find("WWW-Authenticate: Bearer"), std::string::npos);
  EXPECT_TRUE(ask_over_tls(server.port(), closing("/api/v1/metrics", "Authorization: Bearer good key\r\n"))
                  .starts_with("HTTP/1.1 200 "));
}

TEST_F(TlsTest, AClientThatVanishesDuringTheHandshakeHarmsNobody) {
  RunningServer server(hospital());
  {
    Wire wire(server.port());
    wire.send("\x16\x03\x01");
  }
  EXPECT_TRUE(ask_over_tls(server.port(), closing("/health/live")).starts_with("HTTP/1.1 200 "));
}

TEST_F(TlsTest, WrongFilesStopTheStart) {
  EXPECT_TRUE(make_tls_context({path("one.crt"), path("one.key")}));
  const TlsFiles wrong[] = {{path("none.crt"), path("one.key")},  // no such file
                            {path("one.crt"), path("none.key")},
                            {path("one.key"), path("one.key")},   // not a certificate
                            {path("one.crt"), path("two.key")}};  // another's key
  for (const TlsFiles& files : wrong) {
    const auto context = make_tls_context(files);
    ASSERT_FALSE(context) << files.certificate_chain << " " << files.private_key;
    EXPECT_EQ(context.error().code, ErrorCode::configuration);
  }
}

}  // namespace
}  // namespace osler::http
