#include "http/middleware/https_fetch.h"

#include <curl/curl.h>

#include <memory>

#include "base/limits.h"

namespace osler::http {

namespace {

constexpr long kConnectTimeoutMs = 5000, kTimeoutMs = 10'000;

/// libcurl's way to take a body: fewer bytes than it was given end the transfer.
std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > limits::kMaxKeySetBytes) return 0;
  body.append(bytes, size * count);
  return size * count;
}

bool configure(CURL* transfer, const std::string& address, const std::string& ca_file, std::string& body) {
  const auto set = [transfer](CURLoption option, auto value) { return curl_easy_setopt(transfer, option, value) == CURLE_OK; };
  return set(CURLOPT_URL, address.c_str()) && set(CURLOPT_PROTOCOLS_STR, "https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) && set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
         (ca_file.empty() || (set(CURLOPT_CAINFO, ca_file.c_str()) && set(CURLOPT_CAPATH, static_cast<const char*>(nullptr)))) &&
         set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs) && set(CURLOPT_TIMEOUT_MS, kTimeoutMs) && set(CURLOPT_NOSIGNAL, 1L) &&
         set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)) && set(CURLOPT_WRITEFUNCTION, take_bytes) && set(CURLOPT_WRITEDATA, static_cast<void*>(&body));
}

Error failed(std::string why) { return make_error(ErrorCode::unavailable, "The document could not be fetched.", std::move(why)); }

}  // namespace

Result<std::string> fetch_https(const std::string& address, const std::string& ca_file) {
  const std::unique_ptr<CURL, void (*)(CURL*)> transfer(curl_easy_init(), curl_easy_cleanup);
  std::string body;
  if (transfer == nullptr || !configure(transfer.get(), address, ca_file, body)) return failed("libcurl refuses its settings");
  const CURLcode outcome = curl_easy_perform(transfer.get());
  if (outcome != CURLE_OK) return failed(curl_easy_strerror(outcome));
  long status = 0;
  curl_easy_getinfo(transfer.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return failed("status " + std::to_string(status));
  return body;
}

}  // namespace osler::http
