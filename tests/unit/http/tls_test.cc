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

using testing::diagnose_request;
using testing::FakeService;
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

  void write_pair(const std::string& name, long serial = 1) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
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

/// One TLS connection.
class TlsWire {
 public:
  explicit TlsWire(std::uint16_t port, int highest = TLS1_3_VERSION) : wire_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, highest);
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, wire_.descriptor());
  }
  ~TlsWire() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
  }
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;

  /// False when the handshake fails.
  bool send(const std::string& bytes) { return SSL_connect(tls_) == 1 && (bytes.empty() || send_more(bytes)); }
  bool send_more(const std::string& bytes) { return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0; }
  long serial() const {
    X509* certificate = SSL_get1_peer_certificate(tls_);
    const long number = certificate == nullptr ? 0 : ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return number;
  }
  void finish_sending() { wire_.finish_sending(); }
  void reset() { wire_.reset(); }
  /// What comes next; "" at the end.
  std::string receive_some() {
    char buffer[4096];
    const int count = SSL_read(tls_, buffer, sizeof buffer);
    return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
  }
  std::string receive_all() {
    std::string answer;
    for (std::string more = receive_some(); !more.empty(); more = receive_some()) answer += more;
    return answer;
  }

 private:
  Wire wire_;
  SSL_CTX* context_;
  SSL* tls_;
};

/// Sends one request and reads to the end; "" when the handshake fails.
std::string ask_over_tls(std::uint16_t port, const std::string& bytes, int highest = TLS1_3_VERSION) {
  TlsWire wire(port, highest);
  return wire.send(bytes) ? wire.receive_all() : "";
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
  for (const int old : {TLS1_VERSION, TLS1_1_VERSION}) EXPECT_EQ(ask_over_tls(server.port(), closing("/health/live"), old), "");
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

// client_gone_test.cc has the same without TLS.
TEST_F(TlsTest, AClientThatEndsItsSendingIsAskedAndGetsItsAnswer) {
  auto options = hospital();
  options.bounds.drain_timeout = std::chrono::milliseconds(20);  // it cannot say farewell any more
  RunningServer server(options);
  server.service().mode = FakeService::Mode::hold;
  TlsWire wire(server.port());
  ASSERT_TRUE(wire.send(diagnose_request("{}", "Authorization: Bearer good key\r\n")));
  server.service().wait_for(1);
  wire.finish_sending();
  EXPECT_EQ(wire.receive_some(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_FALSE(server.service().context(0).gone());
  server.service().release();
  EXPECT_TRUE(wire.receive_all().starts_with("HTTP/1.1 200 "));
}

TEST_F(TlsTest, AClientThatResetsHasGone) {
  RunningServer server(hospital());
  server.service().mode = FakeService::Mode::hold;
  {
    TlsWire wire(server.port());
    ASSERT_TRUE(wire.send(diagnose_request("{}", "Authorization: Bearer good key\r\n")));
    server.service().wait_for(1);
    wire.reset();
  }
  const auto gone = server.service().context(0).gone;
  while (!gone()) ASSERT_NE(ask_over_tls(server.port(), closing("/health/live")), "");
  EXPECT_TRUE(gone());
  server.service().release();
}

/// The number in the certificate that a server shows; 0 without one.
long serial_at(std::uint16_t port) {
  TlsWire wire(port);
  return wire.send("") ? wire.serial() : 0;
}

TEST_F(TlsTest, ANewCertificateIsServedWithoutARestartAndABrokenOneIsNot) {
  auto options = hospital();
  options.bounds.certificate_check = std::chrono::milliseconds(5);
  RunningServer server(options);
  const auto becomes = [&](long serial) {
    for (int round = 0; round < 3000; ++round)
      if (serial_at(server.port()) == serial) return true;
    return false;
  };
  EXPECT_EQ(serial_at(server.port()), 1);
  TlsWire before(server.port());
  ASSERT_TRUE(before.send(request("GET", "/health/live", "")));
  EXPECT_TRUE(before.receive_some().starts_with("HTTP/1.1 200 "));
  write_pair("one", 2);
  EXPECT_TRUE(becomes(2));
  std::filesystem::resize_file(path("one.crt"), 10);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(serial_at(server.port()), 2);
  write_pair("one", 3);
  EXPECT_TRUE(becomes(3));
  ASSERT_TRUE(before.send_more(closing("/health/live")));  // a connection goes on with what it began with
  EXPECT_NE(before.receive_all().find("HTTP/1.1 200 "), std::string::npos);
}

TEST_F(TlsTest, ACertificateIsReadAgainWhenItIsToldTo) {
  auto certificate = Certificate::load({path("one.crt"), path("one.key")}, Logger(LogLevel::error));
  ASSERT_TRUE(certificate);
  const auto* first = &certificate->context();
  EXPECT_GT(certificate->expires(), SystemClock().now());
  EXPECT_LT(certificate->expires(), SystemClock().now() + std::chrono::hours(2));
  certificate->refresh();
  EXPECT_EQ(&certificate->context(), first);
  certificate->refresh(true);
  EXPECT_NE(&certificate->context(), first);
}

TEST_F(TlsTest, ARefusedCertificateIsLoggedOnceAndWithoutItsContent) {
  auto certificate = Certificate::load({path("one.crt"), path("one.key")}, Logger(LogLevel::info));
  ASSERT_TRUE(certificate);
  const auto* first = &certificate->context();
  std::filesystem::copy_file(path("two.key"), path("one.key"), std::filesystem::copy_options::overwrite_existing);
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) certificate->refresh();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(&certificate->context(), first);
  EXPECT_NE(log.find("certificate_refused"), std::string::npos) << log;
  EXPECT_EQ(log.find("certificate_refused"), log.rfind("certificate_refused")) << log;
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
